"""The zip of a model unpacked: only what its manifest promises, as it promises it."""

import hashlib
import json
import re
import shutil
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mlcore.archives import ENCRYPTED, ZIP_ERRORS, open_archive
from mlcore.errors import BadArchive
from mlcore.model_about import ABOUT_NAME, KIND, VERSION
from mlcore.model_package import EXPECTED_NAME, MANIFEST_NAME, RUN_FOLDER

MANIFEST_LIMIT_BYTES = 4 * 2**20
# What is read whole into memory.
TEXT_LIMIT_BYTES = 64 * 2**20
UNPACKED_LIMIT_BYTES = 8 * 2**30
FILES_AT_MOST = 2000
PIECE_BYTES = 2**20
KEEP_FREE_BYTES = 256 * 2**20
NEEDED = (ABOUT_NAME, EXPECTED_NAME, f"{RUN_FOLDER}/model.json")
# No name that begins with a dot, or holds a colon or a backslash: none leads out.
_NAME = re.compile(r"([A-Za-z0-9_][\w.-]{0,100}/){0,4}[A-Za-z0-9_][\w.-]{0,100}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
Files = dict[str, tuple[int, str]]


def open_package(
    source: Path, target: Path, shown: str, is_cancelled: Callable[[], bool]
) -> bool:
    """Unpack what importing needs into `target`; False when cancelled.

    Every file of the zip is held against the manifest, also those that are not needed.
    Raises `BadArchive` naming what is wrong.
    """
    with open_archive(source, shown) as archive:
        files = _read_manifest(archive, shown)
        members = {member.filename: member for member in archive.infolist()}
        _match(members, archive.namelist(), files, shown)
        _refuse_too_much(files, source, target.parent, shown)
        for name, (size, sha256) in files.items():
            if is_cancelled():
                return False
            kept = target / name if _is_needed(name) else None
            _unpack(archive, members[name], kept, (size, sha256))
    return True


def _is_needed(name: str) -> bool:
    return name == ABOUT_NAME or name.startswith(("test/", f"{RUN_FOLDER}/"))


def _read_manifest(archive: zipfile.ZipFile, shown: str) -> Files:
    try:
        with archive.open(MANIFEST_NAME) as file:
            found = json.loads(file.read(MANIFEST_LIMIT_BYTES))
    except KeyError:
        raise BadArchive(_not_a_model(shown)) from None
    except (*ZIP_ERRORS, RecursionError) as error:
        raise BadArchive(
            f"“{shown}” is damaged: its {MANIFEST_NAME} is not JSON."
        ) from (error)
    if not isinstance(found, dict) or found.get("format") != KIND:
        raise BadArchive(_not_a_model(shown))
    if found.get("version") != VERSION:
        raise BadArchive(
            f"“{shown}” was made by another version of Unseen (zip version "
            f"{found.get('version')}, this program knows {VERSION}). Update Unseen."
        )
    try:
        return _as_files(found["files"])
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise BadArchive(
            f"“{shown}” is damaged: its {MANIFEST_NAME} holds something else than "
            f"files with sizes and digests ({error})."
        ) from error


def _as_files(rows: Any) -> Files:
    files = {
        name: (int(row["bytes"]), str(row["sha256"])) for name, row in rows.items()
    }
    for name, (size, sha256) in files.items():
        parts = name.split("/")
        if not _NAME.fullmatch(name) or ".." in parts or "." in parts:
            raise ValueError(f"“{name[:100]}” is no name for a file")
        if size < 0 or not _SHA256.fullmatch(sha256):
            raise ValueError(f"“{name}” has no size and digest")
    missing = [name for name in NEEDED if name not in files]
    if missing or len(files) > FILES_AT_MOST:
        raise ValueError(f"“{missing[0]}” is missing" if missing else "too many files")
    return files


def _match(
    members: dict[str, zipfile.ZipInfo], names: list[str], files: Files, shown: str
) -> None:
    strange = sorted({*names} ^ {*files, MANIFEST_NAME})
    if strange or len(names) != len(members):
        named = strange[0] if strange else "a name twice"
        raise BadArchive(
            f"“{shown}” is damaged: “{named[:100]}” is in the zip or in its "
            f"{MANIFEST_NAME} only. Export the model again."
        )
    for name, (size, _) in files.items():
        member = members[name]
        mode = member.external_attr >> 16
        is_special = bool(stat.S_IFMT(mode)) and not stat.S_ISREG(mode)
        if is_special or member.flag_bits & ENCRYPTED or member.file_size != size:
            raise BadArchive(
                f"“{name}” in the zip is a link, is locked, or has not the size its "
                "manifest says. Nothing was taken from it."
            )


def _refuse_too_much(files: Files, source: Path, place: Path, shown: str) -> None:
    unpacked = sum(size for size, _ in files.values())
    texts = [n for n, (size, _) in files.items() if size > TEXT_LIMIT_BYTES]
    large = [name for name in texts if name.endswith(".json")]
    if large or unpacked > UNPACKED_LIMIT_BYTES:
        what = f"“{large[0]}” in it" if large else "It"
        raise BadArchive(f"“{shown}” was not opened: {what} is far too large.")
    if unpacked + KEEP_FREE_BYTES > shutil.disk_usage(place).free:
        raise BadArchive(
            f"The model needs {unpacked / 2**20:,.0f} MB, and the disk has less left. "
            "Free some space."
        )


def _unpack(
    archive: zipfile.ZipFile,
    member: zipfile.ZipInfo,
    path: Path | None,
    promised: tuple[int, str],
) -> None:
    """Check one file, and write it where it is wanted."""
    digest, left = hashlib.sha256(), promised[0]
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(exist_ok=False)
    try:
        with archive.open(member) as file:
            # The size a zip declares may lie: never write more than promised.
            while left >= 0 and (piece := file.read(min(PIECE_BYTES, left + 1))):
                digest.update(piece)
                left -= len(piece)
                if path is not None:
                    with path.open("ab") as out:
                        out.write(piece)
    except ZIP_ERRORS as error:
        if isinstance(error, OSError) and error.filename is not None:
            raise
        raise BadArchive(_differs(member.filename)) from error
    if left or digest.hexdigest() != promised[1]:
        raise BadArchive(_differs(member.filename))


def _differs(name: str) -> str:
    return (
        f"“{name}” in the zip was changed: it is not what was packed. Copy or download "
        "the zip again. Nothing was taken from it."
    )


def _not_a_model(shown: str) -> str:
    return (
        f"“{shown}” is not a model taken away from Unseen: it has no {MANIFEST_NAME} "
        "of ours. Make one with Review → Take it away."
    )
