"""Addresses below `/img` and `/api` that mean nothing: 404 in words."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from pages.routes.answers import Refused

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


async def say_unknown(request: Request) -> Response:
    """Refuse an address nobody serves."""
    raise Refused(404, f"There is nothing at {request.url.path}.", "not_found")


ROUTES: list[BaseRoute] = [
    Route("/img/{rest:path}", say_unknown, methods=METHODS),
    Route("/api/{rest:path}", say_unknown, methods=METHODS),
]
