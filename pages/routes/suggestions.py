"""`/api/{project}/suggestions…`: what the scoring run suggests, surest first."""

from __future__ import annotations

from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from mlcore.scoring import scoring_status
from pages.routes import label_wishes as wishes
from pages.routes.label_lists import described, fresh
from pages.routes.people import name_of
from storage.images import get_images
from storage.projects import open_project
from storage.scores import (
    count_suggested,
    suggested_images,
    suggested_sets,
    suggestion_counts,
)


def list_suggested(request: Request) -> Response:
    """`GET suggestions`: a page of the images suggested for all labels of `label`."""
    query = request.query_params
    label_ids = wishes.numbers(query, "label")
    offset = wishes.number(query, "offset", 0, 10**9)
    limit = wishes.number(query, "limit", 60, wishes.PAGE_LIMIT)
    with open_project(request.path_params["project"]) as project:
        found = dict(suggested_images(project, label_ids, offset=offset, limit=limit))
        images = described(project, get_images(project, found), name_of(request))
        shown = [image | {"probability": found[image["id"]]} for image in images]
        total = count_suggested(project, label_ids)
    return fresh({"images": shown, "total": total})


def count_all(request: Request) -> Response:
    """`GET suggestions/counts`: images a label, images a reading, and how far it is."""
    with open_project(request.path_params["project"]) as project:
        sets = [{"key": key, "count": count} for key, count in suggested_sets(project)]
        return fresh(
            {
                "counts": suggestion_counts(project),
                "sets": sets,
                "status": asdict(scoring_status(project)),
            }
        )


ROUTES: list[BaseRoute] = [
    Route("/api/{project}/suggestions", list_suggested),
    Route("/api/{project}/suggestions/counts", count_all),
]
