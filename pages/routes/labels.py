"""`/api/{project}/…` for the labeler and the grid: answer, delete, undo.

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

from pages.routes import label_lists
from pages.routes import label_wishes as wishes
from pages.routes.answers import read_json
from pages.routes.people import name_of
from storage.answers import history, redo, undo
from storage.gone_labels import gone_labels
from storage.images import delete_images, progress
from storage.opinions import answers_for, save_opinions
from storage.projects import Project, open_project

# The answers of so many images go back with a save; more are read again by page.
ANSWERS_SENT = 100
BULK_LIMIT_BYTES = 16_000_000

Json = dict[str, Any]


def save_answers(project: Project, body: Any, who: str) -> Json:
    """`POST answers`: the same answers for one or many images, in one batch.

    `gone` names labels that went away meanwhile; the answers for them are left out.
    """
    wish = wishes.read_answer_wish(body)
    saved = save_opinions(
        project,
        wish.image_ids,
        wish.answers,
        who=who,
        batch_id=wish.request_id,
        complete=wish.complete,
    )
    gone = gone_labels(project, wish.answers)
    done: Json = {"saved": saved, "answers": answers_now(project, wish.image_ids, who)}
    return {**done, "gone": gone} if gone else done


def delete_selected(project: Project, body: Any, who: str) -> Json:
    """`POST images/delete`: hide images; undo brings them back."""
    deleted = delete_images(
        project,
        wishes.read_image_ids(body),
        who=who,
        batch_id=wishes.read_request_id(body),
    )
    return {"deleted": deleted}


def undo_batch(project: Project, body: Any, who: str) -> Json:
    """`POST undo`: take back the named batch, else this person's newest one."""
    undone = undo(
        project,
        who=who,
        batch_id=wishes.read_batch_id(body),
        request_id=wishes.read_request_id(body),
    )
    return {"undone": undone, **newest_change(project, undone, who)}


def redo_batch(project: Project, body: Any, who: str) -> Json:
    """`POST redo`: do again what was undone last."""
    redone = redo(project, who=who, request_id=wishes.read_request_id(body))
    return {"redone": redone, **newest_change(project, redone, who)}


def newest_change(project: Project, done: str | None, who: str) -> Json:
    """Return the images that the change just made touched, with their answers."""
    changes = history(project, limit=1000) if done else []
    touched = [
        change.image_id
        for change in changes
        if change.batch_id == changes[0].batch_id and change.image_id is not None
    ]
    return {"answers": answers_now(project, sorted(set(touched)), who)}


def answers_now(project: Project, image_ids: list[int], who: str) -> dict[int, Json]:
    """Return the answers of a few images; of many, none: the browser reads pages."""
    if len(image_ids) > ANSWERS_SENT:
        return {}
    answers = answers_for(project, image_ids, who)
    return {image_id: answers.get(image_id, {}) for image_id in image_ids}


def changing(path: str, change: Callable[[Project, Any, str], Json]) -> Route:
    """Return the POST route that does `change` and reports the progress after it."""

    def change_project(name: str, body: Any, who: str) -> Json:
        with open_project(name) as project:
            done = change(project, body, who)
            return {**done, "progress": asdict(progress(project))}

    async def endpoint(request: Request) -> Response:
        body = await read_json(request, BULK_LIMIT_BYTES)
        name = request.path_params["project"]
        done = await run_in_threadpool(change_project, name, body, name_of(request))
        return JSONResponse(done)

    return Route(f"/api/{{project}}/{path}", endpoint, methods=["POST"])


ROUTES: list[BaseRoute] = [
    *label_lists.ROUTES,
    changing("answers", save_answers),
    changing("images/delete", delete_selected),
    changing("undo", undo_batch),
    changing("redo", redo_batch),
]
