"""Label sets, combinations, splits and the rows that training starts from."""

from collections import Counter

import pytest

from storage.answers import answer, set_many
from storage.database import fetch_all
from storage.errors import ImageError, LabelError
from storage.images import NewImage, add_images, delete_images
from storage.label_sets import (
    images_of_combination,
    label_sets,
    list_impossible,
    make_key,
    mark_impossible,
    parse_key,
)
from storage.labels import create_labels, delete_label, label_counts
from storage.projects import Project
from storage.records import LabelSet
from storage.splits import assign_splits, splits_of, training_rows


@pytest.fixture
def clothes(project: Project) -> Project:
    """Twelve images and eleven labels; images 1..10 labelled n % 3 + 1 and 11."""
    news = [NewImage(f"{n:064x}", f"{n}", "png", 1, 1, 1, "") for n in range(1, 13)]
    add_images(project, [(new, b"x") for new in news])
    create_labels(project, [f"label {n}" for n in range(1, 12)], who="Ada")
    rows = [(n, frozenset({n % 3 + 1, 11})) for n in range(1, 11)]
    set_many(project, rows, who="Ada", batch_id="i")
    return project


def test_label_sets_are_counted_most_frequent_first(clothes: Project) -> None:
    answer(clothes, 11, {}, who="Ada", batch_id="none", complete=True)
    assert label_sets(clothes) == [
        LabelSet("2,11", (2, 11), 4),
        LabelSet("1,11", (1, 11), 3),
        LabelSet("3,11", (3, 11), 3),
        LabelSet("", (), 1),
    ]


def test_counts_agree_with_the_answers(clothes: Project) -> None:
    rows = fetch_all(clothes.db, "SELECT label_id FROM answers WHERE value = 1")
    counted = Counter(label_id for (label_id,) in rows)
    assert label_counts(clothes) == {n: counted[n] for n in range(1, 12)}


def test_label_sets_of_one_split(clothes: Project) -> None:
    assign_splits(clothes, {1: "train", 3: "train", 4: "train", 2: "test"})
    counts = {found.key: found.count for found in label_sets(clothes, split="train")}
    assert counts == {"2,11": 2, "1,11": 1}
    assert label_sets(clothes, split="validation") == []


@pytest.mark.parametrize("split", ["", "AND split = 'train'"])
def test_label_sets_are_read_from_an_index_only(clothes: Project, split: str) -> None:
    sql = (
        "EXPLAIN QUERY PLAN SELECT set_key, count(*) FROM images"
        f" WHERE answered > 0 AND deleted_at IS NULL {split} GROUP BY set_key"
    )
    plan = [row[3] for row in fetch_all(clothes.db, sql)]
    assert plan == ["SCAN images USING COVERING INDEX images_by_set"]


def test_keys_are_ascending_numbers() -> None:
    assert make_key([11, 2, 2]) == "2,11"
    assert parse_key("2,11") == (2, 11)
    assert parse_key(make_key([])) == ()


def test_images_of_a_combination_have_all_its_labels(clothes: Project) -> None:
    found = images_of_combination(clothes, [11, 2], limit=2, offset=1)
    assert [image.image_id for image in found] == [4, 7]
    assert images_of_combination(clothes, [1, 2]) == []


def test_a_person_says_what_cannot_exist_and_takes_it_back(clothes: Project) -> None:
    mark_impossible(clothes, [3, 1], True, who="Ada")
    mark_impossible(clothes, [1, 3], True, who="Bob")
    mark_impossible(clothes, [2, 3], True, who="Ada")
    assert list_impossible(clothes) == {(1, 3), (2, 3)}
    mark_impossible(clothes, [1, 3], False, who="Ada")
    delete_label(clothes, 2, who="Ada")
    assert list_impossible(clothes) == set()


@pytest.mark.parametrize("label_ids", [[], [1], [1, 1], [1, 99]], ids=str)
def test_a_combination_has_two_known_labels(
    clothes: Project, label_ids: list[int]
) -> None:
    with pytest.raises(LabelError):
        mark_impossible(clothes, label_ids, True, who="Ada")


def test_splits_are_kept_until_changed(clothes: Project) -> None:
    assign_splits(clothes, {1: "train", 2: "validation"})
    assign_splits(clothes, {2: "test"})
    splits = splits_of(clothes)
    assert (splits[1], splits[2], splits[3]) == ("train", "test", None)
    with pytest.raises(ImageError, match="not 'dev'"):
        assign_splits(clothes, {1: "test", 3: "dev"})
    assert splits_of(clothes) == splits


def test_training_rows_are_the_labelled_images(clothes: Project) -> None:
    assign_splits(clothes, {1: "train"})
    delete_images(clothes, [2], who="Ada", batch_id="d")
    answer(clothes, 12, {5: False}, who="Ada", batch_id="a")
    rows = training_rows(clothes)
    assert [row[0] for row in rows] == [1, 3, 4, 5, 6, 7, 8, 9, 10, 12]
    image_id, sha256, ext, split, answers = rows[0]
    assert (image_id, sha256, ext, split) == (1, f"{1:064x}", "png", "train")
    assert [n for n, said in answers.items() if said] == [2, 11]
    assert len(answers) == 11
    assert rows[-1][3:] == (None, {5: False})
