"""One-time jobs in a process of their own: a folder each, with what to do and how far.

Built on side_process; job.json says what to do, status.json how far it is.
"""

import json
import re
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from mlcore import side_process
from mlcore.errors import UploadError
from storage.files import explained_disk

ENDED = ("done", "failed", "cancelled")
STATUS_EVERY_S = 0.25
START_LIMIT_S = 20.0
_JOB_ID = re.compile(r"(out|in|job)-[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class SideStatus:
    """How far a job is; `phase` is working, done, failed or cancelled.

    `work` is what a person calls such a job; `kept` is what stays when it dies.
    """

    work: ClassVar[str] = "work"
    kept: ClassVar[str] = "Nothing was half-made; start it again."

    phase: str = "working"
    done: int = 0
    total: int = 0
    message: str = ""
    report: dict[str, Any] = field(default_factory=dict)

    @property
    def ended(self) -> bool:
        return self.phase in ENDED


Status = TypeVar("Status", bound=SideStatus)


@dataclass(slots=True)
class Progress:
    """Writes how far a job is, at most four times a second.

    `status` is the job at its start; `moving` is its phase while it counts.
    """

    folder: Path
    status: SideStatus = field(default_factory=SideStatus)
    moving: str = "working"
    written_at: float = 0.0

    def __call__(self, done: int, total: int) -> None:
        self.status = replace(self.status, done=done, total=total)
        now = time.monotonic()
        if now - self.written_at >= STATUS_EVERY_S:
            self.written_at = now
            self.write(self.moving)

    def write(
        self, phase: str, message: str = "", report: dict[str, Any] | None = None
    ) -> None:
        report = report or {}
        status = replace(self.status, phase=phase, message=message, report=report)
        write_status(self.folder, status)

    def end(self, report: dict[str, Any] | None) -> None:
        """Say that the job is done, or with None that it was cancelled."""
        if report is None:
            self.write("cancelled", "Cancelled. Nothing was made.")
        else:
            self.write("done", report=report)

    def is_cancelled(self) -> bool:
        return side_process.is_cancelled(self.folder)


Work = Callable[[dict[str, Any]], None]


def start_job(
    parent: Path,
    kind: str,
    wish: dict[str, Any],
    command: Sequence[str],
    status: SideStatus | None = None,
) -> str:
    """Start `python -m COMMAND… JOB_ID` and return the id.

    `kind` is out, in or job (an import); `status` is what it says before its process
    says anything.
    """
    module, *arguments = command
    job_id = f"{kind}-{secrets.token_hex(8)}"
    folder = parent / job_id
    with explained_disk():
        folder.mkdir(parents=True)
        (folder / "job.json").write_text(json.dumps(wish), "utf-8")
    write_status(folder, status or SideStatus())
    side_process.start_process(folder, module, [*arguments, job_id], {})
    return job_id


def job_folder(parent: Path, job_id: str, shown: str = "This") -> Path:
    """Return the folder of a job; raises `UploadError` when it is not there."""
    folder = parent / job_id
    if not _JOB_ID.fullmatch(job_id) or not _is_job(folder):
        raise UploadError(f"{shown} is not there any more. Start it again.")
    return folder


def list_jobs(parent: Path, kind: str) -> list[str]:
    """Return the ids of the jobs of a kind, newest first."""
    found = [path for path in parent.glob(f"{kind}-*") if _is_job(path)]
    found.sort(key=lambda path: (path / "job.json").stat().st_mtime, reverse=True)
    return [path.name for path in found]


def _is_job(folder: Path) -> bool:
    return (folder / "job.json").is_file() and (folder / "status.json").is_file()


def read_wish(folder: Path) -> dict[str, Any]:
    """Return what a job has to do."""
    wish: dict[str, Any] = json.loads((folder / "job.json").read_text("utf-8"))
    return wish


def status_of(folder: Path, kind: type[Status]) -> Status:
    """Return how far a job is; one whose process is gone has failed."""
    # Look at the process first: a job may end between the two looks.
    alive = side_process.is_alive(folder)
    status = kind(**side_process.read_status(folder))
    if status.ended or alive or _is_starting(folder):
        return status
    died = f"The {kind.work} ended before it was done. {kind.kept}"
    return replace(status, phase="failed", message=died)


def write_status(folder: Path, status: SideStatus) -> None:
    """Replace what is known of how far a job is."""
    side_process.write_status(folder, asdict(status))


def _is_starting(folder: Path) -> bool:
    if side_process.read_process(folder):
        return False
    return time.time() - (folder / "job.json").stat().st_mtime < START_LIMIT_S


def run_job(progress: Progress, work: Work) -> int:
    """Do a job's work in its process; returns the exit status.

    `work` gets what is wished and says itself how it ended, unless it raises.
    """

    def whole() -> tuple[str, str]:
        work(read_wish(progress.folder))
        return "ended", ""

    def explain(error: Exception) -> str:
        what = f"The {progress.status.work} failed unexpectedly"
        return f"{what} ({type(error).__name__})."

    state, message = side_process.end_of(whole, explain)
    if state == "failed":
        progress.write(state, message)
        return 1
    return 0
