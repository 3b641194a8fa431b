"""How a Filter and an order become SQL."""

from typing import Any

from sqlite_utils import Database

from storage.database import fetch_value
from storage.errors import ImageError
from storage.records import Filter

_ORDERS = {
    "added": "image_id",
    "newest": "image_id DESC",
    "name": "name COLLATE NOCASE, image_id",
}
_STATES = {
    "all": "",
    "unlabelled": "answered = 0",
    "labelled": "answered > 0",
    "incomplete": "answered > 0 AND answered < ?",
}
_LARGEST_ID = 2**63 - 1
_SPLITS = ("train", "validation", "test")
_YES = "SELECT image_id FROM answers WHERE label_id = ? AND value = 1"

Clause = tuple[str, list[Any]]


def order_sql(order: str) -> str:
    """The ORDER BY for added, newest or name; ties keep the order of adding."""
    if order not in _ORDERS:
        raise ImageError(
            f"Images are ordered by {', '.join(_ORDERS)}, not by {order!r}."
        )
    return _ORDERS[order]


def where_sql(db: Database, filter: Filter) -> Clause:
    """The WHERE for a filter over live images, and its parameters."""
    clauses: list[Clause] = [("deleted_at IS NULL", []), _state_clause(db, filter)]
    clauses += [(f"image_id IN ({_YES})", [_bound(i)]) for i in filter.label_ids]
    clauses += [(f"image_id NOT IN ({_YES})", [_bound(i)]) for i in filter.without_ids]
    clauses += [_set_clause(filter), _split_clause(filter), _text_clause(filter)]
    used = [clause for clause in clauses if clause[0]]
    return (
        " AND ".join(sql for sql, _ in used),
        [value for _, values in used for value in values],
    )


def _bound(label_id: int) -> int:
    # sqlite3 raises OverflowError for a number that no id can have.
    return min(label_id, _LARGEST_ID)


def _state_clause(db: Database, filter: Filter) -> Clause:
    if filter.state not in _STATES:
        raise ImageError(
            f"The state of an image is one of {', '.join(_STATES)}, not "
            f"{filter.state!r}."
        )
    if filter.state != "incomplete":
        return _STATES[filter.state], []
    labels = fetch_value(db, "SELECT count(*) FROM labels WHERE gone = 0")
    return _STATES["incomplete"], [labels]


def _set_clause(filter: Filter) -> Clause:
    if filter.set_key is None:
        return "", []
    # answered > 0 lets the partial index serve, and leaves unlabelled images
    # out of the empty set
    return "set_key = ? AND answered > 0", [filter.set_key]


def _split_clause(filter: Filter) -> Clause:
    if filter.split is None:
        return "", []
    if filter.split not in _SPLITS:
        raise ImageError(
            f"A split is one of {', '.join(_SPLITS)}, not {filter.split!r}."
        )
    return "split = ?", [filter.split]


def _text_clause(filter: Filter) -> Clause:
    text = filter.text.strip()
    if not text:
        return "", []
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    pattern = f"%{escaped}%"
    return "(name LIKE ? ESCAPE '\\' OR source LIKE ? ESCAPE '\\')", [pattern, pattern]
