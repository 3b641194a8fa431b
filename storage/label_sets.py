"""Distinct label sets with their counts, and combinations of labels."""

import json
from collections.abc import Iterable, Sequence

from storage.database import fetch_all, run_sql
from storage.errors import LabelError
from storage.image_filters import where_sql
from storage.images import list_images
from storage.label_rows import get_label
from storage.projects import Project
from storage.records import Filter, Image, LabelSet
from storage.schema_acts import schema_act


def label_sets(project: Project, *, split: str | None = None) -> list[LabelSet]:
    """Every distinct set of yes labels among labelled images, most frequent first.

    Read from one index: the number of images matters little, that of sets more.
    """
    rule, values = ("", []) if split is None else ("AND split = ?", [split])
    rows = fetch_all(
        project.db,
        "SELECT set_key, count(*) AS images FROM images"
        f" WHERE answered > 0 AND deleted_at IS NULL {rule}"
        " GROUP BY set_key ORDER BY images DESC, set_key",
        values,
    )
    return [LabelSet(key, parse_key(key), count) for key, count in rows]


def set_counts(project: Project) -> list[tuple[str, int]]:
    """Every distinct key among labelled images with its count, in no useful order.

    For counting: where nearly every image is a set of its own, sorting them and making
    objects takes longer than all the rest.
    """
    return fetch_all(
        project.db,
        "SELECT set_key, count(*) FROM images"
        " WHERE answered > 0 AND deleted_at IS NULL GROUP BY set_key",
    )


def label_sets_of_filter(project: Project, filter: Filter) -> list[LabelSet]:
    """The same of those labelled images that a filter shows."""
    shown, values = where_sql(project.db, filter)
    rows = fetch_all(
        project.db,
        "SELECT set_key, count(*) AS images FROM images"
        f" WHERE answered > 0 AND {shown}"
        " GROUP BY set_key ORDER BY images DESC, set_key",
        values,
    )
    return [LabelSet(key, parse_key(key), count) for key, count in rows]


def label_sets_of_images(project: Project, image_ids: Iterable[int]) -> list[LabelSet]:
    """The same of those labelled images among the given ones."""
    rows = fetch_all(
        project.db,
        "SELECT set_key, count(*) AS images FROM images"
        " WHERE image_id IN (SELECT value FROM json_each(?))"
        " AND answered > 0 AND deleted_at IS NULL"
        " GROUP BY set_key ORDER BY images DESC, set_key",
        [json.dumps(list(image_ids))],
    )
    return [LabelSet(key, parse_key(key), count) for key, count in rows]


def parse_key(key: str) -> tuple[int, ...]:
    """The label ids of a label-set or combination key; '' has none."""
    return tuple(map(int, key.split(","))) if key else ()


def make_key(label_ids: Iterable[int]) -> str:
    """The key of some labels: ascending ids joined by commas."""
    return ",".join(map(str, sorted(set(label_ids))))


def images_of_combination(
    project: Project, label_ids: Sequence[int], *, limit: int = 60, offset: int = 0
) -> list[Image]:
    """Images on which every one of these labels is yes, in order of adding."""
    wanted = Filter(label_ids=tuple(label_ids))
    return list_images(project, wanted, offset=offset, limit=limit)


def mark_impossible(
    project: Project, label_ids: Sequence[int], impossible: bool, *, who: str
) -> None:
    """Say that a combination cannot exist, or take that back; it can be undone."""
    key = make_key(label_ids)
    if len(parse_key(key)) < 2:
        raise LabelError("A combination has at least two different labels.")
    with schema_act(project, "mark impossible", who):
        for label_id in parse_key(key):
            get_label(project.db, label_id)
        run_sql(
            project.db,
            "INSERT INTO impossible_combinations (combination, gone) VALUES (?, ?)"
            " ON CONFLICT (combination) DO UPDATE SET gone = excluded.gone",
            [key, int(not impossible)],
        )


def list_impossible(project: Project) -> set[tuple[int, ...]]:
    """The combinations a person called impossible, as ascending label ids.

    Those with a label that is gone are left out.
    """
    rows = fetch_all(
        project.db, "SELECT combination FROM impossible_combinations WHERE gone = 0"
    )
    live = {row[0] for row in fetch_all(project.db, _LIVE_LABELS)}
    keys = (parse_key(combination) for (combination,) in rows)
    return {key for key in keys if live.issuperset(key)}


_LIVE_LABELS = "SELECT label_id FROM labels WHERE gone = 0"
