"""The steps of the schema for what is measured of pictures: see schema_steps."""

from typing import Any

from storage.schema_steps_runs import migrations

__all__ = ["migrations"]


@migrations()
def m030_glare(db: Any) -> None:
    """How much of a picture is burnt out; filled when it is measured again."""
    db.executescript(
        """
        -- share of burnt-out pixels, 0 to 1; 0 on a light background
        ALTER TABLE image_facts ADD COLUMN glare REAL NOT NULL DEFAULT 0;
        """
    )
