"""The steps of the schema for similar items: see schema_steps."""

from typing import Any

from storage.schema_steps_classified import migrations

__all__ = ["migrations"]


@migrations()
def m033_items(db: Any) -> None:
    """What a picture is a picture of: a title, a price, where to get it."""
    db.executescript(
        """
        CREATE TABLE items (
            image_id INTEGER PRIMARY KEY REFERENCES images,
            title TEXT NOT NULL,
            price TEXT NOT NULL,
            link TEXT NOT NULL              -- '' or an http(s) address, checked
        ) STRICT;
        """
    )
