"""`/api/{project}/uploads`: files from the browser, streamed to the disk.

Three ways in: a file a body, many small files a body (bundle), pieces of a large one.
Nothing is held in memory beyond one piece; a file counts as arrived when its last
byte is written and recorded. The project `.incoming` stands for the data folder:
there the zips of whole projects arrive.
"""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import anyio
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from mlcore import upload_pieces, uploads
from pages.routes.answers import Refused
from storage.projects import INCOMING_NAME, Place, incoming, open_project

PIECE_BYTES = 1 << 20
KEEP_FREE_BYTES = 256 << 20
FILE_LIMIT_BYTES = 64 << 30
TOO_LARGE = "A file of more than 64 GB cannot be uploaded."


def place_of(name: str) -> Place:
    """Return what an upload goes into: a project, or the place for whole projects."""
    if name == INCOMING_NAME:
        return incoming()
    with open_project(name) as project:
        return project  # closed again: only its folder is wanted


async def open_upload(request: Request) -> Response:
    """Answer with the id of an upload: the open one of the same files, else a new one.

    The header X-Fingerprint says which files are meant.
    """
    name = request.path_params["project"]
    fingerprint = request.headers.get("x-fingerprint", "")
    upload_id, is_resumed = await in_thread(find_or_open, name, fingerprint)
    return JSONResponse({"upload_id": upload_id, "resumed": is_resumed})


def find_or_open(name: str, fingerprint: str) -> tuple[str, bool]:
    """Return the id of an upload and whether it was open already."""
    place = place_of(name)
    found = uploads.find_upload(place, fingerprint)
    return found or uploads.new_upload(place, fingerprint), found is not None


def list_received(request: Request) -> Response:
    """Answer with the browser's keys of the files that are here."""
    place = place_of(request.path_params["project"])
    keys = uploads.received_keys(place, request.path_params["upload_id"])
    return JSONResponse({"keys": keys}, headers={"Cache-Control": "no-store"})


def discard(request: Request) -> Response:
    """Remove an upload that nobody wants any more."""
    place = place_of(request.path_params["project"])
    uploads.discard_upload(place, request.path_params["upload_id"])
    return JSONResponse({"discarded": True})


async def receive_file(request: Request) -> Response:
    """Store one file; its name comes percent-encoded in the header X-Name."""
    project_name = request.path_params["project"]
    upload_id = request.path_params["upload_id"]
    file_name = unquote(request.headers.get("x-name", ""))
    key = request.headers.get("x-key", "")
    announced = announced_size(request)
    path = await in_thread(stage_file, project_name, upload_id, file_name, announced)
    try:
        size = await write_pieces(path, request)
        if announced is not None and size != announced:
            raise Refused(400, f"“{file_name}” did not arrive wholly. Send it again.")
        await in_thread(record, project_name, upload_id, (file_name, path, size, key))
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return JSONResponse({"name": file_name, "bytes": size})


async def receive_bundle(request: Request) -> Response:
    """Store many small files that come in one body (see upload_pieces.Bundle)."""
    place = await in_thread(place_of, request.path_params["project"])
    upload_id = request.path_params["upload_id"]
    folder = uploads.staged_source(place, upload_id)
    refuse_full_disk(folder, announced_size(request) or 0, "these files")
    bundle = upload_pieces.Bundle(place, upload_id)
    try:
        async for piece in pieces(request):
            await in_thread(bundle.feed, piece)
        await in_thread(bundle.finish)
    finally:
        bundle.close()
    return JSONResponse({"files": bundle.recorded})


async def receive_piece(request: Request) -> Response:
    """Store the next piece of a large file; answer with how many bytes are here.

    X-Offset says where the piece begins, X-Size how large the file is. A piece
    without bytes only asks.
    """
    upload_id = request.path_params["upload_id"]
    file_name = unquote(request.headers.get("x-name", ""))
    key = uploads.clean_key(request.headers.get("x-key", ""))
    offset, size = number_in(request, "x-offset"), number_in(request, "x-size")
    if not key or not file_name or size > FILE_LIMIT_BYTES:
        raise Refused(400, TOO_LARGE if key else "A piece needs X-Name and X-Key.")
    place = await in_thread(place_of, request.path_params["project"])
    path = upload_pieces.part_path(place, upload_id, key)
    refuse_full_disk(path.parent, size - offset, f"“{file_name}”")
    await append_piece(path, offset, request)
    here = upload_pieces.part_size(place, upload_id, key)
    if here >= size:
        upload_pieces.finish_part(place, upload_id, file_name, size, key)
    return JSONResponse({"bytes": here, "done": here >= size})


def number_in(request: Request, header: str) -> int:
    """Return a header's number; Refused (400) when it is none."""
    text = request.headers.get(header, "")
    if not text.isdecimal() or len(text) > 18:
        raise Refused(400, f"The header {header} must be a number, not {text!r}.")
    return int(text)


async def append_piece(path: Path, offset: int, request: Request) -> None:
    """Write a piece where it belongs; what came after it in a lost try goes."""
    path.touch()
    with path.open("r+b") as file:
        here = file.seek(0, 2)
        async for piece in pieces(request):
            if offset > here:
                raise Refused(409, f"{here} bytes are here, so {offset} comes later.")
            if file.tell() != offset:
                file.seek(offset)
                file.truncate()
            await in_thread(file.write, piece)
            offset = here = file.tell()


async def in_thread(step: Any, *arguments: Any) -> Any:
    """Run a step that touches the disk without stopping the other requests."""
    return await anyio.to_thread.run_sync(step, *arguments)


def announced_size(request: Request) -> int | None:
    """Return Content-Length, or None; Refused (413) when it is beyond the limit."""
    text = request.headers.get("content-length", "")
    if not text.isdigit():
        return None
    if int(text) > FILE_LIMIT_BYTES:
        raise Refused(413, TOO_LARGE)
    return int(text)


def stage_file(name: str, upload_id: str, file_name: str, size: int | None) -> Path:
    """Return where to write a file, after a look at the free space."""
    path = uploads.stage_path(place_of(name), upload_id, file_name)
    refuse_full_disk(path.parent, size or 0, f"“{file_name}”")
    return path


def refuse_full_disk(folder: Path, size_bytes: int, what: str) -> None:
    """Refuse (507) what would fill the disk."""
    free = shutil.disk_usage(folder).free
    if free < size_bytes + KEEP_FREE_BYTES:
        raise Refused(
            507,
            f"The disk of the server has {free // 10**6:,} MB left, too little for "
            f"{what}. Free some space, then try again.",
        )


def record(project_name: str, upload_id: str, arrival: uploads.Arrival) -> None:
    """Note that a file has arrived wholly."""
    uploads.finish_files(place_of(project_name), upload_id, [arrival])


async def write_pieces(path: Path, request: Request) -> int:
    """Write the body to `path` piece by piece; return its size in bytes."""
    size = 0
    with path.open("wb") as file:
        async for piece in pieces(request):
            await in_thread(file.write, piece)
            size += len(piece)
            if size > FILE_LIMIT_BYTES:
                raise Refused(413, TOO_LARGE)
    return size


async def pieces(request: Request) -> AsyncIterator[bytes]:
    """Yield the body in pieces of about 1 MiB: fewer, larger writes."""
    kept = bytearray()
    try:
        async for chunk in request.stream():
            kept += chunk
            if len(kept) >= PIECE_BYTES:
                yield bytes(kept)
                kept.clear()
    except ClientDisconnect:
        raise Refused(400, "The connection was lost in the middle.") from None
    if kept:
        yield bytes(kept)


UPLOAD = "/api/{project}/uploads/{upload_id}"
ROUTES: list[BaseRoute] = [
    Route("/api/{project}/uploads", open_upload, methods=["POST"]),
    Route(UPLOAD, list_received),
    Route(f"{UPLOAD}/files", receive_file, methods=["POST"]),
    Route(f"{UPLOAD}/bundle", receive_bundle, methods=["POST"]),
    Route(f"{UPLOAD}/pieces", receive_piece, methods=["POST"]),
    Route(f"{UPLOAD}/discard", discard, methods=["POST"]),
]
