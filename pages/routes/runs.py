"""`GET /api/{project}/runs/ended`: which run ended last, for pages that wait for it."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from pages.routes.label_lists import fresh
from storage.projects import open_project
from storage.runs import list_runs


def last_ended(request: Request) -> Response:
    """Answer with number, state and time of the run that ended last; empty without."""
    with open_project(request.path_params["project"]) as project:
        over = [run for run in list_runs(project) if run.ended_at]
        over = [run for run in over if not run.is_active]
    if not over:
        return fresh({})
    run = max(over, key=lambda run: run.ended_at or "")
    return fresh({"run": run.number, "state": run.state, "ended_at": run.ended_at})


ROUTES: list[BaseRoute] = [Route("/api/{project}/runs/ended", last_ended)]
