"""`/api/{project}/images/…`: the split of images, and that somebody looked again."""

from __future__ import annotations

from typing import Any

from starlette.routing import BaseRoute

from pages.routes import label_wishes as wishes
from pages.routes.answers import Refused
from pages.routes.labels import Json, changing
from storage.image_marks import mark_reviewed, move_to_split
from storage.projects import Project
from storage.splits import SPLITS


def save_split(project: Project, body: Any, who: str) -> Json:
    """`POST images/split`: train, validation, test or null for none."""
    split = body.get("split", "") if isinstance(body, dict) else ""
    if split is not None and split not in SPLITS:
        raise Refused(400, f"“split” must be {', '.join(SPLITS)} or null.")
    moved = move_to_split(
        project,
        wishes.read_image_ids(body),
        split,
        who=who,
        batch_id=wishes.read_request_id(body),
    )
    return {"moved": moved}


def save_reviewed(project: Project, body: Any, who: str) -> Json:
    """`POST images/reviewed`: true when a person looked again, false to take back."""
    reviewed = body.get("reviewed") if isinstance(body, dict) else None
    if not isinstance(reviewed, bool):
        raise Refused(400, "“reviewed” must be true or false.")
    marked = mark_reviewed(
        project,
        wishes.read_image_ids(body),
        reviewed,
        who=who,
        batch_id=wishes.read_request_id(body),
    )
    return {"marked": marked}


ROUTES: list[BaseRoute] = [
    changing("images/split", save_split),
    changing("images/reviewed", save_reviewed),
]
