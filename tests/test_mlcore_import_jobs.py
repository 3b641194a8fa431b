"""Import jobs: real processes that end, fail, are cancelled and are killed."""

import io
import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from mlcore import import_jobs, uploads
from mlcore.errors import UploadError
from mlcore.import_jobs import JobStatus, job_status, list_jobs, start_job
from mlcore.importing import run_import
from mlcore.layouts import ImportOptions
from storage.images import count_images, image_path, list_images, progress
from storage.projects import Project, uploads_dir

pytestmark = pytest.mark.usefixtures("no_child_is_left")
DEADLINE_S = 60.0
Wait = Callable[[str, Callable[[JobStatus], bool]], JobStatus]


@pytest.fixture
def wait() -> Wait:
    """A function: job id and a condition to the first status that fulfils it."""

    def until(job_id: str, is_so: Callable[[JobStatus], bool]) -> JobStatus:
        deadline = time.monotonic() + DEADLINE_S
        while True:
            status = job_status("clothes", job_id)
            if is_so(status):
                return status
            assert time.monotonic() < deadline, status
            time.sleep(0.02)

    return until


@pytest.fixture
def photos(tmp_path: Path) -> Callable[[int], Path]:
    """A function: a count to a folder of that many pictures in four folders."""

    def build(count: int, size_px: int = 16) -> Path:
        for number in range(count):
            folder = ("red_dress", "red_shirt", "blue_dress", "blue_shirt")[number % 4]
            path = tmp_path / "in" / folder / f"{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            file = io.BytesIO()
            colour = (number % 256, number // 256, 9)
            Image.new("RGB", (size_px, size_px), colour).save(file, "PNG")
            path.write_bytes(file.getvalue())
        return tmp_path / "in"

    return build


def ended(status: JobStatus) -> bool:
    return status.ended


def test_a_dry_run_and_an_import_report_the_same(
    project: Project, photos: Callable[[int], Path], wait: Wait
) -> None:
    source = photos(12)
    plan = wait(start_job("clothes", source, dry_run=True, who="me"), ended)
    assert (plan.phase, plan.dry_run, count_images(project)) == ("done", True, 0)
    done = wait(start_job("clothes", source, dry_run=False, who="me"), ended)
    assert (done.phase, done.done, done.total) == ("done", 12, 12)
    assert done.report is not None
    assert done.report.pop("batch_id")
    assert done.report == plan.report
    assert done.report and done.report["layout"] == "combinations"
    assert progress(project).complete == 12


def test_an_upload_is_discarded_once_it_came_in(
    project: Project, photos: Callable[[int], Path], wait: Wait
) -> None:
    upload_id = uploads.new_upload(project)
    for photo in sorted(photos(3).rglob("*.png")):
        path = uploads.stage_path(project, upload_id, photo.name)
        path.write_bytes(photo.read_bytes())
        size = path.stat().st_size
        uploads.finish_file(project, upload_id, photo.name, path, size)
    for dry_run in (True, False):
        job_id = start_job(
            "clothes", upload_id, dry_run=dry_run, who="me", source_is_upload=True
        )
        assert (uploads_dir(project) / upload_id).exists()
        assert wait(job_id, ended).report is not None
    assert not (uploads_dir(project) / upload_id).exists()
    assert count_images(project) == 3


def test_options_reach_the_process(
    project: Project, photos: Callable[[int], Path], wait: Wait, tmp_path: Path
) -> None:
    source = photos(4)
    table = tmp_path / "t.csv"
    table.write_text("image_name,tags\n1,first;second\n")
    options = ImportOptions(csv_path=table, tag_separator=";", group_names=("a", "b"))
    status = wait(start_job("clothes", source, options, dry_run=True, who="me"), ended)
    assert status.report and status.report["labels"] == ["first", "second"]


def test_what_cannot_be_imported_fails_with_a_sentence(
    project: Project, wait: Wait, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    for source in (tmp_path / "empty", tmp_path / "nowhere"):
        job_id = start_job("clothes", source, dry_run=False, who="me")
        status = wait(job_id, ended)
        assert status.phase == "failed"
        assert source.name in status.message
        assert "Traceback" not in status.message


def test_cancelling_keeps_what_is_stored(
    project: Project, photos: Callable[[int], Path], wait: Wait
) -> None:
    job_id = start_job("clothes", photos(800), dry_run=False, who="me")
    wait(job_id, lambda status: status.done > 0)
    import_jobs.cancel_job("clothes", job_id)
    status = wait(job_id, ended)
    assert status.phase == "cancelled"
    stored = count_images(project)
    assert 0 < stored < 800
    assert status.report and status.report["added"] == stored
    assert progress(project).labelled == stored


def test_a_killed_import_shows_as_failed_and_is_completed_by_running_it_again(
    project: Project, photos: Callable[[int], Path], wait: Wait
) -> None:
    source = photos(800)
    job_id = start_job("clothes", source, dry_run=False, who="me")
    wait(job_id, lambda status: status.done > 200)
    process = json.loads((uploads_dir(project) / job_id / "process.json").read_text())
    os.kill(process["pid"], signal.SIGKILL)
    status = wait(job_id, ended)
    assert status.phase == "failed"
    assert "start it again" in status.message
    stored = count_images(project)
    assert 0 < stored < 800
    files = [image_path(project, x) for x in list_images(project, limit=2000)]
    assert all(path.stat().st_size > 0 for path in files)
    report = run_import(project, source, who="me")
    assert (report.added, report.already_there) == (800 - stored, stored)
    assert progress(project).complete == 800


def test_jobs_are_listed_newest_first_and_unknown_ones_are_said(
    project: Project, photos: Callable[[int], Path], wait: Wait
) -> None:
    source = photos(1)
    ids = [start_job("clothes", source, dry_run=True, who="me") for _ in range(2)]
    for job_id in ids:
        wait(job_id, ended)
    assert {job_id for job_id, _ in list_jobs("clothes")} == set(ids)
    for job_id in ("job-1", "../x", "job-" + "0" * 16):
        with pytest.raises(UploadError):
            job_status("clothes", job_id)
