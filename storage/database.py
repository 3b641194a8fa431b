"""Opening project.db safely, and the only doors through which SQL runs.

One engine everywhere: sqlite_utils picks pysqlite3 when it is installed. Two
copies of SQLite in one process can corrupt a file, and their exception classes
differ, so nothing else may import sqlite3.
"""

import contextlib
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlite_utils import Database
from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined]

from storage.errors import HomeError, SchemaError, StorageError

BUSY_TIMEOUT_S = 10.0
Parameters = Sequence[Any] | dict[str, Any]
DatabaseError = sqlite3.DatabaseError
IntegrityError = sqlite3.IntegrityError

# Parts of SQLite's messages, and what they mean for a person.
_MEANINGS: tuple[tuple[str, type[StorageError], str], ...] = (
    (
        "disk is full",
        HomeError,
        "The disk is full, so nothing was saved. Free some space and try again.",
    ),
    (
        "disk i/o error",
        HomeError,
        "The disk refused to write, so nothing was saved. It may be full or "
        "damaged: free some space and try again.",
    ),
    (
        "readonly database",
        HomeError,
        "The data folder is read-only, so nothing was saved. Give this user "
        "permission to write there and try again.",
    ),
    (
        "unable to open database",
        HomeError,
        "The project file cannot be opened. Check that the data folder is there "
        "and that this user may read and write it.",
    ),
    (
        "database is locked",
        HomeError,
        f"Another program kept the project busy for more than "
        f"{BUSY_TIMEOUT_S:.0f} seconds, so nothing was saved. Try again.",
    ),
    (
        "malformed",
        SchemaError,
        "The project file is damaged. Nothing was changed; restore it from a backup.",
    ),
    (
        "not a database",
        SchemaError,
        "The project file is damaged: it is not a SQLite database. Nothing was "
        "changed; restore it from a backup.",
    ),
)


def now_text() -> str:
    """The time as every table keeps it: ISO-8601, UTC, milliseconds."""
    moment = datetime.now(UTC).isoformat(timespec="milliseconds")
    return moment.replace("+00:00", "Z")


def is_wal_safe(version: tuple[int, ...]) -> bool:
    """Whether this SQLite is free of the WAL-reset bug (sqlite.org/wal.html)."""
    if version[:3] == (3, 52, 0):  # withdrawn by its authors
        return False
    if version[:2] in ((3, 50), (3, 44)):
        return version[2] >= {50: 7, 44: 6}[version[1]]
    return version >= (3, 51, 3)


def describe_engine() -> dict[str, Any]:
    """SQLite's version, the module it came from, and the journal mode we use."""
    return {
        "sqlite_version": sqlite3.sqlite_version,
        "library": sqlite3.__name__,
        "journal_mode": _wanted_journal_mode(),
        "wal_safe": is_wal_safe(sqlite3.sqlite_version_info),
    }


def connect(path: Path) -> Database:
    """Open a database with our settings; use it in the calling thread only."""
    with explained():
        # isolation_level None: the driver opens no transactions of its own, so
        # a write with RETURNING cannot leave one open behind our back.
        connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None)
        try:
            return _prepared(connection)
        except BaseException:
            connection.close()
            raise


def _prepared(connection: Any) -> Database:
    db = Database(connection, recursive_triggers=True)
    _set_journal_mode(db, _wanted_journal_mode())
    db.execute("PRAGMA synchronous = FULL")
    db.execute("PRAGMA foreign_keys = ON")
    return db


def _wanted_journal_mode() -> str:
    return "wal" if is_wal_safe(sqlite3.sqlite_version_info) else "delete"


def _set_journal_mode(db: Database, mode: str) -> None:
    # The busy timeout does not cover a change of journal mode: processes that
    # open a new file together would get "database is locked" at once.
    deadline = time.monotonic() + BUSY_TIMEOUT_S
    while db.execute("PRAGMA journal_mode").fetchone()[0] != mode:
        try:
            db.execute(f"PRAGMA journal_mode = {mode}").fetchone()
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


@contextlib.contextmanager
def immediate(db: Database) -> Iterator[Database]:
    """One write transaction; inside another one it is a savepoint.

    BEGIN IMMEDIATE, because a deferred transaction that reads and then writes
    fails at once with "database is locked", whatever the busy timeout.
    """
    with explained():
        if db.conn.in_transaction:
            with db.atomic():
                yield db
            return
        db.conn.execute("BEGIN IMMEDIATE")
        try:
            yield db
            db.conn.execute("COMMIT")
        except BaseException:
            db.rollback()
            raise


@contextlib.contextmanager
def explained() -> Iterator[None]:
    """Turn SQLite's words on disk, lock and damage into a StorageError."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        text = str(error).lower()
        for part, kind, sentence in _MEANINGS:
            if part in text:
                raise kind(sentence) from error
        raise


def fetch_all(db: Database, sql: str, parameters: Parameters = ()) -> list[Any]:
    """All rows of a SELECT, as tuples."""
    with explained():
        return db.execute(sql, parameters).fetchall()


def fetch_one(db: Database, sql: str, parameters: Parameters = ()) -> Any:
    """The first row of a SELECT as a tuple, or None."""
    with explained():
        return db.execute(sql, parameters).fetchone()


def fetch_value(db: Database, sql: str, parameters: Parameters = ()) -> Any:
    """The first column of the first row, or None."""
    row = fetch_one(db, sql, parameters)
    return None if row is None else row[0]


def fetch_returned(db: Database, sql: str, parameters: Parameters = ()) -> list[Any]:
    """Run a write with RETURNING and give its rows as dictionaries."""
    with explained():
        # Through query(), which fetches and commits; execute() would leave the
        # statement unfinished and the transaction open.
        return list(db.query(sql, parameters))


def run_sql(db: Database, sql: str, parameters: Parameters = ()) -> int:
    """Run one write and say how many rows it touched."""
    with explained():
        return db.execute(sql, parameters).rowcount


def insert_row(db: Database, sql: str, parameters: Parameters) -> int:
    """Run one INSERT and give the id of the new row."""
    with explained():
        return db.execute(sql, parameters).lastrowid or 0


def run_many(db: Database, sql: str, rows: Iterable[Parameters]) -> None:
    """Run one write for many rows; call it inside `immediate`."""
    with explained():
        db.conn.executemany(sql, rows)


def check_file(db: Database) -> None:
    """Raise SchemaError when SQLite's own quick check finds damage."""
    verdict = fetch_value(db, "PRAGMA quick_check(1)")
    if verdict != "ok":
        raise SchemaError(
            f"The project file is damaged ({verdict}). Nothing was changed; "
            "restore it from a backup."
        )
