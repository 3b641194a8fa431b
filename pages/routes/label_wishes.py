"""What the labeling components send, checked before anything is done with it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import QueryParams

from pages.routes.answers import Refused
from storage.records import Filter

REQUEST_ID = re.compile(r"[0-9A-Za-z_-]{8,64}")
IDS_LIMIT = 1_000_000
PAGE_LIMIT = 500


@dataclass(frozen=True, slots=True)
class AnswerWish:
    """A checked body of `POST /api/{project}/answers`."""

    request_id: str
    image_ids: list[int]
    answers: dict[int, bool | None]
    complete: bool | list[int]


def read_answer_wish(body: Any) -> AnswerWish:
    """Return the wish in a request's JSON; Refused (400) names the wrong field."""
    return AnswerWish(
        request_id=read_request_id(body),
        image_ids=read_image_ids(body),
        answers=read_answers(body.get("answers")),
        complete=read_complete(body.get("complete", False)),
    )


def read_complete(given: Any) -> bool | list[int]:
    """Return whether labels that are not named become no, or which of them."""
    if isinstance(given, list) and all(type(label_id) is int for label_id in given):
        return given
    if isinstance(given, bool):
        return given
    raise Refused(400, "“complete” must be true, false or a list of label numbers.")


def read_request_id(body: Any) -> str:
    """Return the id under which a repeated request is recognised."""
    given = body.get("request_id") if isinstance(body, dict) else None
    return checked_id(given, "request_id")


def read_batch_id(body: Any) -> str | None:
    """Return which batch to undo; None means the newest one."""
    given = body.get("batch_id") if isinstance(body, dict) else None
    return None if given is None else checked_id(given, "batch_id")


def checked_id(given: Any, field: str) -> str:
    """Return `given` if it can be a request's id."""
    if isinstance(given, str) and REQUEST_ID.fullmatch(given):
        return given
    raise Refused(400, f"“{field}” must be 8 to 64 letters and digits.")


def read_image_ids(body: Any) -> list[int]:
    """Return the images a change is for, each once, in the given order."""
    given = body.get("image_ids") if isinstance(body, dict) else None
    if not isinstance(given, list) or not 0 < len(given) <= IDS_LIMIT:
        raise Refused(400, "“image_ids” must be a list with at least one picture.")
    if not all(type(image_id) is int for image_id in given):
        raise Refused(400, "“image_ids” must hold whole numbers only.")
    return list(dict.fromkeys(given))


def read_answers(given: Any) -> dict[int, bool | None]:
    """Return answers by label id: true is yes, false is no, null is unknown."""
    if not isinstance(given, dict):
        raise Refused(400, "“answers” must name labels and true, false or null.")
    if not all(key.isdecimal() and is_answer(value) for key, value in given.items()):
        raise Refused(400, "“answers” must map label numbers to true, false or null.")
    return {int(key): value for key, value in given.items()}


def is_answer(value: Any) -> bool:
    """Say whether `value` is true, false or null (1 and 0 are not)."""
    return value is None or isinstance(value, bool)


def read_filter(query: QueryParams) -> Filter:
    """Return the filter in an address; Refused and ImageError name a wrong field."""
    return Filter(
        state=query.get("state", "all"),
        label_ids=numbers(query, "label"),
        without_ids=numbers(query, "without"),
        set_key=query.get("key"),
        split=query.get("split"),
        text=query.get("text", ""),
        unknown_ids=numbers(query, "unknown"),
        expression=query.get("expr", ""),
        source=query.get("source", ""),
        added_from=query.get("from", ""),
        added_to=query.get("to", ""),
        reviewed=yes_or_no(query, "reviewed"),
        disagrees=yes_or_no(query, "disagrees"),
    )


def yes_or_no(query: QueryParams, field: str) -> bool | None:
    """Return a field that is 1 or 0, None when it is not there."""
    text = query.get(field)
    if text not in (None, "0", "1"):
        raise Refused(400, f"“{field}” must be 1 or 0.")
    return None if text is None else text == "1"


def numbers(query: QueryParams, field: str) -> tuple[int, ...]:
    """Return the numbers of a field, which may repeat and hold commas."""
    parts = [part for text in query.getlist(field) for part in text.split(",") if part]
    if not all(part.isdecimal() for part in parts):
        raise Refused(400, f"“{field}” must hold whole numbers only.")
    return tuple(int(part) for part in parts)


def number(query: QueryParams, field: str, default: int, largest: int) -> int:
    """Return one number of the address, at most `largest`."""
    return min(whole_number(query.get(field, str(default)), field), largest)


def whole_number(text: str, field: str) -> int:
    """Return the number that `text` is; Refused names the field otherwise."""
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise Refused(400, f"“{field}” must be a whole number.")
    return int(text)
