"""What a merged label brings along besides its answers: implications, examples."""

import json

from sqlite_utils import Database

from storage.database import run_many, run_sql
from storage.implication_rows import read_implications
from storage.label_details import MAX_EXAMPLES
from storage.label_rows import get_label


def carry_over(db: Database, from_id: int, into_id: int) -> None:
    """Let a label imply what another implies, be implied by what implies that, and
    show its example pictures too, after its own.
    """
    _carry_implications(db, from_id, into_id)
    examples = [*get_label(db, into_id).examples, *get_label(db, from_id).examples]
    kept = list(dict.fromkeys(examples))[:MAX_EXAMPLES]
    run_sql(
        db,
        "UPDATE labels SET examples = ? WHERE label_id = ?",
        [json.dumps(kept), into_id],
    )


def _carry_implications(db: Database, from_id: int, into_id: int) -> None:
    pairs = [
        (label_id, implied_id)
        for label_id, implied in read_implications(db).items()
        for implied_id in implied
        if from_id in (label_id, implied_id)
    ]
    turned = [tuple(into_id if i == from_id else i for i in pair) for pair in pairs]
    run_many(
        db,
        "INSERT INTO implications (implication, label_id, implied_id)"
        " VALUES (?, ?, ?) ON CONFLICT (implication) DO UPDATE SET gone = 0",
        [(f"{one}>{other}", one, other) for one, other in turned if one != other],
    )
