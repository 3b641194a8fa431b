"""`POST labels/{id}/hotkey`: which key of the labeler stands for a label."""

from __future__ import annotations

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from pages.parts.label_data import describe_groups, stamp_of
from pages.routes.answers import Refused, read_json
from pages.routes.people import name_of
from storage.label_details import describe_label
from storage.projects import open_project


async def save_hotkey(request: Request) -> Response:
    """Keep the key; "" gives the label back its usual one. Answers with all labels."""
    hotkey = read_hotkey(await read_json(request))
    places = request.path_params
    groups = await run_in_threadpool(
        keep, places["project"], places["label_id"], hotkey, name_of(request)
    )
    return JSONResponse({"stamp": stamp_of(groups), "groups": groups})


def keep(project_name: str, label_id: int, hotkey: str, who: str) -> Any:
    """Write the key into the project; return the labels as they are then."""
    with open_project(project_name) as project:
        describe_label(project, label_id, hotkey=hotkey, who=who)
        return describe_groups(project)


def read_hotkey(body: Any) -> str:
    """Return the key in the body; Refused (400) when it is none."""
    hotkey = body.get("hotkey") if isinstance(body, dict) else None
    if isinstance(hotkey, str) and len(hotkey) <= 1:
        return hotkey
    raise Refused(400, "“hotkey” must be one character, or empty for the usual key.")


ROUTES: list[BaseRoute] = [
    Route("/api/{project}/labels/{label_id:int}/hotkey", save_hotkey, methods=["POST"]),
]
