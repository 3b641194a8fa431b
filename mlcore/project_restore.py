"""The zip of a project back into a project, equal to the one that was packed.

The zip is a stranger's until it is proved: every name is one of ours, every file has
the size and the hash its manifest promises, the database is sound and no newer than
we are. Everything happens in a draft; only a whole project appears.
"""

import hashlib
import os
import shutil
import stat
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from mlcore.archives import ENCRYPTED, MAX_RATIO, RATIO_MATTERS_BYTES, ZIP_ERRORS
from mlcore.errors import BadArchive, MLError
from mlcore.export_outlet import PIECE_BYTES
from mlcore.project_manifest import (
    DATABASE_NAME,
    LIMIT_BYTES,
    MANIFEST_NAME,
    Manifest,
    PackedFile,
    not_a_project,
    read_manifest,
)
from mlcore.zip_directory import declared_size
from storage.home import home_dir
from storage.project_backup import (
    adopt_draft,
    check_copy,
    draft_project,
    free_name,
    open_copy,
    originals,
    run_ids,
    settle_copy,
)
from storage.projects import Project, clean_project_name, refuse_taken

OnProgress = Callable[[int, int], None]
IsCancelled = Callable[[], bool]
MAX_MEMBERS = 2_000_000
MAX_DIRECTORY_BYTES = 512 * 2**20
KEEP_FREE_BYTES = 256 * 2**20


class RestoreCancelled(MLError):
    """Somebody asked to end; nothing was made."""


def import_project(
    source: Path,
    name: str | None = None,
    *,
    shown: str = "",
    on_progress: OnProgress | None = None,
    is_cancelled: IsCancelled | None = None,
) -> Project:
    """Make a project of a packed one and open it.

    Without a name it takes its own, with a number behind it when that is taken.
    `shown` is what messages call the file, else its own name.
    Raises `BadArchive` when anything in the zip is not as its manifest says; nothing
    is left behind then.
    """
    if name is not None:
        name = clean_project_name(name)
        refuse_taken(home_dir(), name)
    shown = shown or source.name
    with _opened(source, shown) as archive, draft_project() as draft:
        manifest = _read_manifest(archive, shown)
        members = _matched_members(archive, manifest, shown)
        packed_bytes = max(source.stat().st_size, 1)
        _refuse_too_much(manifest, packed_bytes, shown)
        for done, (member, packed) in enumerate(members, 1):
            if is_cancelled is not None and is_cancelled():
                raise RestoreCancelled("Cancelled. No project was made.")
            _unpack(archive, member, packed, draft)
            if on_progress is not None:
                on_progress(done, len(members))
        _check_contents(draft, manifest, shown)
        if hasattr(os, "sync"):  # not on Windows
            os.sync()
        return adopt_draft(draft, name or free_name(manifest.name))


@contextmanager
def _opened(source: Path, shown: str) -> Iterator[zipfile.ZipFile]:
    if not source.is_file():
        raise BadArchive(f"There is no file “{source}”.")
    try:
        members, directory_bytes = declared_size(source)
        if members > MAX_MEMBERS or directory_bytes > MAX_DIRECTORY_BYTES:
            raise BadArchive(f"“{shown}” holds more than {MAX_MEMBERS:,} files.")
        archive = zipfile.ZipFile(source)
    except ZIP_ERRORS as error:
        raise BadArchive(
            f"“{shown}” is not a zip, or it is cut off or damaged. Copy or download"
            " it again."
        ) from error
    with archive:
        yield archive


def _read_manifest(archive: zipfile.ZipFile, shown: str) -> Manifest:
    try:
        member = archive.getinfo(MANIFEST_NAME)
    except KeyError:
        raise BadArchive(not_a_project(shown)) from None
    if member.file_size > LIMIT_BYTES:
        raise BadArchive(f"“{shown}” is damaged: its {MANIFEST_NAME} is too large.")
    try:
        with archive.open(member) as file:
            text = file.read(LIMIT_BYTES)
    except ZIP_ERRORS as error:
        raise BadArchive(f"“{shown}” is damaged: {error}.") from error
    return read_manifest(text, shown)


def _matched_members(
    archive: zipfile.ZipFile, manifest: Manifest, shown: str
) -> list[tuple[zipfile.ZipInfo, PackedFile]]:
    """Every member with what the manifest promises of it; nothing else may be there."""
    found = [x for x in archive.infolist() if x.filename != MANIFEST_NAME]
    names = [member.filename for member in found]
    strange = sorted(set(names) ^ manifest.files.keys())
    if strange or len(set(names)) != len(names):
        named = strange[0] if strange else "a name twice"
        raise BadArchive(
            f"“{shown}” is damaged: its files and its {MANIFEST_NAME} do not"
            f" agree (“{named[:100]}”). Pack the project again."
        )
    pairs = [(member, manifest.files[member.filename]) for member in found]
    for member, packed in pairs:
        _refuse_member(member, packed)
    return pairs


def _refuse_member(member: zipfile.ZipInfo, packed: PackedFile) -> None:
    mode = member.external_attr >> 16
    is_special = bool(stat.S_IFMT(mode)) and not stat.S_ISREG(mode)
    if is_special or member.flag_bits & ENCRYPTED or member.file_size != packed.bytes:
        raise BadArchive(
            f"“{member.filename[:100]}” in the zip is a link, is locked, or has not"
            " the size its manifest says. Nothing was taken from it."
        )


def _refuse_too_much(manifest: Manifest, packed_bytes: int, shown: str) -> None:
    unpacked = sum(packed.bytes for packed in manifest.files.values())
    if unpacked > RATIO_MATTERS_BYTES and unpacked / packed_bytes > MAX_RATIO:
        raise BadArchive(
            f"“{shown}” would unpack to {unpacked / 2**30:,.1f} GB from"
            f" {packed_bytes / 2**20:,.1f} MB. It was not opened."
        )
    free = shutil.disk_usage(home_dir()).free
    if unpacked + KEEP_FREE_BYTES > free:
        raise BadArchive(
            f"The project needs {unpacked / 2**30:,.1f} GB, and the disk of"
            f" {home_dir()} has {free / 2**30:,.1f} GB left. Free some space."
        )


def _unpack(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, packed: PackedFile, draft: Path
) -> None:
    # The name went through the manifest's list of places: no other comes here.
    path = draft / member.filename
    path.parent.mkdir(parents=True, exist_ok=True)
    digest, left = hashlib.sha256(), packed.bytes
    try:
        with archive.open(member) as file, path.open("xb") as out:
            # The size a zip declares may lie: never write more than promised.
            while left >= 0 and (piece := file.read(min(PIECE_BYTES, left + 1))):
                digest.update(piece)
                left -= len(piece)
                out.write(piece)
    except (FileExistsError, *ZIP_ERRORS) as error:
        if isinstance(error, OSError) and error.filename is not None:
            raise
        raise BadArchive(_differs(member.filename)) from error
    if left or digest.hexdigest() != packed.sha256:
        raise BadArchive(_differs(member.filename))


def _differs(name: str) -> str:
    return (
        f"“{name[:100]}” in the zip is damaged: it is not what was packed. Copy or"
        " download the zip again. Nothing was taken from it."
    )


def _check_contents(draft: Path, manifest: Manifest, shown: str) -> None:
    """Hold the database against the files: pictures, runs, nothing else."""
    check_copy(draft / DATABASE_NAME)
    with open_copy(draft / DATABASE_NAME) as db:
        pictures = {picture.place: picture.sha256 for picture in originals(db)}
        runs = {f"runs/{run_id}" for run_id in run_ids(db)}
        settle_copy(db)
    packed = {name for name in manifest.files if name.startswith("images/")}
    missing = set(manifest.missing)
    wrong = (packed ^ pictures.keys()) - missing
    wrong |= {
        name
        for name in packed - missing - wrong
        if manifest.files[name].sha256 != pictures[name]
    }
    wrong |= {
        name
        for name in manifest.files
        if name.startswith("runs/") and "/".join(name.split("/")[:2]) not in runs
    }
    if wrong:
        raise BadArchive(
            f"“{shown}” is damaged: “{min(wrong)[:100]}” is not in its project file,"
            " or is missing. Pack the project again."
        )
