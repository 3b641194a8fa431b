"""A process of its own beside the app, for one project and one kind of work.

Its folder holds status.json (how far it is, replaced as a whole), process.json (who
it is), log.txt, and a file `cancel` that asks it to end. It survives the app.
"""

import contextlib
import json
import os
import secrets
import subprocess
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from mlcore.errors import MLError
from mlcore.processes import is_same_process, process_started
from storage.errors import StorageError
from storage.files import explained_disk
from storage.home import home_dir

ROOT = Path(__file__).resolve().parent.parent
LOW_PRIORITY = 10
# Kept by pid until they are reaped: an ended child is a zombie until then.
_children: "dict[int, subprocess.Popen[bytes]]" = {}


def start_process(
    folder: Path, module: str, arguments: Sequence[str], facts: dict[str, Any]
) -> int:
    """Start `python -m MODULE ARGUMENTS…` and return its pid.

    `facts` are kept in process.json. Call it inside `storage.database.immediate`:
    else two callers could both find that nothing runs.
    """
    with explained_disk():
        folder.mkdir(exist_ok=True)
        forget_cancel(folder)
        with (folder / "log.txt").open("wb") as log:
            child = subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                cwd=ROOT,
                env={
                    **os.environ,
                    "PYTHONUNBUFFERED": "1",
                    "UNSEEN_HOME": str(home_dir()),
                },
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
    _children[child.pid] = child
    process = {"pid": child.pid, "started": process_started(child.pid)}
    write_facts(folder, {**facts, **process})
    return child.pid


def write_facts(folder: Path, facts: dict[str, Any]) -> None:
    """Note which process works here: its pid, its start, and what it was given."""
    _replace(folder / "process.json", facts)


def is_alive(folder: Path) -> bool:
    """Whether the process last started in this folder still works."""
    reap()
    process = read_process(folder)
    if not process or process["started"] is None:
        return False
    return is_same_process(process["pid"], process["started"])


def reap() -> None:
    """Let go of children that have ended."""
    for pid, child in list(_children.items()):
        if child.poll() is not None:
            _children.pop(pid, None)


def read_process(folder: Path) -> dict[str, Any]:
    """What is known of the process last started here; empty if there was none."""
    return _read(folder / "process.json")


def read_status(folder: Path) -> dict[str, Any]:
    """What the process last said of itself; empty if it never did."""
    return _read(folder / "status.json")


def write_status(folder: Path, status: dict[str, Any]) -> None:
    """Replace the status as a whole: a reader sees the old one or the new one."""
    _replace(folder / "status.json", status)


def forget_process(folder: Path) -> None:
    """Forget what an ended process was and said; its log stays."""
    for name in ("process.json", "status.json", "cancel"):
        (folder / name).unlink(missing_ok=True)


def ask_cancel(folder: Path) -> None:
    """Ask the process to end soon; what it has stored stays."""
    with explained_disk():
        folder.mkdir(exist_ok=True)
        (folder / "cancel").touch()


def forget_cancel(folder: Path) -> None:
    """Take the wish to end back."""
    (folder / "cancel").unlink(missing_ok=True)


def is_cancelled(folder: Path) -> bool:
    """Whether somebody asked the process to end."""
    return (folder / "cancel").exists()


def fingerprint(folder: Path) -> tuple[int, ...]:
    """What changes when somebody writes into the project: times and sizes of files."""
    project_db = folder.parent / "project.db"
    found: list[int] = []
    for path in (project_db, project_db.with_name("project.db-wal"), folder):
        # Opening the database makes an empty journal; closing it removes that, also
        # between a look whether it is there and one at its size.
        with contextlib.suppress(FileNotFoundError):
            facts = path.stat()
            if facts.st_size:
                found += [facts.st_mtime_ns, facts.st_size]
    return tuple(found)


def end_of(
    work: Callable[[], tuple[str, str]], explain: Callable[[Exception], str]
) -> tuple[str, str]:
    """Do a process's work: the state it ended in and a sentence, whatever happens.

    `explain` puts into words what nobody raised on purpose.
    """
    try:
        return work()
    except (MLError, StorageError) as error:
        return "failed", str(error)
    except Exception as error:
        # Outermost level of this process: nobody else would write it down.
        traceback.print_exc()
        return "failed", explain(error)


def give_way() -> None:
    """Lower this process's priority below the app's and a training run's."""
    if hasattr(os, "nice"):  # not on Windows
        os.nice(LOW_PRIORITY)
    # Where Linux groups processes by session (desktops do), a nice value only counts
    # among those of one session. It is all of a session that is lowered here, so only
    # the one that was started for this process.
    if hasattr(os, "getsid") and os.getsid(0) == os.getpid():
        with contextlib.suppress(OSError):
            Path("/proc/self/autogroup").write_text(str(LOW_PRIORITY))


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _replace(path: Path, data: dict[str, Any]) -> None:
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        with explained_disk():
            partial.write_text(json.dumps(data), "utf-8")
            partial.replace(path)
    finally:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
