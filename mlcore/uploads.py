"""Staging of browser uploads: files wait in uploads/ until they are imported.

Each file lies under a random name of ours; the name the browser sent is only
recorded in manifest.jsonl and never used as a path. So is the browser's own key of
the file, by which it knows later what has arrived already.
"""

import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlcore.entries import clean_path
from mlcore.errors import UploadError
from storage.files import explained_disk
from storage.projects import Place, uploads_dir

MANIFEST = "manifest.jsonl"
LAYOUT = 1
NAME_LIMIT = 1_000
_UPLOAD_ID = re.compile(r"u[0-9a-f]{16}")
_FILE_ID = re.compile(r"[0-9a-f]{16}")
_KEY = re.compile(r"[0-9a-z.-]{1,80}")
# Name as sent, path, size and key of a file whose bytes are all here.
Arrival = tuple[str, Path, int, str]


@dataclass(frozen=True, slots=True)
class StagedFile:
    """One arrived file; `number` counts from 1 and stays its own."""

    number: int
    name: str
    size_bytes: int
    path: Path
    key: str = ""


def new_upload(place: Place, fingerprint: str = "") -> str:
    """Open an empty upload and return its id.

    `fingerprint` is what the browser makes of the names and sizes of all files it is
    about to send, so that `find_upload` knows the same choice again.
    """
    upload_id = f"u{secrets.token_hex(8)}"
    folder = uploads_dir(place) / upload_id
    header = {"unseen_upload": LAYOUT, "fingerprint": clean_key(fingerprint)}
    with explained_disk():
        folder.mkdir(parents=True)
        (folder / MANIFEST).write_text(json.dumps(header) + "\n")
    return upload_id


def find_upload(place: Place, fingerprint: str) -> str | None:
    """Return the newest open upload of the same files, or None."""
    if not clean_key(fingerprint) or not uploads_dir(place).is_dir():
        return None
    found = [
        folder
        for folder in uploads_dir(place).iterdir()
        if _header_of(folder).get("fingerprint") == fingerprint
    ]
    return max(found, key=_last_touched).name if found else None


def clean_key(key: str) -> str:
    """Return a browser's key or fingerprint, '' when it is none."""
    return key if _KEY.fullmatch(key) else ""


def stage_path(place: Place, upload_id: str, relative_name: str) -> Path:
    """Return a path of our own to write the file to that the browser calls so."""
    if not relative_name.strip("/ "):
        raise UploadError("A file without a name was sent; it was not taken.")
    return _folder_of(place, upload_id) / secrets.token_hex(8)


def finish_file(
    place: Place,
    upload_id: str,
    relative_name: str,
    path: Path,
    size: int,
    key: str = "",
) -> None:
    """Record a file that arrived wholly.

    Without this call it does not exist for anybody. A name sent twice (a retry)
    stands for its last arrival.
    """
    finish_files(place, upload_id, [(relative_name, path, size, key)])


def finish_files(place: Place, upload_id: str, arrived: Iterable[Arrival]) -> None:
    """Record files that arrived wholly, in one write."""
    folder = _folder_of(place, upload_id)
    lines = [_line_of(folder, arrival) for arrival in arrived]
    if lines:
        with explained_disk():
            _append_lines(folder / MANIFEST, lines)


def _line_of(folder: Path, arrival: Arrival) -> str:
    relative_name, path, size, key = arrival
    if path.parent != folder or not _FILE_ID.fullmatch(path.name):
        raise UploadError("That file was not staged by this upload.")
    if path.stat().st_size != size:
        raise UploadError(f"“{relative_name}” did not arrive wholly. Send it again.")
    name = clean_path(relative_name[-NAME_LIMIT:])
    return json.dumps(
        {"file": path.name, "name": name, "size": size, "key": clean_key(key)}
    )


def _append_lines(path: Path, lines: list[str]) -> None:
    # One write to a file opened for appending is never mixed with another's.
    handle = os.open(path, os.O_WRONLY | os.O_APPEND)
    try:
        os.write(handle, "".join(f"{line}\n" for line in lines).encode())
    finally:
        os.close(handle)


def staged_source(place: Place, upload_id: str) -> Path:
    """Return what `plan_import` and `run_import` take as the source."""
    return _folder_of(place, upload_id)


def is_staged(folder: Path) -> bool:
    """Whether a folder is an upload of ours rather than a person's folder."""
    return _header_of(folder).get("unseen_upload") == LAYOUT


def _header_of(folder: Path) -> dict[str, Any]:
    if not _UPLOAD_ID.fullmatch(folder.name):
        return {}
    try:
        with (folder / MANIFEST).open() as file:
            found = json.loads(file.readline())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def staged_files(folder: Path) -> list[StagedFile]:
    """Return the files of a staged upload in the order of their arrival."""
    found = {staged.name: staged for staged in _read_manifest(folder)}
    there = [staged for staged in found.values() if staged.path.exists()]
    return sorted(there, key=lambda staged: staged.number)


def list_files(place: Place, upload_id: str) -> list[StagedFile]:
    """Return the files of an upload in the order of their arrival."""
    return staged_files(_folder_of(place, upload_id))


def _read_manifest(folder: Path) -> Iterator[StagedFile]:
    with (folder / MANIFEST).open(encoding="utf-8") as file:
        for number, line in enumerate(file):
            if number == 0:
                continue
            try:
                row = json.loads(line)
                name, size, token = str(row["name"]), int(row["size"]), row["file"]
                key = str(row.get("key", ""))
            except (ValueError, KeyError, TypeError):
                continue  # a line cut short by a crash: that file never arrived
            if _FILE_ID.fullmatch(token):
                yield StagedFile(number, name, size, folder / token, key)


def received_keys(place: Place, upload_id: str) -> list[str]:
    """Return the browser's keys of the files that are here wholly."""
    return [staged.key for staged in list_files(place, upload_id) if staged.key]


def find_staged(place: Place, upload_id: str, number: int) -> StagedFile:
    """Return the file with this number, for a preview; raises `UploadError`."""
    for staged in _read_manifest(_folder_of(place, upload_id)):
        if staged.number == number:
            return staged
    raise UploadError(f"The upload has no file number {number} (any more).")


def move_upload(place: Place, upload_id: str, target: Place) -> None:
    """Hand an upload over to another place, where it keeps its id."""
    with explained_disk():
        uploads_dir(target).mkdir(parents=True, exist_ok=True)
        _folder_of(place, upload_id).replace(uploads_dir(target) / upload_id)


def discard_upload(place: Place, upload_id: str) -> None:
    """Remove an upload and its files; one that is gone already is fine."""
    if _UPLOAD_ID.fullmatch(upload_id):
        shutil.rmtree(uploads_dir(place) / upload_id, ignore_errors=True)


def sweep_uploads(place: Place, older_than_s: float = 86_400.0) -> int:
    """Remove uploads and jobs nobody touched for that long; returns how many."""
    if not uploads_dir(place).is_dir():
        return 0
    before = time.time() - older_than_s
    old = [p for p in uploads_dir(place).iterdir() if _last_touched(p) < before]
    for folder in old:
        shutil.rmtree(folder, ignore_errors=True)
    return len(old)


def _last_touched(folder: Path) -> float:
    # Writing into a file inside does not touch the folder itself.
    paths = [folder, folder / MANIFEST, folder / "status.json"]
    return max((p.stat().st_mtime for p in paths if p.exists()), default=0.0)


def _folder_of(place: Place, upload_id: str) -> Path:
    folder = uploads_dir(place) / upload_id
    if not _UPLOAD_ID.fullmatch(upload_id) or not folder.is_dir():
        raise UploadError("This upload is not there any more. Choose the files again.")
    return folder
