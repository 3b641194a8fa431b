"""Images: durable files before rows, listing, deleting, sweeping."""

import hashlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from storage.answers import answer, answers_of, history, undo
from storage.errors import HomeError, ImageError
from storage.images import (
    Filter,
    NewImage,
    add_images,
    count_images,
    delete_images,
    find_by_hash,
    get_image,
    get_images,
    image_path,
    known_hashes,
    list_image_ids,
    list_images,
    progress,
    sweep_orphans,
)
from storage.labels import create_labels
from storage.projects import Project, images_dir, open_project
from storage.records import Progress
from storage.splits import assign_splits

ROOT = Path(__file__).parent.parent


def new_image(number: int, name: str = "") -> tuple[NewImage, bytes]:
    data = f"picture {number}".encode()
    sha256 = hashlib.sha256(data).hexdigest()
    name = name or f"{number:03d}.png"
    return NewImage(sha256, name, "png", 16, 12, len(data), "test"), data


def add(project: Project, count: int) -> list[int]:
    report = add_images(project, [new_image(n) for n in range(count)])
    return list(report.added.values())


def test_an_added_image_has_its_row_and_its_file(project: Project) -> None:
    new, data = new_image(1, "dress.png")
    add_images(project, [(new, data)], who="Ada")
    image = find_by_hash(project, new.sha256)
    assert image is not None
    assert image == get_image(project, image.image_id)
    assert (image.name, image.width_px, image.height_px) == ("dress.png", 16, 12)
    assert image_path(project, image).read_bytes() == data
    assert history(project)[0].who == "Ada"


def test_ids_follow_the_order_of_the_batch(project: Project) -> None:
    batch = [new_image(n) for n in (3, 1, 2)]
    report = add_images(project, batch)
    assert report.added == {
        new.sha256: place for place, (new, _) in enumerate(batch, start=1)
    }


def test_the_same_content_is_stored_once_and_keeps_its_first_name(
    project: Project,
) -> None:
    first, again = new_image(1, "first.png"), new_image(1, "again.png")
    report = add_images(project, [first, again, new_image(2)])
    assert (len(report.added), report.already) == (2, {})
    report = add_images(project, [again])
    assert (report.added, len(report.already)) == ({}, 1)
    assert [image.name for image in list_images(project)] == ["first.png", "002.png"]


def test_a_lost_file_returns_when_its_picture_is_added_again(project: Project) -> None:
    add(project, 1)
    path = image_path(project, get_image(project, 1))
    path.unlink()
    add_images(project, [new_image(0)])
    assert path.read_bytes() == b"picture 0"


def test_a_name_that_is_not_unicode_is_stored_readably(project: Project) -> None:
    new, data = new_image(1, os.fsdecode(b"caf\xe9.png"))
    add_images(project, [(new, data)])
    assert get_image(project, 1).name == "caf\ufffd.png"


def test_an_unknown_image_is_told_in_words(project: Project) -> None:
    with pytest.raises(ImageError, match="Image 7 is not in the project 'clothes'"):
        get_image(project, 7)
    assert find_by_hash(project, "0" * 64) is None


def test_known_hashes_are_those_the_project_has(project: Project) -> None:
    add(project, 2)
    hashes = [new_image(n)[0].sha256 for n in range(3)]
    assert known_hashes(project, hashes) == {hashes[0]: 1, hashes[1]: 2}


def test_images_come_in_the_order_they_are_asked_for(project: Project) -> None:
    add(project, 4)
    found = get_images(project, [3, 99, 1])
    assert [image.image_id for image in found] == [3, 1]


def test_pages_of_every_order_hold_each_image_once(project: Project) -> None:
    names = ["b.png", "A.png", "c.png", "a.png", "B.png"]
    add_images(project, [new_image(n, name) for n, name in enumerate(names)])
    expected = {"added": [1, 2, 3, 4, 5], "newest": [5, 4, 3, 2, 1]}
    expected["name"] = [2, 4, 1, 5, 3]
    for order, ids in expected.items():
        pages = [
            list_images(project, offset=offset, limit=2, order=order)
            for offset in (0, 2, 4)
        ]
        assert [image.image_id for page in pages for image in page] == ids
        assert list_image_ids(project, Filter(), order) == ids


def test_filters_choose_by_answers_split_and_text(project: Project) -> None:
    add(project, 5)
    red, dress = create_labels(project, ["red", "dress"], who="Ada")
    answer(project, 1, {red.label_id: True}, who="", batch_id="1", complete=True)
    answer(project, 2, {red.label_id: True, dress.label_id: True}, who="", batch_id="2")
    answer(project, 3, {red.label_id: False}, who="", batch_id="3")
    answer(project, 4, {}, who="", batch_id="4", complete=True)
    assign_splits(project, {1: "train", 2: "test"})
    cases = {
        Filter(): [1, 2, 3, 4, 5],
        Filter(state="unlabelled"): [5],
        Filter(state="labelled"): [1, 2, 3, 4],
        Filter(state="incomplete"): [3],
        Filter(label_ids=(1,)): [1, 2],
        Filter(label_ids=(1, 2)): [2],
        Filter(label_ids=(1,), without_ids=(2,)): [1],
        Filter(without_ids=(1,)): [3, 4, 5],
        Filter(label_ids=(10**30,)): [],
        Filter(without_ids=(10**30,)): [1, 2, 3, 4, 5],
        Filter(set_key="1"): [1],
        Filter(set_key="1,2"): [2],
        Filter(set_key=""): [3, 4],
        Filter(split="train"): [1],
        Filter(text="04.P"): [5],
        Filter(text="%"): [],
        Filter(text="_0"): [],
        Filter(text="TEST"): [1, 2, 3, 4, 5],
    }
    assert {wanted: list_image_ids(project, wanted) for wanted in cases} == cases
    assert all(count_images(project, f) == len(ids) for f, ids in cases.items())


@pytest.mark.parametrize("wrong", [Filter(state="new"), Filter(split="dev")], ids=str)
def test_an_unknown_filter_value_is_told_in_words(
    project: Project, wrong: Filter
) -> None:
    with pytest.raises(ImageError, match="is one of"):
        list_images(project, wrong)


def test_an_unknown_order_is_told_in_words(project: Project) -> None:
    with pytest.raises(ImageError, match="ordered by added, newest, name"):
        list_images(project, order="size; DROP TABLE images")


def test_progress_counts_labelled_and_complete_images(project: Project) -> None:
    assert progress(project) == Progress(0, 0, 0)
    add(project, 3)
    assert progress(project) == Progress(3, 0, 0)
    create_labels(project, ["red"], who="Ada")
    answer(project, 1, {1: True}, who="", batch_id="1")
    assert progress(project) == Progress(3, 1, 1)
    create_labels(project, ["dress"], who="Ada")
    assert progress(project) == Progress(3, 1, 0)


def test_a_deleted_image_is_nowhere_and_comes_back_with_its_answers(
    project: Project,
) -> None:
    add(project, 2)
    create_labels(project, ["red"], who="Ada")
    answer(project, 1, {1: True}, who="Ada", batch_id="a")
    assert delete_images(project, [1, 99], who="Ada", batch_id="d") == 1
    assert delete_images(project, [2], who="Ada", batch_id="d") == 0
    assert list_image_ids(project) == [2]
    assert known_hashes(project, [new_image(0)[0].sha256]) == {}
    assert progress(project) == Progress(1, 0, 0)
    assert undo(project, who="Ada") == "d"
    assert answers_of(project, [1]) == {1: {1: True}}
    assert get_image(project, 1).set_key == "1"


def test_a_deleted_image_that_is_added_again_is_the_same_without_answers(
    project: Project,
) -> None:
    add(project, 1)
    create_labels(project, ["red"], who="Ada")
    answer(project, 1, {1: True}, who="Ada", batch_id="a")
    delete_images(project, [1], who="Ada", batch_id="d")
    report = add_images(project, [new_image(0)], who="Bob")
    assert list(report.added.values()) == [1]
    assert get_image(project, 1).answered == 0


def test_the_sweep_removes_only_old_files_without_a_row(project: Project) -> None:
    add(project, 1)
    folder = images_dir(project) / "ab" / "cd"
    folder.mkdir(parents=True)
    for name in ("f" * 64 + ".png", ".half.png.1234.tmp"):
        (folder / name).write_bytes(b"x")
    assert sweep_orphans(project) == 0
    assert sweep_orphans(project, older_than_s=-1.0) == 2
    assert list(folder.iterdir()) == []
    assert image_path(project, get_image(project, 1)).exists()


def test_a_full_disk_leaves_no_row(project: Project) -> None:
    code = """
import resource, signal, sys
from storage.errors import HomeError
from storage.images import NewImage, add_images, list_image_ids
from storage.projects import open_project
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with open_project("clothes") as project:
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
    new = NewImage("a" * 64, "a", "png", 1, 1, 1, "")
    try:
        add_images(project, [(new, b"x" * 200_000)])
    except HomeError as error:
        print(error, list_image_ids(project))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True
    )
    assert "The disk is full" in done.stdout and "[]" in done.stdout, done.stderr


def test_a_full_database_disk_is_told_in_words(project: Project) -> None:
    pages = project.db.execute("PRAGMA page_count").fetchone()[0]
    project.db.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(HomeError, match="disk is full"):
        add_images(project, [new_image(n, "long name" * 1000) for n in range(20)])
    project.db.execute("PRAGMA max_page_count = 1000000")
    assert list_image_ids(project) == []
    assert len(add(project, 5)) == 5


def test_a_process_killed_while_adding_leaves_no_row_without_its_file(
    project: Project,
) -> None:
    code = """
import hashlib, itertools, os
from storage.images import NewImage, add_images
from storage.projects import open_project
with open_project("clothes") as project:
    for n in itertools.count():
        batch = []
        for part in range(5):
            data = os.urandom(3000)
            sha256 = hashlib.sha256(data).hexdigest()
            batch.append((NewImage(sha256, "x", "png", 1, 1, 3000, ""), data))
        report = add_images(project, batch)
        print(*report.added, flush=True)
"""
    acknowledged: set[str] = set()
    for lines in (1, 2, 4):
        with subprocess.Popen(
            [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True
        ) as worker:
            assert worker.stdout is not None
            for _ in range(lines):
                acknowledged.update(worker.stdout.readline().split())
            worker.send_signal(signal.SIGKILL)
            acknowledged.update(whole_lines(worker.stdout.read()))
    with open_project("clothes") as reopened:
        images = list_images(reopened, limit=100_000)
        assert {image.sha256 for image in images} >= acknowledged
        for image in images:
            content = image_path(reopened, image).read_bytes()
            assert hashlib.sha256(content).hexdigest() == image.sha256


def whole_lines(text: str) -> list[str]:
    return text[: text.rfind("\n") + 1].split()
