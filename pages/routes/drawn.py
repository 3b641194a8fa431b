"""`GET /drawn/…`, `/docs/img/…`: pictures for what explains itself with some."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Route

from pages.routes.answers import Refused
from pages.routes.images import jpeg

DRAWN_AT_MOST = 20
STORY = Path(__file__).parents[2] / "docs" / "img"
STORY_NAME = re.compile(r"unseen-[a-z-]+\.png")


def drawn_picture(request: Request) -> Response:
    """Answer with a drawn garment; the same address always shows the same one."""
    from mlcore.samples import COLOURS, GARMENTS

    colour, garment = request.path_params["colour"], request.path_params["garment"]
    number = request.path_params["number"]
    if colour not in COLOURS or garment not in GARMENTS or number >= DRAWN_AT_MOST:
        raise Refused(404, "There is no such drawn picture.")
    return jpeg(_draw(colour, garment, number))


@lru_cache(maxsize=32)
def _draw(colour: str, garment: str, number: int) -> bytes:
    from mlcore.samples import draw_sample

    return draw_sample((colour, garment), number)


def story_picture(request: Request) -> Response:
    """Answer with a picture of the page on unseen combinations, and no other file."""
    name = request.path_params["name"]
    if not STORY_NAME.fullmatch(name) or not (STORY / name).is_file():
        raise Refused(404, "There is no such picture.")
    return FileResponse(STORY / name)


ROUTES: list[BaseRoute] = [
    Route("/docs/img/{name}", story_picture),
    Route("/drawn/{colour}/{garment}/{number:int}", drawn_picture),
]
