"""Packing and opening in processes of their own, and the download of what they made."""

import os
import signal
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from filled_project import fill
from test_app_routes import Client

from mlcore import export_jobs, restore_jobs, side_process, uploads
from mlcore.errors import UploadError
from mlcore.export_jobs import WHOLE, ExportJob, ExportWish
from mlcore.exporting import ExportError
from mlcore.side_jobs import SideStatus
from mlcore.view_filters import filter_of_view, find_view
from storage.images import count_images
from storage.labels import create_labels
from storage.projects import Project, incoming, open_project, project_names, uploads_dir
from storage.records import Filter
from storage.saved_views import save_view

pytestmark = pytest.mark.usefixtures("no_child_is_left")
DEADLINE_S = 60.0
MakeImage = Callable[..., bytes]


@pytest.fixture
def filled(project: Project, make_image: MakeImage) -> Project:
    fill(project, make_image, 3)
    create_labels(project, ["red"], who="me")
    return project


def until_ended(look: Callable[[], SideStatus]) -> SideStatus:
    deadline = time.monotonic() + DEADLINE_S
    while not (status := look()).ended:
        assert time.monotonic() < deadline, status
        time.sleep(0.02)
    return status


def prepared(project: Project, wish: ExportWish) -> ExportJob:
    job_id = export_jobs.start_export(project.name, wish)
    until_ended(lambda: export_jobs.read_export(project, job_id).status)
    return export_jobs.read_export(project, job_id)


def arrive(path: Path) -> str:
    upload_id = uploads.new_upload(incoming())
    staged = uploads.stage_path(incoming(), upload_id, path.name)
    staged.write_bytes(path.read_bytes())
    size = staged.stat().st_size
    uploads.finish_file(incoming(), upload_id, path.name, staged, size)
    return upload_id


def test_a_project_goes_out_as_a_download_and_comes_in_as_an_upload(
    filled: Project, tmp_path: Path
) -> None:
    job = prepared(filled, ExportWish(WHOLE))
    assert (job.status.phase, job.status.report["images"]) == ("done", 3)
    answer = Client().send("GET", f"/api/clothes/exports/{job.job_id}")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == 'attachment; filename="clothes.zip"'
    assert len(answer.content) == job.size_bytes
    packed = tmp_path / "clothes.zip"
    packed.write_bytes(answer.content)
    job_id = restore_jobs.start_restore(arrive(packed))
    status = until_ended(lambda: restore_jobs.restore_status(job_id))
    assert status.report == {"project": "clothes 2"}
    with open_project("clothes 2") as back:
        assert count_images(back) == 3
    assert not list(uploads_dir(incoming()).glob("u*"))


def test_a_zip_of_something_else_makes_no_project(
    filled: Project, tmp_path: Path
) -> None:
    with zipfile.ZipFile(tmp_path / "photos.zip", "w") as archive:
        archive.writestr("1.png", b"x")
    job_id = restore_jobs.start_restore(arrive(tmp_path / "photos.zip"))
    status = until_ended(lambda: restore_jobs.restore_status(job_id))
    assert status.phase == "failed"
    assert "“photos.zip” is not a project packed by Unseen" in status.message
    assert project_names() == ["clothes"]
    with pytest.raises(UploadError, match="one zip"):
        restore_jobs.start_restore(uploads.new_upload(incoming()))


def test_a_data_set_is_prepared_for_the_pictures_that_were_chosen(
    filled: Project,
) -> None:
    wish = ExportWish("coco", Filter(text="1.png"), "View “one”")
    job = prepared(filled, wish)
    assert job.wish == wish
    assert job.status.report["images"] == 1
    path, name = export_jobs.result_file(filled, job.job_id)
    assert name == "clothes-coco.zip"
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
    assert names == ["annotations.json", "images/te/1.png"]
    assert [x.job_id for x in export_jobs.list_exports(filled)] == [job.job_id]
    export_jobs.remove_export(filled, job.job_id)
    assert export_jobs.list_exports(filled) == []
    answer = Client().send("GET", f"/api/clothes/exports/{job.job_id}")
    assert answer.status_code == 400


def test_nothing_to_pack_and_a_killed_packing_are_said(filled: Project) -> None:
    job = prepared(filled, ExportWish("coco", Filter(text="nowhere")))
    assert job.status.phase == "failed"
    assert "No picture passes" in job.status.message
    with pytest.raises(ExportError, match="without pictures"):
        export_jobs.start_export("clothes", ExportWish("folders", with_images=False))
    job_id = export_jobs.start_export("clothes", ExportWish(WHOLE))
    folder = uploads_dir(filled) / job_id
    os.kill(side_process.read_process(folder)["pid"], signal.SIGKILL)
    status = until_ended(lambda: export_jobs.read_export(filled, job_id).status)
    assert (status.phase, "start it again" in status.message) == ("failed", True)
    with pytest.raises(UploadError, match="Prepare it again"):
        export_jobs.result_file(filled, job_id)


@pytest.mark.parametrize("job_id", ["..", "out-xyz", "job-0123456789abcdef"])
def test_a_download_of_nothing_is_refused(filled: Project, job_id: str) -> None:
    assert Client().send("GET", f"/api/clothes/exports/{job_id}").status_code in (
        400,
        404,
    )


def test_a_saved_view_says_which_pictures(filled: Project) -> None:
    save_view(filled, "ones", "state=unlabelled&q=1.png&without=1", who="me")
    save_view(filled, "line", "queue=unsure", who="me")
    found = filter_of_view(find_view(filled, "Ones"))
    assert found == Filter(state="unlabelled", text="1.png", without_ids=(1,))
    assert count_images(filled, found) == 1
    with pytest.raises(ExportError, match="is a queue"):
        filter_of_view(find_view(filled, "line"))
    with pytest.raises(ExportError, match="There are: “line”, “ones”"):
        find_view(filled, "twos")
