"""A project's file as a copy that can be carried away, and such a copy taken in.

What comes from outside is not trusted: it is checked for damage, for a newer
version and for tables, triggers or views that are not ours before anybody uses it.
"""

import re
import shutil
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlite_utils import Database

from storage.database import (
    DatabaseError,
    check_file,
    connect,
    explained,
    fetch_all,
    fetch_value,
    immediate,
    run_sql,
)
from storage.errors import ProjectError, SchemaError
from storage.files import explained_disk, sync_folder
from storage.home import home_dir, prepare_home
from storage.migrations import migrate
from storage.projects import (
    Project,
    check_header,
    clean_project_name,
    open_project,
    refuse_taken,
)

DATABASE_NAME = "project.db"
FOLDERS = ("images", "thumbs", "runs", "uploads")
PACKED = "The project was packed while this run was under way."
_HASH = re.compile(r"[0-9a-f]{64}")
_ENDING = re.compile(r"[a-z0-9]{1,8}")
_RUN_ID = re.compile(r"r\d{4,9}-[a-z0-9-]{1,100}")
# Of tables the columns, of triggers the text; how other texts are spelled depends on
# the SQLite that changed a table last.
_OBJECTS = """
    SELECT type, name, tbl_name, CASE type
        WHEN 'trigger' THEN sql
        WHEN 'table' THEN (
            SELECT group_concat(name || ' ' || type || ' ' || pk || ' ' || hidden)
            FROM pragma_table_xinfo(sqlite_master.name)
        ) END
    FROM sqlite_master WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
"""


@dataclass(frozen=True, slots=True)
class Original:
    """The file of one image row, also of a deleted one: undo may bring it back."""

    sha256: str
    ext: str
    size_bytes: int

    @property
    def place(self) -> str:
        """Where it lies below the project's folder, with plain slashes."""
        return f"images/{self.sha256[:2]}/{self.sha256[2:4]}/{self.sha256}.{self.ext}"


def copy_database(project: Project, target: Path) -> None:
    """Write one moment of project.db to `target`, a single file."""
    with explained(), closing(connect(target).conn) as copy:
        # All pages at once: in steps, a write in between would start it anew.
        project.db.conn.backup(copy)
        # Without the WAL beside it the copy would not be whole.
        copy.execute("PRAGMA journal_mode = delete").fetchone()


@contextmanager
def open_copy(path: Path) -> Iterator[Database]:
    """Open a copy for the functions below; one file again when the block ends."""
    with explained():
        db = connect(path)
        try:
            db.execute("PRAGMA trusted_schema = OFF")
            yield db
            db.execute("PRAGMA journal_mode = delete").fetchone()
        finally:
            db.close()


def originals(db: Database) -> list[Original]:
    """Every picture's file; SchemaError for a name that could lead elsewhere."""
    rows = fetch_all(db, "SELECT sha256, ext, size_bytes FROM images ORDER BY image_id")
    for sha256, ext, _ in rows:
        if not (_HASH.fullmatch(sha256) and _ENDING.fullmatch(ext)):
            raise SchemaError(
                f"The project file names a picture “{sha256[:70]}.{ext[:20]}”, which"
                " no version of Unseen writes. Nothing was taken from it."
            )
    return [Original(*row) for row in rows]


def run_ids(db: Database) -> list[str]:
    """The ids of all runs; SchemaError for one that could lead elsewhere."""
    ids = [row[0] for row in fetch_all(db, "SELECT run_id FROM runs ORDER BY number")]
    for run_id in ids:
        if not _RUN_ID.fullmatch(run_id):
            raise SchemaError(
                f"The project file names a run “{run_id[:70]}”, which no version of"
                " Unseen writes. Nothing was taken from it."
            )
    return ids


def forget_runs(db: Database) -> None:
    """Remove the runs and what they said of images, for a copy without run folders."""
    with immediate(db):
        said = ("suggestions", "image_scores", "doubted_readings")
        for table in (*said, "epochs", "runs"):
            run_sql(db, f"DELETE FROM {table}")


def forget_classified(db: Database) -> None:
    """Remove what is remembered of classified pictures: it stays on its machine."""
    # Else the rows could still be read in the file's free pages.
    db.execute("PRAGMA secure_delete = ON")
    with immediate(db):
        run_sql(db, "DELETE FROM classified")


def count_rows(db: Database) -> dict[str, int]:
    """How many rows each table has."""
    tables = [name for kind, name, *_ in _objects(db) if kind == "table"]
    return {
        table: int(fetch_value(db, f'SELECT count(*) FROM "{table}"'))
        for table in sorted(tables)
    }


def check_copy(path: Path) -> None:
    """Bring a foreign copy to our version; SchemaError when it is not a sound one."""
    with explained_disk():
        check_header(path)
    try:
        with open_copy(path) as db:
            check_file(db)
            _refuse_strange_actors(db)
            migrate(db)
            _refuse_other_tables(db)
            if fetch_all(db, "PRAGMA foreign_key_check"):
                raise _not_ours("rows that belong to nothing")
    except DatabaseError as error:
        raise _not_ours("tables that are not Unseen's") from error


def _refuse_strange_actors(db: Database) -> None:
    """Before anything is written: no triggers or views but ours may run."""
    actors = {row for row in _objects(db) if row[0] in ("trigger", "view")}
    _refuse(actors - _our_objects())


def _refuse_other_tables(db: Database) -> None:
    _refuse(_objects(db) ^ _our_objects())


def _refuse(strange: set[tuple[str, ...]]) -> None:
    if strange:
        kind, name = min(row[:2] for row in strange)
        raise _not_ours(f"the {kind} “{name[:70]}” otherwise than Unseen makes it")


def _objects(db: Database) -> set[tuple[str, ...]]:
    return {tuple(row) for row in fetch_all(db, _OBJECTS)}


def _our_objects() -> set[tuple[str, ...]]:
    db = Database(memory=True)
    try:
        migrate(db)
        return _objects(db)
    finally:
        db.close()


def _not_ours(what: str) -> SchemaError:
    return SchemaError(
        f"The project file holds {what}. Nothing was taken from it; pack the project"
        " again where it comes from."
    )


def settle_copy(db: Database) -> None:
    """End what was under way where the copy was made: runs and leases."""
    with immediate(db):
        run_sql(
            db,
            "UPDATE runs SET state = 'interrupted', message = ?, pid = NULL,"
            " process_started = NULL, heartbeat = NULL, request = NULL"
            " WHERE state IN ('running', 'queued')",
            [PACKED],
        )
        run_sql(db, "DELETE FROM leases")


@contextmanager
def draft_project() -> Iterator[Path]:
    """Give an empty folder in the data folder that is gone when the block ends.

    What a crash leaves of it is swept at the next start.
    """
    draft = prepare_home() / f".new-{uuid.uuid4().hex}"
    with explained_disk():
        for folder in FOLDERS:
            (draft / folder).mkdir(parents=True)
        try:
            yield draft
        finally:
            shutil.rmtree(draft, ignore_errors=True)


def adopt_draft(draft: Path, name: str) -> Project:
    """Make a filled draft a project and open it; ProjectError for a taken name."""
    cleaned = clean_project_name(name)
    refuse_taken(home_dir(), cleaned)
    with explained_disk():
        sync_folder(draft)
        draft.rename(home_dir() / cleaned)
        sync_folder(home_dir())
    return open_project(cleaned)


def free_name(wanted: str) -> str:
    """The wanted project name, or the next like “clothes 2” that nobody has."""
    name = clean_project_name(wanted)
    taken = {entry.name.casefold() for entry in prepare_home().iterdir()}
    for number in range(2, 10_000):
        if name.casefold() not in taken:
            return name
        name = clean_project_name(f"{wanted[:50].strip()} {number}")
    raise ProjectError(f"Too many projects are named like {wanted!r}.")
