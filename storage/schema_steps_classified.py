"""The steps of the schema for what was classified: see schema_steps."""

from typing import Any

from storage.schema_steps_facts import migrations

__all__ = ["migrations"]


@migrations()
def m031_classified(db: Any) -> None:
    """What runs said of pictures, and which doubtful ones people are asked about."""
    db.executescript(
        """
        -- bounded, and a person may forget it: no picture is kept
        CREATE TABLE classified (
            classified_id INTEGER PRIMARY KEY,
            sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
            name TEXT NOT NULL,
            at TEXT NOT NULL,
            run_id TEXT NOT NULL,
            who TEXT NOT NULL,
            reading TEXT NOT NULL,          -- ids of the labels said, as a set_key
            labels TEXT NOT NULL,           -- JSON: their names then
            is_seen INTEGER NOT NULL CHECK (is_seen IN (0, 1)),
            is_doubtful INTEGER NOT NULL CHECK (is_doubtful IN (0, 1)),
            unseen_share REAL,              -- NULL: not known
            probabilities TEXT NOT NULL,    -- JSON: of the labels said, by id
            UNIQUE (sha256, run_id)
        ) STRICT;
        CREATE TABLE doubted_images (
            image_id INTEGER PRIMARY KEY REFERENCES images,
            run_id TEXT NOT NULL,           -- the run that was in doubt
            reason TEXT NOT NULL,
            doubt REAL NOT NULL,
            batch_id TEXT NOT NULL,
            at TEXT NOT NULL,
            who TEXT NOT NULL
        ) STRICT;
        CREATE TABLE doubted_readings (
            image_id INTEGER NOT NULL REFERENCES images,
            run_id TEXT NOT NULL,
            reading TEXT NOT NULL,
            PRIMARY KEY (image_id, run_id)
        ) STRICT, WITHOUT ROWID;
        """
    )


@migrations()
def m032_thumbs(db: Any) -> None:
    """Whether a person found right what was said of a picture."""
    db.executescript(
        """
        -- NULL: nobody has said; 1 right, 0 wrong
        ALTER TABLE classified ADD COLUMN thumb INTEGER CHECK (thumb IN (0, 1));
        """
    )
