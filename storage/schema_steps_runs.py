"""The steps of the schema that the training engine brought: see schema_steps."""

from typing import Any

from storage.schema_steps_labeling import migrations

__all__ = ["migrations"]


@migrations()
def m020_run_series(db: Any) -> None:
    """What a run does now, which runs belong together, and recipes people saved."""
    db.executescript(
        """
        -- what a running run does now, in words; '' while it trains
        ALTER TABLE runs ADD COLUMN stage TEXT NOT NULL DEFAULT '';
        ALTER TABLE runs ADD COLUMN images_per_s REAL;
        ALTER TABLE runs ADD COLUMN memory_mb REAL;
        -- of the frozen images and answers alone: equal data, equal digest
        ALTER TABLE runs ADD COLUMN data_sha256 TEXT NOT NULL DEFAULT '';
        ALTER TABLE runs ADD COLUMN series_id TEXT NOT NULL DEFAULT '';
        CREATE TABLE run_series (
            series_id TEXT PRIMARY KEY,
            kind TEXT NOT NULL CHECK (kind IN ('seeds', 'search')),
            title TEXT NOT NULL,
            plan TEXT NOT NULL,             -- JSON: what is varied
            made_at TEXT NOT NULL,
            who TEXT NOT NULL
        ) STRICT;
        CREATE TABLE saved_recipes (
            name TEXT PRIMARY KEY,
            title TEXT NOT NULL,
            description TEXT NOT NULL,
            config TEXT NOT NULL,           -- JSON
            made_at TEXT NOT NULL,
            who TEXT NOT NULL,
            gone INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        """
    )
