"""`/api/{project}/images` and `image-ids`: what a filter, an order or a queue shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from mlcore.queues import queue_ids, queue_reasons
from pages.routes import label_wishes as wishes
from pages.routes.people import name_of
from storage.images import (
    count_images,
    get_images,
    list_image_ids,
    list_images,
    progress,
)
from storage.opinions import answers_for
from storage.projects import Project, open_project
from storage.records import Filter, Image
from storage.scores import scores_of

Json = dict[str, Any]


def list_page(request: Request) -> Response:
    """`GET images`: a page of a filter, or the images of `ids` in that order."""
    query = request.query_params
    who = name_of(request)
    with open_project(request.path_params["project"]) as project:
        if "ids" in query:
            ids = wishes.numbers(query, "ids")[: wishes.PAGE_LIMIT]
            images = get_images(project, ids)
            reasons = reasons_of(project, query, images, who)
            return fresh({"images": described(project, images, who, reasons)})
        return fresh(filtered_page(project, query, who))


def filtered_page(project: Project, query: QueryParams, who: str) -> Json:
    """Return one page of the filter in the address, with the total."""
    wanted = wishes.read_filter(query)
    offset = wishes.number(query, "offset", 0, 10**9)
    limit = wishes.number(query, "limit", 60, wishes.PAGE_LIMIT)
    order = query.get("order", "added")
    if is_sorted_here(query):
        ids = wanted_ids(project, query, who)
        total = len(ids)
        images = get_images(project, ids[offset : offset + limit])
    else:
        total = count_images(project, wanted)
        images = list_images(project, wanted, offset=offset, limit=limit, order=order)
    reasons = reasons_of(project, query, images, who)
    return {
        "images": described(project, images, who, reasons),
        "total": total,
        "progress": asdict(progress(project)),
    }


def list_ids(request: Request) -> Response:
    """`GET image-ids`: every id of a filter, so that a queue keeps its order."""
    with open_project(request.path_params["project"]) as project:
        ids = wanted_ids(project, request.query_params, name_of(request))
        return fresh({"ids": ids, "progress": asdict(progress(project))})


def is_sorted_here(query: QueryParams) -> bool:
    """Say whether the database alone cannot give the order."""
    return "queue" in query or query.get("order", "").startswith("similar:")


def wanted_ids(project: Project, query: QueryParams, who: str) -> list[int]:
    """Return the ids the address asks for: a queue's order wins over `order`."""
    wanted = wishes.read_filter(query)
    if "queue" in query:
        ids = queue_ids(project, query["queue"], who)
        if wanted == Filter():
            return ids
        passed = set(list_image_ids(project, wanted))
        return [image_id for image_id in ids if image_id in passed]
    order, _, image = query.get("order", "added").partition(":")
    if order != "similar":
        return list_image_ids(project, wanted, query.get("order", "added"))
    from mlcore.similarity import order_by_likeness  # decodes pictures: only then

    ids = list_image_ids(project, wanted)
    return order_by_likeness(project, ids, wishes.whole_number(image, "order"))


def reasons_of(
    project: Project, query: QueryParams, images: list[Image], who: str
) -> dict[int, str]:
    """Return why the queue of the address shows each of these images."""
    if "queue" not in query:
        return {}
    ids = [image.image_id for image in images]
    return queue_reasons(project, query["queue"], ids, who)


def fresh(answer: Json) -> Response:
    """Return an answer that no browser keeps: the next one may differ."""
    return JSONResponse(answer, headers={"Cache-Control": "no-store"})


def described(
    project: Project,
    images: list[Image],
    who: str = "",
    reasons: Mapping[int, str] | None = None,
) -> list[Json]:
    """Return images as the browser takes them: answers, scores, a queue's reason."""
    ids = [image.image_id for image in images]
    answers = answers_for(project, ids, who)
    scores = scores_of(project, ids)
    found = []
    for image in images:
        one = described_image(image) | {"answers": answers.get(image.image_id, {})}
        if score := scores.get(image.image_id):
            one["scores"] = score.probabilities
        if reason := (reasons or {}).get(image.image_id):
            one["reason"] = reason
        found.append(one)
    return found


def described_image(image: Image) -> Json:
    """Return what the row of an image says."""
    return {
        "id": image.image_id,
        "sha256": image.sha256,
        "name": image.name,
        "width_px": image.width_px,
        "height_px": image.height_px,
        "reviewed": image.reviewed,
        "split": image.split,
    }


ROUTES: list[BaseRoute] = [
    Route("/api/{project}/images", list_page),
    Route("/api/{project}/image-ids", list_ids),
]
