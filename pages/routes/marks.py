"""`/api/{project}/images/…`: the split of images, and that somebody looked again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.routing import BaseRoute, Route

from pages.routes import label_wishes as wishes
from pages.routes.answers import Refused
from pages.routes.labels import Json, changing
from storage.image_marks import mark_reviewed, move_to_split
from storage.projects import Project
from storage.splits import SPLITS


def read_split(body: dict[str, Any]) -> str | None:
    """`POST images/split`: train, validation, test or null for none."""
    split = body.get("split", "")
    if split is not None and split not in SPLITS:
        raise Refused(400, f"“split” must be {', '.join(SPLITS)} or null.")
    return split


def read_reviewed(body: dict[str, Any]) -> bool:
    """`POST images/reviewed`: true when a person looked again, false to take back."""
    reviewed = body.get("reviewed")
    if not isinstance(reviewed, bool):
        raise Refused(400, "“reviewed” must be true or false.")
    return reviewed


def marking(
    path: str,
    read: Callable[[dict[str, Any]], Any],
    mark: Callable[..., int],
    word: str,
) -> Route:
    """Return the route that marks images by what `read` finds in the body, as one
    batch, and answers with their number under `word`."""

    def save(project: Project, body: Any, who: str) -> Json:
        value = read(body if isinstance(body, dict) else {})
        image_ids = wishes.read_image_ids(body)
        batch_id = wishes.read_request_id(body)
        return {word: mark(project, image_ids, value, who=who, batch_id=batch_id)}

    return changing(path, save)


ROUTES: list[BaseRoute] = [
    marking("images/split", read_split, move_to_split, "moved"),
    marking("images/reviewed", read_reviewed, mark_reviewed, "marked"),
]
