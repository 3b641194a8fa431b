"""A whole project as one zip: pictures, answers, history, and its runs if wanted.

What this computer can make again (thumbnails, uploads, logs of background work) stays
behind. `mlcore.project_restore` is the way back.
"""

import hashlib
import shutil
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from mlcore.export_outlet import PIECE_BYTES, draft_beside, member_of
from mlcore.exporting import ExportError
from mlcore.project_manifest import (
    DATABASE_NAME,
    MANIFEST_NAME,
    Manifest,
    PackedFile,
    is_place,
)
from storage.database import now_text
from storage.migrations import latest_version
from storage.project_backup import (
    copy_database,
    count_rows,
    forget_classified,
    forget_runs,
    open_copy,
    originals,
    run_ids,
)
from storage.projects import Project

OnProgress = Callable[[int, int], None]
IsCancelled = Callable[[], bool]
# Of files made again from the snapshot when a run is resumed, by far its largest.
LEFT_OUT = {"pixels.json", "frozen.json"}
KEEP_FREE_BYTES = 256 * 2**20
PACKED_ENDINGS = (".json", ".txt", ".csv", ".db")


@dataclass(slots=True)
class ArchiveReport:
    """What was packed; `missing` names pictures whose file is gone or damaged."""

    images: int = 0
    runs: int = 0
    files: int = 0
    bytes: int = 0
    missing: list[str] = field(default_factory=list)
    cancelled: bool = False

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class _Cancelled(Exception):
    """Ends the packing from inside; nothing is left behind."""


@dataclass(slots=True)
class _Packer:
    """Puts files into the zip and remembers their sizes and hashes."""

    archive: zipfile.ZipFile
    manifest: Manifest
    on_progress: OnProgress | None
    is_cancelled: IsCancelled | None
    total: int = 1

    def pack(self, name: str, source: Path) -> PackedFile | None:
        """Copy one file in; None when it is not there (any more)."""
        if self.is_cancelled is not None and self.is_cancelled():
            raise _Cancelled
        try:
            packed = self._copy(name, source)
        except FileNotFoundError:
            return None
        self.manifest.files[name] = packed
        if self.on_progress is not None:
            self.on_progress(len(self.manifest.files), self.total)
        return packed

    def _copy(self, name: str, source: Path) -> PackedFile:
        digest, size = hashlib.sha256(), 0
        is_text = name.endswith(PACKED_ENDINGS)
        kind = zipfile.ZIP_DEFLATED if is_text else zipfile.ZIP_STORED
        with source.open("rb") as file:
            # Opened before the member: else a file that is gone leaves an empty one.
            info = member_of(name, kind)
            with self.archive.open(info, "w", force_zip64=True) as member:
                while piece := file.read(PIECE_BYTES):
                    digest.update(piece)
                    size += len(piece)
                    member.write(piece)
        return PackedFile(digest.hexdigest(), size)


def export_project(
    project: Project,
    target: Path,
    *,
    with_runs: bool = True,
    on_progress: OnProgress | None = None,
    is_cancelled: IsCancelled | None = None,
) -> ArchiveReport:
    """Pack one moment of the project into `target`, which appears only when whole.

    Labeling and training may go on meanwhile. Raises `ExportError` where `target`
    exists or is not called .zip.
    """
    if target.suffix.casefold() != ".zip":
        raise ExportError(
            f"{target.name} must end in .zip: a project is packed as one."
        )
    manifest = Manifest(project.name, now_text(), latest_version(), with_runs)
    try:
        with draft_beside(target) as draft:
            copy = draft.with_suffix(".db.tmp")
            try:
                with zipfile.ZipFile(draft, "x") as archive:
                    packer = _Packer(archive, manifest, on_progress, is_cancelled)
                    return _pack_all(project, copy, packer)
            finally:
                copy.unlink(missing_ok=True)
    except _Cancelled:
        return ArchiveReport(cancelled=True)


def _pack_all(project: Project, copy: Path, packer: _Packer) -> ArchiveReport:
    manifest = packer.manifest
    copy_database(project, copy)
    with open_copy(copy) as db:
        forget_classified(db)
        if not manifest.with_runs:
            forget_runs(db)
        pictures, runs = originals(db), run_ids(db)
        manifest.counts = count_rows(db)
    others = list(_other_files(project, runs))
    _refuse_full_disk(copy, sum(picture.size_bytes for picture in pictures))
    packer.total = 1 + len(pictures) + len(others)
    packer.pack(DATABASE_NAME, copy)
    for picture in pictures:
        packed = packer.pack(picture.place, project.folder / picture.place)
        if packed is None or packed.sha256 != picture.sha256:
            manifest.missing.append(picture.place)
    for name in others:
        packer.pack(name, project.folder / name)
    return _finish(packer, len(pictures), len(runs))


def _refuse_full_disk(place: Path, needed_bytes: int) -> None:
    free = shutil.disk_usage(place.parent).free
    if free < needed_bytes + KEEP_FREE_BYTES:
        raise ExportError(
            f"The zip needs about {needed_bytes / 2**20:,.0f} MB, and the disk has"
            f" {free / 2**20:,.0f} MB left. Free some space, or pack to another disk."
        )


def _other_files(project: Project, runs: list[str]) -> Iterator[str]:
    """Names of the files of runs, and of the sample project's kept-out pictures."""
    for top in ("samples", *(f"runs/{run_id}" for run_id in runs)):
        for path in sorted((project.folder / top).rglob("*")):
            name = path.relative_to(project.folder).as_posix()
            if is_place(name) and path.name not in LEFT_OUT and path.is_file():
                yield name


def _finish(packer: _Packer, pictures: int, runs: int) -> ArchiveReport:
    manifest = packer.manifest
    text = manifest.as_text().encode()
    packer.archive.writestr(member_of(MANIFEST_NAME, zipfile.ZIP_DEFLATED), text)
    return ArchiveReport(
        images=pictures,
        runs=runs,
        files=len(manifest.files),
        bytes=sum(packed.bytes for packed in manifest.files.values()),
        missing=manifest.missing,
    )
