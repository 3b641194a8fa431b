"""`GET /img/…`: re-encoded pictures. An original never leaves the disk."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from mlcore import images, uploads
from pages.routes.answers import Refused
from storage.images import find_by_hash
from storage.projects import Project, open_project

SHA256 = re.compile(r"[0-9a-f]{64}")
# Addresses hold the content's hash or a random upload id: the same address never
# shows another picture.
FOR_EVER = {"Cache-Control": "private, max-age=31536000, immutable"}
# Reading a 64-megapixel original takes 200 MB; the server's 40 threads must not all
# do that at once.
RENDERING = threading.BoundedSemaphore(4)


def stored_image(request: Request) -> Response:
    """Answer with an image of the project: thumb 192, large 1,280, full 4,096 px."""
    sha256 = request.path_params["sha256"]
    if not SHA256.fullmatch(sha256):
        raise Refused(404, "There is no such picture.")
    is_full = request.query_params.get("size") == "full"
    size = "large" if is_full else wanted_size(request)
    with open_project(request.path_params["project"]) as project:
        image = find_by_hash(project, sha256)
        if image is None:
            raise Refused(404, "This project has no such picture.")
        # What is drawn already must not wait for those that are not.
        drawn = None if is_full else images.cached_thumbnail(project, image, size)
        if drawn is not None:
            return jpeg(drawn.read_bytes())
        with RENDERING:
            if is_full:
                return jpeg(images.render_full(project, image))
            return jpeg(images.thumbnail(project, image, size).read_bytes())


def uploaded_image(request: Request) -> Response:
    """Answer with a preview of a file that waits in an upload."""
    upload_id = request.path_params["upload_id"]

    def find(project: Project) -> Path:
        number = request.path_params["number"]
        return uploads.find_staged(project, upload_id, number).path

    return preview(request, find)


def sample_image(request: Request) -> Response:
    """Answer with one of the pictures the sample project keeps out of training."""

    def find(project: Project) -> Path:
        from mlcore.samples import sample_pictures

        pictures = sample_pictures(project)
        number = request.path_params["number"]
        if number >= len(pictures):
            raise Refused(404, "There is no such sample picture.")
        return pictures[number].path

    return preview(request, find)


def preview(request: Request, find: Callable[[Project], Path]) -> Response:
    """Answer with a rendered file that is not (yet) an image of the project."""
    size_px = images.SIZES_PX[wanted_size(request)]
    with RENDERING, open_project(request.path_params["project"]) as project:
        return jpeg(images.render_jpeg(find(project), size_px))


def wanted_size(request: Request) -> str:
    """Return "thumb" or "large"; anything else is refused."""
    size = request.query_params.get("size", "thumb")
    if size not in images.SIZES_PX:
        raise Refused(404, f"There is no picture size “{size}”.")
    return size


def jpeg(content: bytes) -> Response:
    """Return an answer the browser may keep for ever."""
    return Response(content, media_type="image/jpeg", headers=FOR_EVER)


ROUTES: list[BaseRoute] = [
    Route("/img/{project}/{sha256}", stored_image),
    Route("/img/{project}/upload/{upload_id}/{number:int}", uploaded_image),
    Route("/img/{project}/sample/{number:int}", sample_image),
]
