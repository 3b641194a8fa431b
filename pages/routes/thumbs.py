"""`GET /api/{project}/thumbs?ids=…`: the thumbnails of a whole screen in one answer.

Each picture by itself costs a request and an opened database: 5 ms, one after the
other. A screen of the grid has forty.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

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
# Then comes what is drawn, and the browser asks again for the rest.
DRAWING_S = 0.1
DRAWN_AT_ONCE = 4
NOT_YET = 2**32 - 1


def packed_thumbs(request: Request) -> Response:
    """Answer with a length and a JPEG for each id.

    The length is 0 where there is none and NOT_YET where it is to be asked for again.
    """
    ids = wishes.numbers(request.query_params, "ids")[:IDS_LIMIT]
    with open_project(request.path_params["project"]) as project:
        found = {image.image_id: image for image in get_images(project, ids)}
        deadline = time.monotonic() + DRAWING_S
        with ThreadPoolExecutor(DRAWN_AT_ONCE) as pool:
            drawn = pool.map(lambda i: thumb_of(project, found.get(i), deadline), ids)
            packed = b"".join(map(framed, drawn))
    head = {"Cache-Control": "no-store"}
    return Response(packed, media_type="application/octet-stream", headers=head)


def framed(picture: bytes | None) -> bytes:
    """Return a picture with its length before it."""
    if picture is None:
        return NOT_YET.to_bytes(4, "big")
    return len(picture).to_bytes(4, "big") + picture


def thumb_of(project: Project, image: Image | None, deadline: float) -> bytes | None:
    """Return the JPEG, b"" when there is none, None when the time is up.

    Runs in threads: the project's folder may be used here, its database not.
    """
    if image is None:
        return b""
    path = images.cached_thumbnail(project, image)
    if path is None and time.monotonic() > deadline:
        return None
    try:
        if path is None:
            with RENDERING:
                path = images.thumbnail(project, image)
        return path.read_bytes()
    except (BadImage, OSError):
        return b""  # asked for alone, it says what is wrong


ROUTES: list[BaseRoute] = [Route("/api/{project}/thumbs", packed_thumbs)]
