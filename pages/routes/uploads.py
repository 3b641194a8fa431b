"""`POST /api/{project}/uploads`: files from the browser, streamed to the disk."""

from __future__ import annotations

from starlette.routing import BaseRoute

ROUTES: list[BaseRoute] = []
