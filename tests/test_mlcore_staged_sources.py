"""Pictures to classify from a folder, a zip or memory, staged like an upload."""

import zipfile
from pathlib import Path

import pytest
from filled_project import MakeImage

from mlcore import staged_sources
from mlcore.errors import BadArchive, BadSource
from mlcore.staged_sources import stage_bytes, stage_source
from mlcore.uploads import discard_upload, list_files
from storage.projects import Project

LIMIT = 2**20


@pytest.fixture
def folder(tmp_path: Path, make_image: MakeImage) -> Path:
    """Two pictures, one of them in a zip, a text, a broken zip, a too large one."""
    place = tmp_path / "in"
    (place / "red").mkdir(parents=True)
    (place / "red" / "a.png").write_bytes(make_image("red"))
    (place / "notes.txt").write_text("no picture")
    (place / "broken.zip").write_bytes(b"PK\x03\x04 no zip")
    with zipfile.ZipFile(place / "more.zip", "w") as packed:
        packed.writestr("b.png", make_image("blue"))
        packed.writestr("huge.png", b"\0" * (LIMIT + 1))
        packed.writestr("../out.png", make_image())
    return place


def test_a_folder_is_linked_to_and_what_is_left_out_is_named(
    project: Project, folder: Path
) -> None:
    upload_id, refused = stage_source(project, folder, max_bytes=LIMIT)
    staged = {one.name: one.path for one in list_files(project, upload_id)}
    assert set(staged) == {"red/a.png", "more.zip/b.png"}
    assert staged["red/a.png"].resolve() == folder / "red" / "a.png"
    left_out = sorted(one.path for one in refused)
    assert left_out[0] == "broken.zip"
    assert [path.rpartition("/")[2] for path in left_out[1:]] == ["huge.png", "out.png"]
    discard_upload(project, upload_id)
    assert (folder / "red" / "a.png").exists()


def test_a_zip_or_a_single_picture_will_do(
    project: Project, folder: Path, make_image: MakeImage
) -> None:
    upload_id, _ = stage_source(project, folder / "more.zip", max_bytes=LIMIT)
    (inside,) = list_files(project, upload_id)
    assert inside.path.read_bytes() == make_image("blue")
    upload_id, refused = stage_source(project, folder / "red/a.png", max_bytes=LIMIT)
    assert [one.name for one in list_files(project, upload_id)] == ["a.png"]
    assert refused == []


def test_what_holds_no_picture_or_too_many_is_refused_in_words(
    project: Project, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BadSource, match="There is no file or folder"):
        stage_source(project, tmp_path / "nowhere", max_bytes=LIMIT)
    with pytest.raises(BadSource, match="holds no pictures"):
        stage_source(project, folder / "notes.txt", max_bytes=LIMIT)
    with pytest.raises(BadArchive):
        stage_source(project, folder / "broken.zip", max_bytes=LIMIT)
    monkeypatch.setattr(staged_sources, "AT_MOST", 1)
    with pytest.raises(BadSource, match="at most 1 are classified at once"):
        stage_source(project, folder, max_bytes=LIMIT)


def test_a_picture_in_memory_keeps_its_name_and_never_names_a_path(
    project: Project,
) -> None:
    data = b"any bytes"
    upload_id = stage_bytes(project, "../../etc/x.png", data)
    (staged,) = list_files(project, upload_id)
    assert (staged.name, staged.path.read_bytes()) == ("etc/x.png", data)
    assert staged.path.parent.name == upload_id
