"""One-time jobs in a process of their own: a folder each, with what to do and how far.

Built on side_process; job.json says what to do, status.json how far it is.
"""

import json
import re
import secrets
import time
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from mlcore import side_process
from mlcore.errors import MLError, UploadError
from storage.errors import StorageError
from storage.files import explained_disk

ENDED = ("done", "failed", "cancelled")
STATUS_EVERY_S = 0.25
START_LIMIT_S = 20.0
DIED = "The work ended before it was done. Nothing was half-made; start it again."
_JOB_ID = re.compile(r"(out|in)-[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class SideStatus:
    """How far a job is; `phase` is working, done, failed or cancelled."""

    phase: str = "working"
    done: int = 0
    total: int = 0
    message: str = ""
    report: dict[str, Any] = field(default_factory=dict)

    @property
    def ended(self) -> bool:
        return self.phase in ENDED


@dataclass(slots=True)
class Progress:
    """Writes how far a job is, at most four times a second."""

    folder: Path
    written_at: float = 0.0
    done: int = 0
    total: int = 0

    def __call__(self, done: int, total: int) -> None:
        self.done, self.total = done, total
        now = time.monotonic()
        if now - self.written_at >= STATUS_EVERY_S:
            self.written_at = now
            self.write("working")

    def write(
        self, phase: str, message: str = "", report: dict[str, Any] | None = None
    ) -> None:
        status = SideStatus(phase, self.done, self.total, message, report or {})
        side_process.write_status(self.folder, asdict(status))

    def is_cancelled(self) -> bool:
        return side_process.is_cancelled(self.folder)


Work = Callable[[dict[str, Any], Progress], dict[str, Any] | None]


def start_job(
    parent: Path, kind: str, wish: dict[str, Any], module: str, *arguments: str
) -> str:
    """Start `python -m MODULE ARGUMENTS… JOB_ID` and return the id.

    `kind` is out or in.
    """
    job_id = f"{kind}-{secrets.token_hex(8)}"
    folder = parent / job_id
    with explained_disk():
        folder.mkdir(parents=True)
        (folder / "job.json").write_text(json.dumps(wish), "utf-8")
    side_process.write_status(folder, asdict(SideStatus()))
    side_process.start_process(folder, module, [*arguments, job_id], {})
    return job_id


def job_folder(parent: Path, job_id: str) -> Path:
    """Return the folder of a job; raises `UploadError` when it is not there."""
    folder = parent / job_id
    if not _JOB_ID.fullmatch(job_id) or not (folder / "job.json").is_file():
        raise UploadError("This is not there any more. Start it again.")
    return folder


def list_jobs(parent: Path, kind: str) -> list[str]:
    """Return the ids of the jobs of a kind, newest first."""
    found = [path for path in parent.glob(f"{kind}-*") if (path / "job.json").is_file()]
    found.sort(key=lambda path: (path / "job.json").stat().st_mtime, reverse=True)
    return [path.name for path in found]


def read_wish(folder: Path) -> dict[str, Any]:
    """Return what a job has to do."""
    wish: dict[str, Any] = json.loads((folder / "job.json").read_text("utf-8"))
    return wish


def status_of(folder: Path) -> SideStatus:
    """Return how far a job is; one whose process is gone has failed."""
    # Look at the process first: a job may end between the two looks.
    alive = side_process.is_alive(folder)
    status = SideStatus(**side_process.read_status(folder))
    if status.ended or alive or _is_starting(folder):
        return status
    return SideStatus("failed", status.done, status.total, DIED)


def _is_starting(folder: Path) -> bool:
    if side_process.read_process(folder):
        return False
    return time.time() - (folder / "job.json").stat().st_mtime < START_LIMIT_S


def run_job(folder: Path, work: Work) -> int:
    """Do a job's work in its process; returns the exit status.

    `work` returns its report, None when it was cancelled.
    """
    progress = Progress(folder)
    side_process.give_way()
    try:
        report = work(read_wish(folder), progress)
    except (MLError, StorageError) as error:
        progress.write("failed", str(error))
        return 1
    except Exception as error:
        # Outermost level of this process: nobody else would write it down.
        traceback.print_exc()
        kind = type(error).__name__
        progress.write("failed", f"The work failed unexpectedly ({kind}).")
        return 1
    if report is None:
        progress.write("cancelled", "Cancelled. Nothing was made.")
    else:
        progress.write("done", report=report)
    return 0
