"""`GET /img/…`: re-encoded pictures. An original never leaves the disk."""

from __future__ import annotations

import re
import threading

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from mlcore import images
from pages.routes.answers import Refused
from storage.images import find_by_hash
from storage.projects import open_project

SHA256 = re.compile(r"[0-9a-f]{64}")
SIZES = ("thumb", "large")
FOR_EVER = {"Cache-Control": "private, max-age=31536000, immutable"}
# Reading a 64-megapixel original takes 200 MB; the server's 40 threads must not all
# do that at once.
RENDERING = threading.BoundedSemaphore(4)


def stored_image(request: Request) -> Response:
    """Answer with a stored image as a JPEG of at most 192 or 1,280 px.

    The address holds the content's hash, so the answer may be kept for ever.
    """
    sha256 = request.path_params["sha256"]
    size = request.query_params.get("size", "thumb")
    if not SHA256.fullmatch(sha256) or size not in SIZES:
        raise Refused(404, "There is no such picture.")
    with RENDERING, open_project(request.path_params["project"]) as project:
        image = find_by_hash(project, sha256)
        if image is None:
            raise Refused(404, "This project has no such picture.")
        jpeg = images.thumbnail(project, image, size).read_bytes()
    return Response(jpeg, media_type="image/jpeg", headers=FOR_EVER)


ROUTES: list[BaseRoute] = [Route("/img/{project}/{sha256}", stored_image)]
