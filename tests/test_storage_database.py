"""Opening a database, write transactions, and SQLite's errors in words."""

import subprocess
import sys
from pathlib import Path

import pytest

from storage.database import (
    DatabaseError,
    check_file,
    connect,
    describe_engine,
    fetch_all,
    fetch_value,
    immediate,
    is_wal_safe,
    run_many,
    run_sql,
)
from storage.errors import HomeError, SchemaError

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 50, 4), False),
        ((3, 50, 7), True),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 52, 0), False),
        ((3, 53, 4), True),
    ],
)
def test_write_ahead_log_is_used_only_where_its_reset_bug_is_fixed(
    version: tuple[int, ...], safe: bool
) -> None:
    assert is_wal_safe(version) is safe


def test_a_connection_has_our_settings(tmp_path: Path) -> None:
    with connect(tmp_path / "a.db") as db:
        names = ("foreign_keys", "synchronous", "recursive_triggers", "busy_timeout")
        settings = [fetch_value(db, f"PRAGMA {name}") for name in names]
        assert settings == [1, 2, 1, 10_000]
        mode = fetch_value(db, "PRAGMA journal_mode")
        assert mode == describe_engine()["journal_mode"]


def test_a_transaction_that_fails_leaves_nothing_even_when_interrupted(
    tmp_path: Path,
) -> None:
    with connect(tmp_path / "a.db") as db:
        run_sql(db, "CREATE TABLE numbers (n INTEGER) STRICT")
        with pytest.raises(KeyboardInterrupt), immediate(db):
            run_sql(db, "INSERT INTO numbers VALUES (1)")
            raise KeyboardInterrupt
        assert not db.conn.in_transaction
        assert fetch_all(db, "SELECT n FROM numbers") == []


def test_an_inner_transaction_can_fail_alone(tmp_path: Path) -> None:
    with connect(tmp_path / "a.db") as db, immediate(db):
        run_sql(db, "CREATE TABLE numbers (n INTEGER) STRICT")
        run_sql(db, "INSERT INTO numbers VALUES (1)")
        with pytest.raises(ZeroDivisionError), immediate(db):
            run_sql(db, "INSERT INTO numbers VALUES (2)")
            _ = 1 / 0
        run_sql(db, "INSERT INTO numbers VALUES (3)")
        assert fetch_all(db, "SELECT n FROM numbers") == [(1,), (3,)]


def test_processes_that_read_and_then_write_lose_no_update(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with connect(path) as db:
        run_sql(db, "CREATE TABLE counter (n INTEGER) STRICT")
        run_sql(db, "INSERT INTO counter VALUES (0)")
    code = f"""
from pathlib import Path
from storage.database import connect, fetch_value, immediate, run_sql
with connect(Path({str(path)!r})) as db:
    for _ in range(50):
        with immediate(db):
            n = fetch_value(db, "SELECT n FROM counter")
            run_sql(db, "UPDATE counter SET n = ?", [n + 1])
"""
    workers = [
        subprocess.Popen([sys.executable, "-c", code], cwd=ROOT) for _ in range(4)
    ]
    assert [worker.wait(60) for worker in workers] == [0] * 4
    with connect(path) as db:
        assert fetch_value(db, "SELECT n FROM counter") == 200


def test_a_full_disk_is_told_in_words_and_loses_nothing(tmp_path: Path) -> None:
    with connect(tmp_path / "a.db") as db:
        run_sql(db, "CREATE TABLE texts (t TEXT) STRICT")
        run_sql(db, "INSERT INTO texts VALUES ('kept')")
        run_sql(db, "PRAGMA max_page_count = 20")
        with pytest.raises(HomeError, match="disk is full"), immediate(db):
            run_many(db, "INSERT INTO texts VALUES (?)", [["x" * 9_000]] * 50)
        assert fetch_all(db, "SELECT t FROM texts") == [("kept",)]
        check_file(db)


def test_a_read_only_file_is_told_in_words(tmp_path: Path) -> None:
    with connect(tmp_path / "a.db") as db:
        run_sql(db, "CREATE TABLE texts (t TEXT) STRICT")
        run_sql(db, "PRAGMA query_only = ON")
        with pytest.raises(HomeError, match="read-only"), immediate(db):
            run_sql(db, "INSERT INTO texts VALUES ('x')")


def test_a_file_kept_busy_by_another_is_told_in_words(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with connect(path) as db, connect(path) as other, immediate(db):
        run_sql(other, "PRAGMA busy_timeout = 1")
        with pytest.raises(HomeError, match="busy"), immediate(other):
            pass


def test_a_missing_folder_is_told_in_words(tmp_path: Path) -> None:
    with pytest.raises(HomeError, match="cannot be opened"):
        connect(tmp_path / "missing" / "a.db")


def test_a_file_damaged_in_the_middle_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with connect(path) as db:
        run_sql(db, "CREATE TABLE texts (t TEXT) STRICT")
        with immediate(db):
            run_many(db, "INSERT INTO texts VALUES (?)", [["x" * 500]] * 200)
    content = bytearray(path.read_bytes())
    content[8192:20480] = b"\xff" * 12288
    path.write_bytes(content)
    with connect(path) as db, pytest.raises(SchemaError, match="damaged"):
        check_file(db)
        fetch_all(db, "SELECT t FROM texts")


def test_a_mistake_in_our_own_sql_is_not_dressed_up(tmp_path: Path) -> None:
    with (
        connect(tmp_path / "a.db") as db,
        pytest.raises(DatabaseError, match="no such table"),
    ):
        fetch_all(db, "SELECT n FROM nowhere")
