"""The numbered schema: races, failures, newer and damaged files."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from storage import migrations
from storage.database import IntegrityError, connect, fetch_all, fetch_value, run_sql
from storage.errors import ProjectError, SchemaError
from storage.projects import Project, create_project, open_project

ROOT = Path(__file__).parent.parent


def test_six_processes_that_start_together_all_succeed(tmp_path: Path) -> None:
    code = f"""
import sys
from pathlib import Path
from storage.database import connect
from storage.migrations import migrate
print("ready", flush=True)
sys.stdin.readline()
for n in range(4):
    with connect(Path({str(tmp_path)!r}) / f"{{n}}.db") as db:
        migrate(db)
"""
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(6)
    ]
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    errors = [worker.communicate("go\n", timeout=60)[1] for worker in workers]
    assert errors == [""] * 6
    for path in sorted(tmp_path.glob("*.db")):
        with connect(path) as db:
            steps = fetch_value(db, "SELECT count(*) FROM _sqlite_migrations")
            assert steps == migrations.latest_version()


def test_a_step_that_fails_leaves_the_schema_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def m999_fails(db: Any) -> None:
        db.executescript("CREATE TABLE half (n INTEGER); CREATE TABLE half (n);")

    steps = list(migrations.migrations._migrations)
    monkeypatch.setattr(migrations.migrations, "_migrations", steps)
    migrations.migrations()(m999_fails)
    with connect(tmp_path / "a.db") as db:
        with pytest.raises(Exception, match="already exists"):
            migrations.migrate(db)
        assert db.table_names() == []
        assert fetch_value(db, "PRAGMA user_version") == 0


def test_a_second_migration_changes_nothing(project: Project) -> None:
    before = fetch_all(project.db, "SELECT * FROM _sqlite_migrations")
    migrations.migrate(project.db)
    assert fetch_all(project.db, "SELECT * FROM _sqlite_migrations") == before


def test_a_project_of_a_newer_version_is_refused_and_left_untouched(
    home: Path,
) -> None:
    path = home / "later" / "project.db"
    with create_project("later") as project:
        run_sql(project.db, "PRAGMA user_version = 99")
    before = path.read_bytes(), path.stat().st_mtime_ns
    with pytest.raises(SchemaError, match="newer version of Unseen"):
        open_project("later")
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    assert [entry.name for entry in path.parent.glob("project.db*")] == ["project.db"]


@pytest.mark.parametrize("content", [b"", b"SQLite format 3\0", b"x" * 5000])
def test_a_damaged_project_is_refused_and_never_made_anew(
    home: Path, content: bytes
) -> None:
    create_project("broken").db.close()
    path = home / "broken" / "project.db"
    path.write_bytes(content)
    with pytest.raises(SchemaError, match="damaged"):
        open_project("broken")
    assert path.read_bytes() == content


def test_a_project_without_its_file_is_not_made_anew(home: Path) -> None:
    create_project("empty").db.close()
    (home / "empty" / "project.db").unlink()
    with pytest.raises(ProjectError, match="no project named 'empty'"):
        open_project("empty")


def test_every_table_of_ours_is_strict(project: Project) -> None:
    rows = fetch_all(project.db, "SELECT name, strict FROM pragma_table_list")
    ours = {name: strict for name, strict in rows if not _is_foreign(name)}
    assert len(ours) == 31
    assert set(ours.values()) == {1}


def _is_foreign(name: str) -> bool:
    return name.startswith(("sqlite_", "_sqlite_"))


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE history SET after = 0",
        "DELETE FROM history",
        "REPLACE INTO history (history_id, batch_no) VALUES (1, 1)",
        "UPDATE batches SET who = 'somebody else'",
        "DELETE FROM batches",
    ],
)
def test_history_can_only_grow(project: Project, sql: str) -> None:
    run_sql(
        project.db,
        "INSERT INTO batches (batch_no, batch_id, at, who, action, kind)"
        " VALUES (1, 'b', 'now', 'me', 'answer', 'edit')",
    )
    run_sql(project.db, "INSERT INTO history (history_id, batch_no) VALUES (1, 1)")
    with pytest.raises(IntegrityError, match="append-only"):
        run_sql(project.db, sql)


def test_an_answer_needs_its_image_and_label(project: Project) -> None:
    with pytest.raises(IntegrityError, match="FOREIGN KEY"):
        run_sql(project.db, "INSERT INTO answers VALUES (1, 1, 1)")
