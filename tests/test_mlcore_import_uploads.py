"""Staged uploads: files of the browser on their way in."""

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from mlcore import uploads
from mlcore.errors import BadSource, UploadError
from mlcore.importing import run_import
from storage.projects import Project, uploads_dir

MakeImage = Callable[..., bytes]


def send(project: Project, upload_id: str, name: str, data: bytes) -> None:
    path = uploads.stage_path(project, upload_id, name)
    path.write_bytes(data)
    uploads.finish_file(project, upload_id, name, path, len(data))


def names(project: Project, upload_id: str) -> list[str]:
    return [staged.name for staged in uploads.list_files(project, upload_id)]


def test_an_upload_is_a_source_with_its_folders(
    project: Project, make_image: MakeImage
) -> None:
    upload_id = uploads.new_upload(project)
    for colour in ("red", "blue"):
        for garment in ("dress", "hat"):
            data = make_image(colour, (len(colour), len(garment)))
            send(project, upload_id, f"in/{colour}_{garment}/1.png", data)
    source = uploads.staged_source(project, upload_id)
    report = run_import(project, source, who="me")
    assert (report.layout, report.added) == ("combinations", 4)
    assert report.labels == ["blue", "dress", "hat", "red"]


def test_a_file_exists_only_once_it_arrived_wholly(project: Project) -> None:
    upload_id = uploads.new_upload(project)
    path = uploads.stage_path(project, upload_id, "a.png")
    path.write_bytes(b"half")
    assert names(project, upload_id) == []
    with pytest.raises(UploadError, match="wholly"):
        uploads.finish_file(project, upload_id, "a.png", path, 8)
    with pytest.raises(BadSource, match="holds no files"):
        run_import(project, uploads.staged_source(project, upload_id), who="me")


def test_a_name_sent_twice_stands_for_its_last_arrival(project: Project) -> None:
    upload_id = uploads.new_upload(project)
    for name, data in (("a.png", b"1"), ("b.png", b"2"), ("a.png", b"333")):
        send(project, upload_id, name, data)
    staged = uploads.list_files(project, upload_id)
    assert [(s.number, s.name, s.size_bytes) for s in staged] == [
        (2, "b.png", 1),
        (3, "a.png", 3),
    ]
    assert uploads.find_staged(project, upload_id, 2).path.read_bytes() == b"2"
    with pytest.raises(UploadError, match="number 9"):
        uploads.find_staged(project, upload_id, 9)


@pytest.mark.parametrize("name", ["../../x.png", "/etc/x.png", "..\\x.png", "a\0b.png"])
def test_a_given_name_is_never_a_path(project: Project, name: str) -> None:
    upload_id = uploads.new_upload(project)
    folder = uploads_dir(project) / upload_id
    send(project, upload_id, name, b"x")
    staged = uploads.list_files(project, upload_id)[0]
    assert staged.path.parent == folder
    assert ".." not in staged.name and not staged.name.startswith("/")


@pytest.mark.parametrize("upload_id", ["", "..", "u123", "../../etc", "u" + "0" * 16])
def test_an_unknown_upload_is_said_in_words(project: Project, upload_id: str) -> None:
    with pytest.raises(UploadError, match="Choose the files again"):
        uploads.stage_path(project, upload_id, "a.png")
    uploads.discard_upload(project, upload_id)
    assert uploads_dir(project).is_dir()


def test_a_path_of_somebody_else_is_not_recorded(project: Project) -> None:
    first, second = uploads.new_upload(project), uploads.new_upload(project)
    path = uploads.stage_path(project, first, "a.png")
    path.write_bytes(b"x")
    with pytest.raises(UploadError, match="not staged"):
        uploads.finish_file(project, second, "a.png", path, 1)


def test_a_folder_of_a_person_is_never_taken_for_an_upload(
    project: Project,
) -> None:
    folder = uploads_dir(project).parent / ("u" + "a" * 16)
    folder.mkdir()
    (folder / uploads.MANIFEST).write_text('{"file": "../../../etc/passwd"}\n')
    assert not uploads.is_staged(folder)


def test_a_damaged_manifest_costs_only_its_damaged_lines(project: Project) -> None:
    upload_id = uploads.new_upload(project)
    send(project, upload_id, "a.png", b"x")
    manifest = uploads_dir(project) / upload_id / uploads.MANIFEST
    with manifest.open("a") as file:
        file.write('{"file": "../../../etc/passwd", "name": "p", "size": 1}\n')
        file.write('{"file": "00\n')
    send(project, upload_id, "b.png", b"y")
    assert names(project, upload_id) == ["a.png", "b.png"]


def test_many_files_at_once_all_arrive(project: Project) -> None:
    upload_id = uploads.new_upload(project)

    def arrive(number: int) -> None:
        send(project, upload_id, f"photos/{number}.png", b"x" * number)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(arrive, range(400)))
    assert sorted(names(project, upload_id)) == sorted(
        f"photos/{n}.png" for n in range(400)
    )


def test_old_uploads_are_swept_and_young_ones_stay(project: Project) -> None:
    old, young = uploads.new_upload(project), uploads.new_upload(project)
    past = time.time() - 1000
    folder = uploads_dir(project) / old
    for path in (folder / uploads.MANIFEST, folder):
        os.utime(path, (past, past))
    assert uploads.sweep_uploads(project, older_than_s=500) == 1
    assert uploads.list_files(project, young) == []
    with pytest.raises(UploadError):
        uploads.list_files(project, old)
