"""Data sets and whole projects packed for download, each in a process of its own."""

import shutil
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from mlcore import side_jobs, side_process
from mlcore.errors import UploadError
from mlcore.export_dataset import ExportChoice, check_format, export_dataset
from mlcore.export_names import safe_name
from mlcore.project_archive import export_project
from mlcore.side_jobs import Progress, SideStatus
from storage.projects import Project, open_project, uploads_dir
from storage.records import Filter

RESULT_NAME = "result.zip"
WHOLE = "project"


@dataclass(frozen=True, slots=True)
class ExportWish:
    """What to pack: a data set in a format, or with `format_key` "project" all of it.

    `filter_words` say the choice of pictures in a person's words.
    """

    format_key: str
    filter: Filter = field(default_factory=Filter)
    filter_words: str = ""
    with_images: bool = True
    with_runs: bool = True

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "ExportWish":
        lists = ("label_ids", "without_ids", "unknown_ids")
        chosen = dict(data["filter"])
        chosen.update({name: tuple(chosen[name]) for name in lists if name in chosen})
        return cls(**{**data, "filter": Filter(**chosen)})


@dataclass(frozen=True, slots=True)
class ExportJob:
    """One packing: what was wished, how far it is, how large the zip is.

    `started` is in unix seconds.
    """

    job_id: str
    wish: ExportWish
    status: SideStatus
    size_bytes: int
    started: float


def start_export(project_name: str, wish: ExportWish) -> str:
    """Begin to pack and return the job's id; raises `ExportError` at once if it
    cannot be packed so."""
    if wish.format_key != WHOLE:
        check_format(wish.format_key, wish.with_images)
    with open_project(project_name) as project:
        return side_jobs.start_job(
            uploads_dir(project),
            "out",
            asdict(wish),
            ["mlcore.export_worker", project_name],
        )


def list_exports(project: Project) -> list[ExportJob]:
    """Return the packings of a project, newest first; a day later they are swept."""
    parent = uploads_dir(project)
    return [_read(parent / job_id) for job_id in side_jobs.list_jobs(parent, "out")]


def read_export(project: Project, job_id: str) -> ExportJob:
    """Return one packing; raises `UploadError` when it is not there."""
    return _read(side_jobs.job_folder(uploads_dir(project), job_id))


def _read(folder: Path) -> ExportJob:
    result = folder / RESULT_NAME
    return ExportJob(
        folder.name,
        ExportWish.from_json(side_jobs.read_wish(folder)),
        side_jobs.status_of(folder, SideStatus),
        result.stat().st_size if result.is_file() else 0,
        (folder / "job.json").stat().st_mtime,
    )


def cancel_export(project: Project, job_id: str) -> None:
    """Ask a packing to end; what was half-made goes."""
    side_process.ask_cancel(side_jobs.job_folder(uploads_dir(project), job_id))


def remove_export(project: Project, job_id: str) -> None:
    """Remove a packing with its zip."""
    folder = side_jobs.job_folder(uploads_dir(project), job_id)
    shutil.rmtree(folder, ignore_errors=True)


def result_file(project: Project, job_id: str) -> tuple[Path, str]:
    """Return the finished zip and the name to download it under."""
    job = read_export(project, job_id)
    path = uploads_dir(project) / job_id / RESULT_NAME
    if job.status.phase != "done" or not path.is_file():
        raise UploadError("This zip is not there any more. Prepare it again.")
    suffix = "" if job.wish.format_key == WHOLE else f"-{job.wish.format_key}"
    return path, safe_name(f"{project.name}{suffix}.zip")


def do_export(project: Project, job_id: str) -> int:
    """Do a packing in this process; returns the exit status."""
    side_process.give_way()
    progress = Progress(side_jobs.job_folder(uploads_dir(project), job_id))

    def work(wish: dict[str, Any]) -> None:
        progress.end(_pack(project, ExportWish.from_json(wish), progress))

    return side_jobs.run_job(progress, work)


def _pack(
    project: Project, wish: ExportWish, progress: Progress
) -> dict[str, Any] | None:
    target = progress.folder / RESULT_NAME
    if wish.format_key == WHOLE:
        packed = export_project(
            project,
            target,
            with_runs=wish.with_runs,
            on_progress=progress,
            is_cancelled=progress.is_cancelled,
        )
        return None if packed.cancelled else packed.as_json()
    written = export_dataset(
        project,
        wish.format_key,
        target,
        ExportChoice(wish.filter, wish.with_images),
        on_progress=progress,
        is_cancelled=progress.is_cancelled,
    )
    return None if written.cancelled else written.as_json()
