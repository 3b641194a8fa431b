"""Who is asking, which images are in whose hands, what others changed, the pace.

A name is what a browser says it is (a cookie), for people who trust each other;
it is no login.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from pages.parts.label_data import describe_groups, stamp_of
from pages.parts.session import WHO_COOKIE, clean_who
from pages.routes import label_wishes as wishes
from pages.routes.answers import Refused, read_json
from storage.gone_labels import merged_labels
from storage.history import changed_images
from storage.home import load_settings
from storage.label_history import labels_changed_by
from storage.leases import renew_leases
from storage.opinions import answers_for
from storage.pace import pace_of
from storage.projects import Project, open_project

NO_STORE = {"Cache-Control": "no-store"}


def name_of(request: Request) -> str:
    """Return the name this browser gave, else the one in the settings."""
    return clean_who(request.cookies.get(WHO_COOKIE, "")) or load_settings().name


async def lease(request: Request) -> Response:
    """`POST leases`: hold the next images, learn which are in other hands."""
    body = await read_json(request)
    wish = read_lease_wish(body)
    return await run_in_threadpool(
        lease_images, request.path_params["project"], wish, name_of(request)
    )


def lease_images(name: str, wish: tuple[str, list[int], list[int]], who: str) -> Any:
    """Return the answer of `POST leases`."""
    holder, want, release = wish
    with open_project(name) as project:
        leases = renew_leases(project, holder, who, want, release)
    return JSONResponse({"taken": leases.taken, "until": leases.until})


def read_lease_wish(body: Any) -> tuple[str, list[int], list[int]]:
    """Return holder, wanted and released images; Refused names the wrong field."""
    fields = body if isinstance(body, dict) else {}
    holder = wishes.checked_id(fields.get("holder"), "holder")
    return holder, read_ids(fields, "want"), read_ids(fields, "release")


def read_ids(fields: dict[str, Any], field: str) -> list[int]:
    """Return a list of image ids that may be empty or missing."""
    ids = fields.get(field, [])
    short = isinstance(ids, list) and len(ids) <= wishes.PAGE_LIMIT
    # bool is an int, and a larger number does not fit SQLite
    if short and all(type(i) is int and 0 <= i < 2**63 for i in ids):
        return ids
    raise Refused(400, f"“{field}” must be a list of at most 500 image ids.")


def list_changes(request: Request) -> Response:
    """`GET changes`: images answered after `since`; without it only where we are.

    With `schema`, the stamp of the labels a page has, also the labels when they differ.
    """
    query = request.query_params
    since = wishes.number(query, "since", 10**17, 10**17)
    with open_project(request.path_params["project"]) as project:
        last, people = changed_images(project, since)
        # Whose second opinion is wanted must not see the first here either.
        answers = answers_for(project, people, name_of(request))
        found = {"last": last, "answers": answers, "who": people}
        if "schema" in query:
            found |= new_labels(project, query["schema"], since)
    return JSONResponse(found, headers=NO_STORE)


def new_labels(project: Project, stamp: str, since: int) -> dict[str, Any]:
    """Return the labels and groups under "schema", unless they are as `stamp` says."""
    groups = describe_groups(project)
    if stamp == stamp_of(groups):
        return {}
    return {
        "schema": {
            "stamp": stamp_of(groups),
            "groups": groups,
            "who": labels_changed_by(project, since),
            "merged": merged_labels(project),
        }
    }


def show_pace(request: Request) -> Response:
    """`GET pace`: images today and an hour, how many are left, for how long."""
    with open_project(request.path_params["project"]) as project:
        pace = pace_of(project, name_of(request))
    return JSONResponse(asdict(pace), headers=NO_STORE)


ROUTES: list[BaseRoute] = [
    Route("/api/{project}/leases", lease, methods=["POST"]),
    Route("/api/{project}/changes", list_changes),
    Route("/api/{project}/pace", show_pace),
]
