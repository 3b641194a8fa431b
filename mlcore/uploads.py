"""Staging of browser uploads: files wait in uploads/ until they are imported.

Each file lies under a random name of ours; the name the browser sent is only
recorded in manifest.jsonl and never used as a path.
"""

import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mlcore.entries import clean_path
from mlcore.errors import UploadError
from storage.files import explained_disk
from storage.projects import Project, uploads_dir

MANIFEST = "manifest.jsonl"
HEADER = {"unseen_upload": 1}
NAME_LIMIT = 1_000
_UPLOAD_ID = re.compile(r"u[0-9a-f]{16}")
_FILE_ID = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class StagedFile:
    """One arrived file; `number` counts from 1 and stays its own."""

    number: int
    name: str
    size_bytes: int
    path: Path


def new_upload(project: Project) -> str:
    """Open an empty upload and return its id."""
    upload_id = f"u{secrets.token_hex(8)}"
    folder = uploads_dir(project) / upload_id
    with explained_disk():
        folder.mkdir(parents=True)
        (folder / MANIFEST).write_text(json.dumps(HEADER) + "\n")
    return upload_id


def stage_path(project: Project, upload_id: str, relative_name: str) -> Path:
    """Return a path of our own to write the file to that the browser calls so."""
    if not relative_name.strip("/ "):
        raise UploadError("A file without a name was sent; it was not taken.")
    return _folder_of(project, upload_id) / secrets.token_hex(8)


def finish_file(
    project: Project, upload_id: str, relative_name: str, path: Path, size: int
) -> None:
    """Record a file that arrived wholly.

    Without this call it does not exist for anybody. A name sent twice (a retry)
    stands for its last arrival.
    """
    folder = _folder_of(project, upload_id)
    if path.parent != folder or not _FILE_ID.fullmatch(path.name):
        raise UploadError("That file was not staged by this upload.")
    if path.stat().st_size != size:
        raise UploadError(f"“{relative_name}” did not arrive wholly. Send it again.")
    name = clean_path(relative_name[-NAME_LIMIT:])
    line = json.dumps({"file": path.name, "name": name, "size": size})
    with explained_disk():
        _append_line(folder / MANIFEST, line)


def _append_line(path: Path, line: str) -> None:
    # One write to a file opened for appending is never mixed with another's.
    handle = os.open(path, os.O_WRONLY | os.O_APPEND)
    try:
        os.write(handle, f"{line}\n".encode())
    finally:
        os.close(handle)


def staged_source(project: Project, upload_id: str) -> Path:
    """Return what `plan_import` and `run_import` take as the source."""
    return _folder_of(project, upload_id)


def is_staged(folder: Path) -> bool:
    """Whether a folder is an upload of ours rather than a person's folder."""
    if not _UPLOAD_ID.fullmatch(folder.name):
        return False
    try:
        with (folder / MANIFEST).open() as file:
            return bool(json.loads(file.readline()) == HEADER)
    except (OSError, ValueError):
        return False


def staged_files(folder: Path) -> list[StagedFile]:
    """Return the files of a staged upload in the order of their arrival."""
    found = {staged.name: staged for staged in _read_manifest(folder)}
    there = [staged for staged in found.values() if staged.path.exists()]
    return sorted(there, key=lambda staged: staged.number)


def list_files(project: Project, upload_id: str) -> list[StagedFile]:
    """Return the files of an upload in the order of their arrival."""
    return staged_files(_folder_of(project, upload_id))


def _read_manifest(folder: Path) -> Iterator[StagedFile]:
    with (folder / MANIFEST).open(encoding="utf-8") as file:
        for number, line in enumerate(file):
            if number == 0:
                continue
            try:
                row = json.loads(line)
                name, size, token = str(row["name"]), int(row["size"]), row["file"]
            except (ValueError, KeyError, TypeError):
                continue  # a line cut short by a crash: that file never arrived
            if _FILE_ID.fullmatch(token):
                yield StagedFile(number, name, size, folder / token)


def find_staged(project: Project, upload_id: str, number: int) -> StagedFile:
    """Return the file with this number, for a preview; raises `UploadError`."""
    for staged in _read_manifest(_folder_of(project, upload_id)):
        if staged.number == number:
            return staged
    raise UploadError(f"The upload has no file number {number} (any more).")


def discard_upload(project: Project, upload_id: str) -> None:
    """Remove an upload and its files; one that is gone already is fine."""
    if _UPLOAD_ID.fullmatch(upload_id):
        shutil.rmtree(uploads_dir(project) / upload_id, ignore_errors=True)


def sweep_uploads(project: Project, older_than_s: float = 86_400.0) -> int:
    """Remove uploads and jobs nobody touched for that long; returns how many."""
    if not uploads_dir(project).is_dir():
        return 0
    before = time.time() - older_than_s
    old = [p for p in uploads_dir(project).iterdir() if _last_touched(p) < before]
    for folder in old:
        shutil.rmtree(folder, ignore_errors=True)
    return len(old)


def _last_touched(folder: Path) -> float:
    # Writing into a file inside does not touch the folder itself.
    paths = [folder, folder / MANIFEST, folder / "status.json"]
    return max((p.stat().st_mtime for p in paths if p.exists()), default=0.0)


def _folder_of(project: Project, upload_id: str) -> Path:
    folder = uploads_dir(project) / upload_id
    if not _UPLOAD_ID.fullmatch(upload_id) or not folder.is_dir():
        raise UploadError("This upload is not there any more. Choose the files again.")
    return folder
