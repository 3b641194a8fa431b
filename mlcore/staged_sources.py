"""Pictures to classify from elsewhere than the browser's files, staged like these.

So each way in ends in the same place, with the same previews and refusals.
"""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from mlcore.entries import PICTURE_ENDINGS, Entry, Refused
from mlcore.errors import BadImage, BadSource
from mlcore.sources import open_source
from mlcore.uploads import Arrival, finish_files, new_upload, stage_path
from storage.files import explained_disk
from storage.projects import Project

AT_MOST = 10_000


def stage_bytes(project: Project, name: str, data: bytes) -> str:
    """Stage one picture that is in memory; returns the upload's id."""
    upload_id = new_upload(project)
    finish_files(project, upload_id, [_write(project, upload_id, name, data)])
    return upload_id


def stage_source(
    project: Project, source: Path, *, max_bytes: int
) -> tuple[str, list[Refused]]:
    """Stage the pictures of a folder, zip or file on this computer, in place.

    Files are linked to, not copied, where the disk allows it. Returns the upload's id
    and what was left out; BadSource or BadArchive when there is nothing to read.
    """
    with open_source(source) as opened:
        pictures = [e for e in opened.entries if e.ending in PICTURE_ENDINGS]
        refused = list(opened.refused)
        if not pictures:
            raise BadSource(f"“{opened.name}” holds no pictures. Choose another place.")
        if len(pictures) > AT_MOST:
            raise BadSource(
                f"“{opened.name}” holds {len(pictures):,} pictures; at most "
                f"{AT_MOST:,} are classified at once. Choose a folder inside it, or "
                "use the command `classify`."
            )
        upload_id = new_upload(project)
        arrived, bad = _stage_each(project, upload_id, pictures, max_bytes)
        finish_files(project, upload_id, arrived)
    return upload_id, refused + bad


def _stage_each(
    project: Project, upload_id: str, pictures: Iterable[Entry], max_bytes: int
) -> tuple[list[Arrival], list[Refused]]:
    arrived: list[Arrival] = []
    refused: list[Refused] = []
    for entry in pictures:
        try:
            arrived.append(_stage(project, upload_id, entry, max_bytes))
        except BadImage as error:
            refused.append(Refused(entry.path, str(error)))
    return arrived, refused


def _stage(project: Project, upload_id: str, entry: Entry, max_bytes: int) -> Arrival:
    if entry.file is not None:
        path = stage_path(project, upload_id, entry.path)
        # Windows allows no links to most people: then it is copied.
        with suppress(OSError):
            path.symlink_to(entry.file.resolve())
            return entry.path, path, path.stat().st_size, ""
    return _write(project, upload_id, entry.path, entry.read(max_bytes))


def _write(project: Project, upload_id: str, name: str, data: bytes) -> Arrival:
    path = stage_path(project, upload_id, name)
    with explained_disk():
        path.write_bytes(data)
    return name, path, len(data), ""
