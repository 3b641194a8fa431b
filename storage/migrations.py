"""Bringing a project file to the schema this program knows."""

from sqlite_utils import Database

from storage.database import fetch_value, immediate, run_sql
from storage.errors import SchemaError
from storage.schema_steps_suspects import migrations


def latest_version() -> int:
    """The schema version this program writes, kept in SQLite's user_version."""
    return len(migrations._migrations)


def refuse_newer(version: int) -> None:
    """Raise SchemaError when a file's version is above ours."""
    if version > latest_version():
        raise SchemaError(
            f"This project was made by a newer version of Unseen (data version "
            f"{version}, this program knows {latest_version()}). Nothing was "
            "changed; update the program to open it."
        )


def migrate(db: Database) -> None:
    """Bring the schema up to date; safe when several processes start together."""
    version = fetch_value(db, "PRAGMA user_version")
    refuse_newer(version)
    if version == latest_version():
        return
    # The pending list is read again by apply(), now that nobody else can write.
    with immediate(db):
        refuse_newer(fetch_value(db, "PRAGMA user_version"))
        migrations.apply(db)
        run_sql(db, f"PRAGMA user_version = {latest_version()}")
