"""Moving images to a split and marking them reviewed, in batches that can be undone."""

import time

import pytest

from storage.answers import answer, redo, undo
from storage.database import immediate, run_many
from storage.errors import ImageError
from storage.history import history
from storage.image_marks import mark_reviewed, move_to_split
from storage.images import (
    NewImage,
    add_images,
    delete_images,
    get_image,
    list_image_ids,
)
from storage.labels import create_labels, rename_label
from storage.projects import Project
from storage.splits import assign_splits


@pytest.fixture
def four(project: Project) -> Project:
    """Four images and a label; image 1 validates, the others have no split."""
    news = [NewImage(f"{n:064x}", f"{n}", "png", 1, 1, 1, "") for n in range(4)]
    create_labels(project, ["dress"], who="Ada")
    add_images(project, [(new, b"x") for new in news], who="Ada", batch_id="import")
    assign_splits(project, {1: "validation"})
    return project


def splits(project: Project) -> list[str | None]:
    return [get_image(project, i).split for i in list_image_ids(project)]


def reviewed(project: Project) -> list[bool]:
    return [get_image(project, i).reviewed for i in list_image_ids(project)]


def test_a_move_is_one_line_of_history_and_one_undo(four: Project) -> None:
    assert move_to_split(four, [1, 2, 3], "test", who="Ada", batch_id="a") == 3
    assert splits(four) == ["test", "test", "test", None]
    newest, older = history(four, limit=2)
    assert newest.detail == {
        "table": "images",
        "column": "split",
        "after": "test",
        "before": [["validation", [1]], [None, [2, 3]]],
    }
    assert older.batch_id == "import"
    assert undo(four, who="Ada") == "a"
    assert splits(four) == ["validation", None, None, None]
    assert redo(four, who="Ada") == "a"
    assert splits(four) == ["test", "test", "test", None]


def test_images_leave_their_split(four: Project) -> None:
    move_to_split(four, [1], None, who="Ada", batch_id="a")
    assert splits(four)[0] is None
    undo(four, who="Ada")
    assert splits(four)[0] == "validation"


def test_reviewed_goes_and_comes_back(four: Project) -> None:
    mark_reviewed(four, [1, 2], True, who="Ada", batch_id="a")
    mark_reviewed(four, [2], False, who="Ada", batch_id="b")
    assert reviewed(four) == [True, False, False, False]
    undo(four, who="Ada")
    assert reviewed(four) == [True, True, False, False]
    undo(four, who="Ada")
    assert reviewed(four) == [False] * 4


def test_undo_leaves_what_was_moved_elsewhere_since(four: Project) -> None:
    move_to_split(four, [1, 2], "test", who="Ada", batch_id="a")
    move_to_split(four, [2], "train", who="Bob", batch_id="b")
    undo(four, who="Ada")
    assert splits(four) == ["validation", "train", None, None]


def test_the_same_batch_twice_moves_once(four: Project) -> None:
    move_to_split(four, [1], "test", who="Ada", batch_id="same-id")
    assert move_to_split(four, [1], "train", who="Ada", batch_id="same-id") == 1
    assert splits(four)[0] == "test"


def test_a_move_that_changes_nothing_is_nothing_to_undo(four: Project) -> None:
    answer(four, 1, {1: True}, who="Ada", batch_id="a")
    move_to_split(four, [1], "validation", who="Ada", batch_id="b")
    assert undo(four, who="Ada") == "a"


def test_marks_answers_and_labels_undo_in_turn(four: Project) -> None:
    rename_label(four, 1, "gown", who="Ada")
    answer(four, 1, {1: True}, who="Ada", batch_id="a")
    move_to_split(four, [1], "test", who="Ada", batch_id="b")
    taken = [undo(four, who="Ada") for _ in range(4)]
    assert taken[:2] == ["b", "a"]
    assert splits(four)[0] == "validation"
    assert [redo(four, who="Ada") for _ in taken][-2:] == ["b", None]


def test_deleted_images_are_left_out_and_none_left_is_an_error(four: Project) -> None:
    delete_images(four, [1], who="Ada", batch_id="gone")
    assert move_to_split(four, [1, 2], "test", who="Ada", batch_id="a") == 1
    with pytest.raises(ImageError, match="not in the project"):
        mark_reviewed(four, [1], True, who="Ada", batch_id="b")


def test_an_unknown_split_is_refused_by_name(four: Project) -> None:
    with pytest.raises(ImageError, match="not 'exam'"):
        move_to_split(four, [1], "exam", who="Ada", batch_id="a")


def test_ten_thousand_images_move_within_a_second(project: Project) -> None:
    sql = (
        "INSERT INTO images (image_id, sha256, name, ext, width_px, height_px,"
        " size_bytes, added_at, source) VALUES (?, ?, 'x', 'png', 1, 1, 1, '', '')"
    )
    ids = range(1, 10_001)
    with immediate(project.db) as db:
        run_many(db, sql, [(n, f"{n:064x}") for n in ids])
    started = time.process_time()
    move_to_split(project, ids, "train", who="Ada", batch_id="a")
    undo(project, who="Ada")
    assert time.process_time() - started < 1
    assert get_image(project, 10_000).split is None
