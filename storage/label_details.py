"""What a person says about labels and groups: colour, key, meaning, order."""

import json
import re
import unicodedata
from collections.abc import Collection, Sequence
from typing import TypedDict, Unpack

from sqlite_utils import Database

from storage.batches import live_image_ids
from storage.database import fetch_all, fetch_one, run_sql
from storage.errors import LabelError
from storage.label_keys import COMMANDS
from storage.label_rows import get_group_row, get_label
from storage.projects import Project
from storage.schema_acts import schema_act

MAX_DESCRIPTION_CHARACTERS = 1000
MAX_EXAMPLES = 6
_COLOUR = re.compile(r"#[0-9a-f]{6}")


class LabelDetails(TypedDict, total=False):
    """What `describe_label` can change; what is missing stays as it is."""

    colour: str | None
    description: str | None
    hotkey: str | None
    examples: Sequence[int] | None


def describe_label(
    project: Project, label_id: int, *, who: str, **details: Unpack[LabelDetails]
) -> None:
    """Change what is given of a label's details; an empty value takes one away.

    A colour is "#rrggbb", a hotkey one character that no other label has,
    examples are up to six ids of images; None is as good as nothing given.
    """
    with schema_act(project, "describe label", who):
        get_label(project.db, label_id)
        for column, value in _checked(project, label_id, details).items():
            run_sql(
                project.db,
                f"UPDATE labels SET {column} = ? WHERE label_id = ?",
                [value, label_id],
            )


def _checked(project: Project, label_id: int, details: LabelDetails) -> dict[str, str]:
    checked = {}
    if (colour := details.get("colour")) is not None:
        checked["colour"] = clean_colour(colour)
    if (description := details.get("description")) is not None:
        checked["description"] = clean_description(description)
    if (hotkey := details.get("hotkey")) is not None:
        checked["hotkey"] = _free_key(project, label_id, hotkey)
    if (examples := details.get("examples")) is not None:
        checked["examples"] = _live(project.db, examples)
    return checked


def describe_group(
    project: Project, group_id: int, *, description: str, who: str
) -> None:
    """Say what a group is about; an empty text takes that away."""
    with schema_act(project, "describe group", who):
        get_group_row(project.db, group_id)
        run_sql(
            project.db,
            "UPDATE label_groups SET description = ? WHERE group_id = ?",
            [clean_description(description), group_id],
        )


def order_labels(project: Project, label_ids: Sequence[int], *, who: str) -> None:
    """Put labels into this order, on the places that they share now."""
    with schema_act(project, "order labels", who):
        for label_id in label_ids:
            get_label(project.db, label_id)
        _permute(project.db, "labels", "label_id", label_ids)


def order_groups(project: Project, group_ids: Sequence[int], *, who: str) -> None:
    """Put groups into this order, on the places that they share now."""
    with schema_act(project, "order groups", who):
        for group_id in group_ids:
            get_group_row(project.db, group_id)
        _permute(project.db, "label_groups", "group_id", group_ids)


def label_examples(project: Project) -> dict[int, tuple[str, ...]]:
    """The content hashes of each label's example images that are still there."""
    rows = fetch_all(
        project.db,
        "SELECT label_id, sha256 FROM labels, json_each(labels.examples) AS e"
        " JOIN images ON images.image_id = e.value AND deleted_at IS NULL"
        " WHERE labels.gone = 0 ORDER BY label_id, e.key",
    )
    found: dict[int, tuple[str, ...]] = {}
    for label_id, sha256 in rows:
        found[label_id] = (*found.get(label_id, ()), sha256)
    return found


def clean_colour(colour: str) -> str:
    """The colour as it is stored, or LabelError; "" stays."""
    cleaned = colour.strip().lower()
    if cleaned and not _COLOUR.fullmatch(cleaned):
        raise LabelError(f"A colour is written like #3366cc, not {colour[:40]!r}.")
    return cleaned


def clean_description(text: str) -> str:
    """The text as it is stored, or LabelError when it is too long."""
    cleaned = unicodedata.normalize("NFC", text).strip()
    if len(cleaned) > MAX_DESCRIPTION_CHARACTERS:
        raise LabelError(
            f"A description has at most {MAX_DESCRIPTION_CHARACTERS} characters, but "
            f"this one has {len(cleaned)}. Shorten it."
        )
    # Lone surrogates cannot be stored; other control characters have no picture.
    if any(unicodedata.category(c) in ("Cc", "Cs") for c in cleaned if c != "\n"):
        raise LabelError("The description holds an invisible control character.")
    return cleaned


def clean_hotkey(hotkey: str) -> str:
    """The key as it is stored: one visible character, small; "" stays."""
    cleaned = unicodedata.normalize("NFC", hotkey.strip()).lower()
    if len(cleaned) > 1 or (cleaned and not cleaned.isprintable()):
        raise LabelError(f"A key is one visible character, not {hotkey[:40]!r}.")
    return cleaned


def _free_key(project: Project, label_id: int, hotkey: str) -> str:
    cleaned = clean_hotkey(hotkey)
    label = get_label(project.db, label_id)
    # One that was given before this was refused must not stop other changes.
    if cleaned in COMMANDS and cleaned != label.hotkey:
        raise LabelError(
            f"{label.name!r} cannot have the key {cleaned!r}: in the labeler it "
            f"{COMMANDS[cleaned]}. Choose another one."
        )
    other = fetch_one(
        project.db,
        "SELECT name FROM labels WHERE hotkey = ? AND hotkey <> '' AND gone = 0"
        " AND label_id <> ?",
        [cleaned, label_id],
    )
    if other:
        raise LabelError(
            f"The key {cleaned!r} belongs to {other[0]!r} already. Choose another one."
        )
    return cleaned


def _live(db: Database, examples: Collection[int]) -> str:
    wanted = list(dict.fromkeys(examples))
    if len(wanted) > MAX_EXAMPLES:
        raise LabelError(
            f"A label has at most {MAX_EXAMPLES} example pictures, but {len(wanted)} "
            "were chosen."
        )
    live = set(live_image_ids(db, wanted))
    return json.dumps([image_id for image_id in wanted if image_id in live])


def _permute(db: Database, table: str, key: str, row_ids: Sequence[int]) -> None:
    wanted = list(dict.fromkeys(row_ids))
    rows = fetch_all(
        db,
        f"SELECT position FROM {table}"
        f" WHERE {key} IN (SELECT value FROM json_each(?)) ORDER BY position",
        [json.dumps(wanted)],
    )
    last = -1
    for row_id, (place,) in zip(wanted, rows, strict=True):
        last = max(place, last + 1)  # two rows may share a place in an old project
        run_sql(db, f"UPDATE {table} SET position = ? WHERE {key} = ?", [last, row_id])
