"""The steps of the schema that labeling brought: see schema_steps for the rules."""

from typing import Any

from storage.schema_steps import migrations

__all__ = ["migrations"]


@migrations()
def m006_label_details(db: Any) -> None:
    """What a person says about a label, and which label brings which along."""
    db.executescript(
        """
        ALTER TABLE labels ADD COLUMN colour TEXT NOT NULL DEFAULT '';
        ALTER TABLE labels ADD COLUMN description TEXT NOT NULL DEFAULT '';
        ALTER TABLE labels ADD COLUMN hotkey TEXT NOT NULL DEFAULT '';
        -- ids of images that show what is meant, as JSON
        ALTER TABLE labels ADD COLUMN examples TEXT NOT NULL DEFAULT '[]';
        ALTER TABLE label_groups ADD COLUMN description TEXT NOT NULL DEFAULT '';
        CREATE TABLE implications (
            implication TEXT PRIMARY KEY,   -- "3>7": label 3 implies label 7
            label_id INTEGER NOT NULL REFERENCES labels,
            implied_id INTEGER NOT NULL REFERENCES labels,
            gone INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        """
    )


@migrations()
def m007_views_and_settings(db: Any) -> None:
    """Filters kept under a name, settings of one project, images looked at again."""
    db.executescript(
        """
        CREATE TABLE saved_views (
            view_id INTEGER PRIMARY KEY,
            name TEXT NOT NULL,
            name_key TEXT NOT NULL,
            query TEXT NOT NULL,
            made_at TEXT NOT NULL,
            who TEXT NOT NULL,
            gone INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        CREATE UNIQUE INDEX saved_views_by_name ON saved_views (name_key)
            WHERE gone = 0;
        CREATE TABLE project_settings (
            name TEXT PRIMARY KEY,
            value TEXT NOT NULL
        ) STRICT;
        ALTER TABLE images ADD COLUMN reviewed INTEGER NOT NULL DEFAULT 0;
        """
    )


@migrations()
def m008_people(db: Any) -> None:
    """Who has which image in hand, and what each person said of it."""
    db.executescript(
        """
        CREATE TABLE leases (
            image_id INTEGER PRIMARY KEY REFERENCES images,
            holder TEXT NOT NULL,
            who TEXT NOT NULL,
            until REAL NOT NULL
        ) STRICT;
        CREATE INDEX leases_by_holder ON leases (holder);
        CREATE TABLE opinions (
            image_id INTEGER NOT NULL REFERENCES images,
            label_id INTEGER NOT NULL REFERENCES labels,
            who TEXT NOT NULL,
            value INTEGER CHECK (value IN (0, 1)),
            at TEXT NOT NULL,
            PRIMARY KEY (image_id, label_id, who)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX batches_by_time ON batches (at);
        """
    )


@migrations()
def m009_scores(db: Any) -> None:
    """What the scoring run says of each image; never counted as answers."""
    db.executescript(
        """
        CREATE TABLE image_scores (
            image_id INTEGER PRIMARY KEY REFERENCES images,
            run_id TEXT NOT NULL,
            reading TEXT NOT NULL,         -- suggested label ids, as a set key
            is_seen INTEGER NOT NULL,      -- did training show this combination?
            confidence REAL NOT NULL,      -- of the whole reading, 0 to 1
            uncertainty REAL NOT NULL,     -- of the least certain question, 0 to 1
            probabilities TEXT NOT NULL    -- {"label id": probability} as JSON
        ) STRICT;
        CREATE INDEX image_scores_by_uncertainty ON image_scores (uncertainty);
        CREATE INDEX image_scores_by_reading ON image_scores (reading, confidence);
        CREATE TABLE suggestions (
            label_id INTEGER NOT NULL REFERENCES labels,
            image_id INTEGER NOT NULL REFERENCES images,
            probability REAL NOT NULL,
            PRIMARY KEY (label_id, image_id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX suggestions_by_image ON suggestions (image_id);
        CREATE INDEX suggestions_by_certainty ON suggestions (label_id, probability);
        """
    )


@migrations()
def m010_health(db: Any) -> None:
    """Measured facts of pictures, look-alikes, and findings a person dismissed."""
    db.executescript(
        """
        CREATE TABLE image_facts (
            image_id INTEGER PRIMARY KEY REFERENCES images,
            version INTEGER NOT NULL,
            hash TEXT NOT NULL,            -- perceptual hash, hexadecimal
            pixel_hash TEXT NOT NULL,
            brightness REAL NOT NULL,      -- mean, 0 to 1
            contrast REAL NOT NULL,        -- standard deviation, 0 to 1
            sharpness REAL NOT NULL,       -- variance of the Laplacian
            descriptor BLOB NOT NULL,      -- for sorting by likeness
            problem TEXT NOT NULL DEFAULT ''
        ) STRICT;
        CREATE INDEX image_facts_by_pixels ON image_facts (pixel_hash);
        CREATE TABLE near_duplicates (
            image_id INTEGER NOT NULL REFERENCES images,
            other_id INTEGER NOT NULL REFERENCES images,
            distance INTEGER NOT NULL,
            PRIMARY KEY (image_id, other_id),
            CHECK (image_id < other_id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX near_duplicates_by_other ON near_duplicates (other_id);
        CREATE TABLE dismissed_findings (
            finding TEXT NOT NULL,
            image_id INTEGER NOT NULL REFERENCES images,
            who TEXT NOT NULL,
            at TEXT NOT NULL,
            PRIMARY KEY (finding, image_id)
        ) STRICT, WITHOUT ROWID;
        """
    )


@migrations()
def m011_image_aliases(db: Any) -> None:
    """The paths of copies: of equal pictures one is kept, but all are asked for."""
    db.executescript(
        """
        CREATE TABLE image_aliases (
            path TEXT NOT NULL,
            image_id INTEGER NOT NULL REFERENCES images,
            PRIMARY KEY (path, image_id)
        ) STRICT, WITHOUT ROWID;
        """
    )
