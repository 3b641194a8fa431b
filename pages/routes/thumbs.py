"""`GET /api/{project}/thumbs?ids=…`: the thumbnails of a whole screen in one answer.

Each picture by itself costs a request and an opened database: 5 ms, one after the
other. A screen of the grid has forty.
"""

from __future__ import annotations

import time

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from mlcore import images
from mlcore.errors import BadImage
from pages.routes import label_wishes as wishes
from pages.routes.images import RENDERING
from storage.images import get_images
from storage.projects import Project, open_project
from storage.records import Image

IDS_LIMIT = 200
# Then the browser asks for the rest one by one, which draws four at once.
DRAWING_S = 0.1
LENGTH_BYTES = 4


def packed_thumbs(request: Request) -> Response:
    """Answer with a length and a JPEG for each id; the length is 0 where none is."""
    ids = wishes.numbers(request.query_params, "ids")[:IDS_LIMIT]
    deadline = time.monotonic() + DRAWING_S
    with open_project(request.path_params["project"]) as project:
        found = {image.image_id: image for image in get_images(project, ids)}
        pictures = [thumb_of(project, found.get(i), deadline) for i in ids]
    packed = b"".join(len(p).to_bytes(LENGTH_BYTES, "big") + p for p in pictures)
    head = {"Cache-Control": "no-store"}
    return Response(packed, media_type="application/octet-stream", headers=head)


def thumb_of(project: Project, image: Image | None, deadline: float) -> bytes:
    """Return the JPEG, b"" when there is none or drawing it would take too long."""
    if image is None:
        return b""
    path = images.cached_thumbnail(project, image)
    if path is None and time.monotonic() > deadline:
        return b""
    try:
        if path is None:
            with RENDERING:
                path = images.thumbnail(project, image)
        return path.read_bytes()
    except (BadImage, OSError):
        return b""  # asked for alone, it says what is wrong


ROUTES: list[BaseRoute] = [Route("/api/{project}/thumbs", packed_thumbs)]
