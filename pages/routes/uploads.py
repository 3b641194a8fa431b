"""`POST /api/{project}/uploads`: files from the browser, streamed to the disk.

A file is held in memory only up to one piece; it counts as arrived when its last
byte is written and recorded. What is left of a lost connection is removed.
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

from mlcore import uploads
from pages.routes.answers import Refused
from storage.projects import open_project

PIECE_BYTES = 1 << 20
KEEP_FREE_BYTES = 256 << 20
FILE_LIMIT_BYTES = 64 << 30


async def open_upload(request: Request) -> Response:
    """Answer with the id of a new, empty upload."""
    name = request.path_params["project"]
    return JSONResponse({"upload_id": await in_thread(new_upload, name)})


async def receive_file(request: Request) -> Response:
    """Store one file; its name comes percent-encoded in the header X-Name."""
    project_name = request.path_params["project"]
    upload_id = request.path_params["upload_id"]
    file_name = unquote(request.headers.get("x-name", ""))
    announced = announced_size(request)
    path = await in_thread(stage_file, project_name, upload_id, file_name, announced)
    try:
        size = await write_pieces(path, request)
        if announced is not None and size != announced:
            raise Refused(400, f"“{file_name}” did not arrive wholly. Send it again.")
        await in_thread(record, project_name, upload_id, file_name, path, size)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return JSONResponse({"name": file_name, "bytes": size})


async def in_thread(step: Any, *arguments: Any) -> Any:
    """Run a step that touches the disk without stopping the other requests."""
    return await anyio.to_thread.run_sync(step, *arguments)


def announced_size(request: Request) -> int | None:
    """Return Content-Length, or None; Refused (413) when it is beyond the limit."""
    text = request.headers.get("content-length", "")
    if not text.isdigit():
        return None
    if int(text) > FILE_LIMIT_BYTES:
        raise Refused(413, "A file of more than 64 GB cannot be uploaded.")
    return int(text)


def new_upload(project_name: str) -> str:
    """Open an upload in the project."""
    with open_project(project_name) as project:
        return uploads.new_upload(project)


def stage_file(name: str, upload_id: str, file_name: str, size: int | None) -> Path:
    """Return where to write a file, after a look at the free space."""
    with open_project(name) as project:
        path = uploads.stage_path(project, upload_id, file_name)
    free = shutil.disk_usage(path.parent).free
    if free < (size or 0) + KEEP_FREE_BYTES:
        raise Refused(
            507,
            f"The disk of the server has {free // 10**6:,} MB left, too little for "
            f"“{file_name}”. Free some space, then try again.",
        )
    return path


def record(
    project_name: str, upload_id: str, file_name: str, path: Path, size: int
) -> None:
    """Note that a file has arrived wholly."""
    with open_project(project_name) as project:
        uploads.finish_file(project, upload_id, file_name, path, size)


async def write_pieces(path: Path, request: Request) -> int:
    """Write the body to `path` piece by piece; return its size in bytes."""
    size = 0
    with path.open("wb") as file:
        async for piece in pieces(request):
            await in_thread(file.write, piece)
            size += len(piece)
            if size > FILE_LIMIT_BYTES:
                raise Refused(413, "A file of more than 64 GB cannot be uploaded.")
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


ROUTES: list[BaseRoute] = [
    Route("/api/{project}/uploads", open_upload, methods=["POST"]),
    Route("/api/{project}/uploads/{upload_id}/files", receive_file, methods=["POST"]),
]
