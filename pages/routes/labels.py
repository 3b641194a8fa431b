"""`/api/{project}/…` for the labeler and the grid: list, answer, delete, undo.

Every change carries a request id that is also its batch in the history, so a
repeated request (a dropped connection) changes nothing twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from pages.routes import label_wishes as wishes
from pages.routes.answers import read_json
from storage.answers import answer_many, answers_of, history, redo, undo
from storage.home import load_settings
from storage.images import (
    count_images,
    delete_images,
    get_images,
    list_image_ids,
    list_images,
    progress,
)
from storage.projects import Project, open_project
from storage.records import Image

# The answers of so many images go back with a save; more are read again by page.
ANSWERS_SENT = 100
BULK_LIMIT_BYTES = 16_000_000

Json = dict[str, Any]


def list_page(request: Request) -> Response:
    """`GET images`: a page of a filter, or the images of `ids` in that order."""
    query = request.query_params
    with open_project(request.path_params["project"]) as project:
        if "ids" in query:
            ids = wishes.numbers(query, "ids")[: wishes.PAGE_LIMIT]
            return fresh({"images": described(project, get_images(project, ids))})
        return fresh(filtered_page(project, request))


def filtered_page(project: Project, request: Request) -> Json:
    """Return one page of the filter in the address, with the total."""
    query = request.query_params
    wanted = wishes.read_filter(query)
    images = list_images(
        project,
        wanted,
        offset=wishes.number(query, "offset", 0, 10**9),
        limit=wishes.number(query, "limit", 60, wishes.PAGE_LIMIT),
        order=query.get("order", "added"),
    )
    return {
        "images": described(project, images),
        "total": count_images(project, wanted),
        "progress": asdict(progress(project)),
    }


def list_ids(request: Request) -> Response:
    """`GET image-ids`: every id of a filter, so that a queue keeps its order."""
    query = request.query_params
    with open_project(request.path_params["project"]) as project:
        ids = list_image_ids(
            project, wishes.read_filter(query), query.get("order", "added")
        )
        return fresh({"ids": ids, "progress": asdict(progress(project))})


def fresh(answer: Json) -> Response:
    """Return an answer that no browser keeps: the next one may differ."""
    return JSONResponse(answer, headers={"Cache-Control": "no-store"})


def described(project: Project, images: list[Image]) -> list[Json]:
    """Return images with their answers, as the browser takes them."""
    answers = answers_of(project, [image.image_id for image in images])
    return [
        {
            "id": image.image_id,
            "sha256": image.sha256,
            "name": image.name,
            "width_px": image.width_px,
            "height_px": image.height_px,
            "answers": answers.get(image.image_id, {}),
        }
        for image in images
    ]


def save_answers(project: Project, body: Any) -> Json:
    """`POST answers`: the same answers for one or many images, in one batch."""
    wish = wishes.read_answer_wish(body)
    saved = answer_many(
        project,
        wish.image_ids,
        wish.answers,
        who=load_settings().name,
        batch_id=wish.request_id,
        complete=wish.complete,
    )
    return {"saved": saved, "answers": answers_now(project, wish.image_ids)}


def delete_selected(project: Project, body: Any) -> Json:
    """`POST images/delete`: hide images; undo brings them back."""
    deleted = delete_images(
        project,
        wishes.read_image_ids(body),
        who=load_settings().name,
        batch_id=wishes.read_request_id(body),
    )
    return {"deleted": deleted}


def undo_batch(project: Project, body: Any) -> Json:
    """`POST undo`: take back the named batch, else this person's newest one."""
    undone = undo(
        project,
        who=load_settings().name,
        batch_id=wishes.read_batch_id(body),
        request_id=wishes.read_request_id(body),
    )
    return {"undone": undone, **newest_change(project, undone)}


def redo_batch(project: Project, body: Any) -> Json:
    """`POST redo`: do again what was undone last."""
    redone = redo(
        project, who=load_settings().name, request_id=wishes.read_request_id(body)
    )
    return {"redone": redone, **newest_change(project, redone)}


def newest_change(project: Project, done: str | None) -> Json:
    """Return the images that the change just made touched, with their answers."""
    changes = history(project, limit=1000) if done else []
    touched = [
        change.image_id
        for change in changes
        if change.batch_id == changes[0].batch_id and change.image_id is not None
    ]
    return {"answers": answers_now(project, sorted(set(touched)))}


def answers_now(project: Project, image_ids: list[int]) -> dict[int, Json]:
    """Return the answers of a few images; of many, none: the browser reads pages."""
    if len(image_ids) > ANSWERS_SENT:
        return {}
    answers = answers_of(project, image_ids)
    return {image_id: answers.get(image_id, {}) for image_id in image_ids}


def changing(path: str, change: Callable[[Project, Any], Json]) -> Route:
    """Return the POST route that does `change` and reports the progress after it."""

    def change_project(name: str, body: Any) -> Json:
        with open_project(name) as project:
            done = change(project, body)
            return {**done, "progress": asdict(progress(project))}

    async def endpoint(request: Request) -> Response:
        body = await read_json(request, BULK_LIMIT_BYTES)
        name = request.path_params["project"]
        return JSONResponse(await run_in_threadpool(change_project, name, body))

    return Route(f"/api/{{project}}/{path}", endpoint, methods=["POST"])


ROUTES: list[BaseRoute] = [
    Route("/api/{project}/images", list_page),
    Route("/api/{project}/image-ids", list_ids),
    changing("answers", save_answers),
    changing("images/delete", delete_selected),
    changing("undo", undo_batch),
    changing("redo", redo_batch),
]
