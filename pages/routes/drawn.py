"""`GET /drawn/…`: drawn clothes, for what explains itself with pictures."""

from __future__ import annotations

from functools import lru_cache

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from pages.routes.answers import Refused
from pages.routes.images import jpeg

DRAWN_AT_MOST = 20


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


ROUTES: list[BaseRoute] = [
    Route("/drawn/{colour}/{garment}/{number:int}", drawn_picture),
]
