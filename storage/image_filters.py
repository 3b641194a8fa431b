"""How a Filter and an order become SQL."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from sqlite_utils import Database

from storage.database import fetch_value
from storage.errors import ImageError
from storage.label_expressions import (
    UNKNOWN_SQL,
    YES_SQL,
    compile_expression,
    yes_parameter,
)
from storage.label_rows import read_labels
from storage.projects import Project
from storage.records import Filter

_ORDERS = {
    "added": "image_id",
    "newest": "image_id DESC",
    "name": "name COLLATE NOCASE, image_id",
    # Without a score the subquery gives NULL, which DESC puts last.
    "uncertainty": "(SELECT uncertainty FROM image_scores"
    " WHERE image_scores.image_id = images.image_id) DESC, image_id",
}
_STATES = {
    "all": "",
    "unlabelled": "answered = 0",
    "labelled": "answered > 0",
    "incomplete": "answered > 0 AND answered < ?",
}
_LARGEST_ID = 2**63 - 1
_SPLITS = ("train", "validation", "test", "none")
_YES = "SELECT image_id FROM answers WHERE label_id = ? AND value = 1"
# Equal sets agree, which spares most images the look at single answers. A label
# that the run never learned cannot be read, so it says nothing.
DISAGREES_SQL = """
    EXISTS (SELECT 1 FROM image_scores AS score
        WHERE score.image_id = images.image_id AND score.reading <> images.set_key
        AND EXISTS (SELECT 1 FROM answers WHERE answers.image_id = images.image_id
            AND instr(score.probabilities, '"' || label_id || '":') > 0
            AND value <> (instr(',' || score.reading || ',',
                                ',' || label_id || ',') > 0)))
"""
# A picture that the run could not read has no probabilities.
_SCORED_SQL = (
    "image_id IN (SELECT image_id FROM image_scores WHERE probabilities <> '{}')"
    " AND answered > 0"
)

Clause = tuple[str, list[Any]]


def order_sql(order: str) -> str:
    """The ORDER BY for added, newest, name or uncertainty; ties: order of adding."""
    if order not in _ORDERS:
        raise ImageError(
            f"Images are ordered by {', '.join(_ORDERS)}, not by {order!r}."
        )
    return _ORDERS[order]


def where_sql(db: Database, filter: Filter) -> Clause:
    """The WHERE for a filter over live images, and its parameters."""
    used = [("deleted_at IS NULL", []), *_label_clauses(filter), *_clauses(db, filter)]
    return (
        " AND ".join(sql for sql, _ in used if sql),
        [value for sql, values in used if sql for value in values],
    )


def check_expression(project: Project, text: str) -> None:
    """Raise ExpressionError when a condition on the project's labels cannot be read."""
    if text.strip():
        compile_expression(text, read_labels(project.db))


def _label_clauses(filter: Filter) -> Iterator[Clause]:
    for label_id in filter.label_ids:
        yield f"image_id IN ({_YES})", [_bound(label_id)]
    for label_id in filter.without_ids:
        yield f"NOT {YES_SQL}", [yes_parameter(label_id)]
    for label_id in filter.unknown_ids:
        yield UNKNOWN_SQL, [_bound(label_id)]


def _clauses(db: Database, filter: Filter) -> Iterator[Clause]:
    yield _state_clause(db, filter)
    yield _expression_clause(db, filter)
    yield _set_clause(filter)
    yield _split_clause(filter)
    yield _text_clause(filter)
    yield _source_clause(filter)
    yield _from_clause(filter)
    yield _to_clause(filter)
    yield _reviewed_clause(filter)
    yield _disagrees_clause(filter)


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


def _expression_clause(db: Database, filter: Filter) -> Clause:
    if not filter.expression.strip():
        return "", []
    return compile_expression(filter.expression, read_labels(db))


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
    if filter.split == "none":
        return "split IS NULL", []
    return "split = ?", [filter.split]


def _text_clause(filter: Filter) -> Clause:
    text = filter.text.strip()
    if not text:
        return "", []
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    pattern = f"%{escaped}%"
    return "(name LIKE ? ESCAPE '\\' OR source LIKE ? ESCAPE '\\')", [pattern, pattern]


def _source_clause(filter: Filter) -> Clause:
    if not filter.source:
        return "", []
    # Not LIKE: it does not tell capitals apart, folders do.
    return "substr(source, 1, ?) = ?", [len(filter.source), filter.source]


def _from_clause(filter: Filter) -> Clause:
    if not filter.added_from:
        return "", []
    return "added_at >= ?", [_day(filter.added_from).isoformat()]


def _to_clause(filter: Filter) -> Clause:
    if not filter.added_to:
        return "", []
    day = _day(filter.added_to)
    if day == date.max:
        return "", []
    return "added_at < ?", [(day + timedelta(days=1)).isoformat()]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ImageError(
            f"A day is written like 2026-01-31, not {text[:40]!r}."
        ) from error


def _reviewed_clause(filter: Filter) -> Clause:
    if filter.reviewed is None:
        return "", []
    return "reviewed = ?", [int(filter.reviewed)]


def _disagrees_clause(filter: Filter) -> Clause:
    if filter.disagrees is None:
        return "", []
    if filter.disagrees:
        return DISAGREES_SQL, []
    return f"{_SCORED_SQL} AND NOT {DISAGREES_SQL}", []
