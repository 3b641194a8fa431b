"""The first steps of the schema of project.db, one numbered function per change.

Never edit a step that was released: add the next one, in the newest file of steps.
Tables are STRICT, so a wrong type is refused. Rows of labels, groups and images are
never removed but marked (gone, deleted_at), so that every act can be undone.
"""

from typing import Any

from sqlite_utils import Migrations

migrations = Migrations("unseen")


@migrations()
def m001_images(db: Any) -> None:
    """Pictures by content; set_key and answered are kept by the answer functions."""
    db.executescript(
        """
        CREATE TABLE images (
            image_id INTEGER PRIMARY KEY,
            sha256 TEXT NOT NULL UNIQUE CHECK (length(sha256) = 64),
            name TEXT NOT NULL,
            ext TEXT NOT NULL,
            width_px INTEGER NOT NULL,
            height_px INTEGER NOT NULL,
            size_bytes INTEGER NOT NULL,
            added_at TEXT NOT NULL,
            source TEXT NOT NULL,
            split TEXT CHECK (split IN ('train', 'validation', 'test')),
            set_key TEXT NOT NULL DEFAULT '',
            answered INTEGER NOT NULL DEFAULT 0,
            deleted_at TEXT
        ) STRICT;
        -- The columns of the condition too, else SQLite looks up every row.
        CREATE INDEX images_by_set ON images (set_key, split, answered, deleted_at)
            WHERE answered > 0 AND deleted_at IS NULL;
        CREATE INDEX images_by_answered ON images (answered, deleted_at)
            WHERE deleted_at IS NULL;
        CREATE INDEX images_by_name ON images (name COLLATE NOCASE)
            WHERE deleted_at IS NULL;
        """
    )


@migrations()
def m002_labels(db: Any) -> None:
    """Labels, their groups, and combinations a person called impossible."""
    db.executescript(
        """
        CREATE TABLE label_groups (
            group_id INTEGER PRIMARY KEY,
            name TEXT NOT NULL,
            name_key TEXT NOT NULL,
            rule TEXT NOT NULL CHECK (rule IN ('exactly-one', 'at-most-one', 'any')),
            position INTEGER NOT NULL,
            gone INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        CREATE UNIQUE INDEX label_groups_by_name ON label_groups (name_key)
            WHERE gone = 0;
        CREATE TABLE labels (
            label_id INTEGER PRIMARY KEY,
            name TEXT NOT NULL,
            name_key TEXT NOT NULL,
            group_id INTEGER REFERENCES label_groups,
            position INTEGER NOT NULL,
            gone INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        CREATE UNIQUE INDEX labels_by_name ON labels (name_key) WHERE gone = 0;
        CREATE TABLE impossible_combinations (
            combination TEXT PRIMARY KEY,
            gone INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        """
    )


@migrations()
def m003_answers(db: Any) -> None:
    """One row per answered question: yes 1, no 0, unknown has no row."""
    db.executescript(
        """
        CREATE TABLE answers (
            image_id INTEGER NOT NULL REFERENCES images,
            label_id INTEGER NOT NULL REFERENCES labels,
            value INTEGER NOT NULL CHECK (value IN (0, 1)),
            PRIMARY KEY (image_id, label_id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX answers_by_label ON answers (label_id, value, image_id);
        """
    )


@migrations()
def m004_history(db: Any) -> None:
    """Who did what in which batch; nothing in it can be changed or removed."""
    db.executescript(
        """
        CREATE TABLE batches (
            batch_no INTEGER PRIMARY KEY,
            batch_id TEXT NOT NULL,
            at TEXT NOT NULL,
            who TEXT NOT NULL,
            action TEXT NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('edit', 'import', 'undo', 'redo')),
            target_no INTEGER REFERENCES batches,
            undone_by INTEGER REFERENCES batches
        ) STRICT;
        CREATE UNIQUE INDEX batches_once ON batches (batch_id)
            WHERE kind <> 'import';
        CREATE INDEX batches_by_id ON batches (batch_id);
        CREATE INDEX batches_by_person ON batches (who, kind, batch_no);
        CREATE TABLE history (
            history_id INTEGER PRIMARY KEY,
            batch_no INTEGER NOT NULL REFERENCES batches,
            image_id INTEGER,
            label_id INTEGER,
            before INTEGER,
            after INTEGER,
            detail TEXT
        ) STRICT;
        CREATE INDEX history_by_batch ON history (batch_no);
        CREATE INDEX history_by_image ON history (image_id)
            WHERE image_id IS NOT NULL;
        CREATE TRIGGER history_no_update BEFORE UPDATE ON history
            BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
        CREATE TRIGGER history_no_delete BEFORE DELETE ON history
            BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
        CREATE TRIGGER batches_no_delete BEFORE DELETE ON batches
            BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
        CREATE TRIGGER batches_no_update
            BEFORE UPDATE OF batch_no, batch_id, at, who, action, kind, target_no
            ON batches
            BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
        """
    )


@migrations()
def m005_runs(db: Any) -> None:
    """Training runs and their epochs; the index keeps one running per slot."""
    db.executescript(
        """
        CREATE TABLE runs (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            run_id TEXT NOT NULL UNIQUE,
            state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'finished',
                'stopped', 'failed', 'cancelled', 'interrupted')),
            recipe TEXT NOT NULL,
            config TEXT NOT NULL,
            created_at TEXT NOT NULL,
            started_at TEXT,
            ended_at TEXT,
            seconds REAL NOT NULL DEFAULT 0,
            epochs_total INTEGER NOT NULL,
            epochs_done INTEGER NOT NULL DEFAULT 0,
            batches_total INTEGER NOT NULL DEFAULT 0,
            batches_done INTEGER NOT NULL DEFAULT 0,
            best_epoch INTEGER,
            metrics TEXT NOT NULL DEFAULT '{}',
            request TEXT CHECK (request IN ('stop', 'discard')),
            message TEXT NOT NULL DEFAULT '',
            pid INTEGER,
            process_started REAL,
            heartbeat REAL,
            attempt INTEGER NOT NULL DEFAULT 0,
            slot INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        CREATE UNIQUE INDEX runs_one_running ON runs (slot)
            WHERE state = 'running';
        CREATE TABLE epochs (
            number INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
            epoch INTEGER NOT NULL CHECK (epoch >= 1),
            seconds REAL NOT NULL,
            metrics TEXT NOT NULL,
            PRIMARY KEY (number, epoch)
        ) STRICT, WITHOUT ROWID;
        """
    )
