"""The steps of the schema for doubted answers and picked pictures: see schema_steps."""

from typing import Any

from storage.schema_steps_similar import migrations

__all__ = ["migrations"]


@migrations()
def m034_label_errors(db: Any) -> None:
    """Answers that are probably wrong, those a person called right, picked images."""
    db.executescript(
        """
        -- the last search only
        CREATE TABLE label_checks (
            check_id INTEGER PRIMARY KEY CHECK (check_id = 1),
            at TEXT NOT NULL,
            report TEXT NOT NULL            -- JSON: what was looked at, its worth
        ) STRICT;
        -- counts while the answer is still `value` and nobody called it right
        CREATE TABLE suspected_answers (
            image_id INTEGER NOT NULL REFERENCES images,
            label_id INTEGER NOT NULL REFERENCES labels,
            value INTEGER NOT NULL CHECK (value IN (0, 1)),
            probability REAL NOT NULL,      -- of yes, by heads that never saw it
            quality REAL NOT NULL,          -- of the image, least is worst
            PRIMARY KEY (image_id, label_id)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE confirmed_answers (
            image_id INTEGER NOT NULL REFERENCES images,
            label_id INTEGER NOT NULL REFERENCES labels,
            value INTEGER NOT NULL CHECK (value IN (0, 1)),
            at TEXT NOT NULL,
            who TEXT NOT NULL,
            PRIMARY KEY (image_id, label_id)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE picks (
            pick_id INTEGER PRIMARY KEY,
            title TEXT NOT NULL,
            at TEXT NOT NULL,
            who TEXT NOT NULL
        ) STRICT;
        CREATE TABLE picked_images (
            pick_id INTEGER NOT NULL REFERENCES picks,
            place INTEGER NOT NULL,
            image_id INTEGER NOT NULL REFERENCES images,
            reason TEXT NOT NULL,
            PRIMARY KEY (pick_id, image_id)
        ) STRICT, WITHOUT ROWID;
        """
    )
