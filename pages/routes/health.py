"""`GET /healthz`: is the server up."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route


async def health(_request: Request) -> JSONResponse:
    """Answer at once, without touching the disk."""
    return JSONResponse({"status": "ok"})


ROUTES: list[BaseRoute] = [Route("/healthz", health)]
