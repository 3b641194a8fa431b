"""`GET /overview`: the Overview under the name a person would type."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import BaseRoute, Route


async def go_home(request: Request) -> RedirectResponse:
    """Lead to `/`, query and all: Streamlit gives its first page no other address."""
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse("/" + query)


ROUTES: list[BaseRoute] = [Route("/overview", go_home)]
