"""Splits: fractions, balance, copies on one side, stability."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from tiny_training import WHO, add_pictures, draw, fill, make_project

from mlcore import splits
from mlcore.config import TrainConfig
from mlcore.pixel_hashes import CACHE_NAME, hashes_of
from mlcore.splits import SplitRow, assign
from storage.answers import set_many
from storage.facts import put_near_duplicates
from storage.images import get_image
from storage.labels import create_labels
from storage.projects import Project, open_project
from storage.splits import assign_splits, splits_of


def rows_of(sets: list[frozenset[int]]) -> list[SplitRow]:
    return [
        SplitRow(at, f"pixels {at}", None, labels) for at, labels in enumerate(sets)
    ]


def random_sets(count: int, labels: int = 17) -> list[frozenset[int]]:
    chance = np.random.default_rng(3).random((count, labels))
    often = np.linspace(0.01, 0.5, labels)
    return [frozenset(map(int, np.flatnonzero(row < often))) for row in chance]


def test_fractions_hold_and_every_label_is_on_both_sides_in_proportion() -> None:
    sets = random_sets(2000)
    found = assign(rows_of(sets), {"validation": 0.2, "test": 0.1}, seed=1)
    counts = Counter(found.values())
    assert counts["validation"] == pytest.approx(400, abs=20)
    assert counts["test"] == pytest.approx(200, abs=20)
    for label in range(17):
        having = [at for at, labels in enumerate(sets) if label in labels]
        held = sum(found[at] == "validation" for at in having)
        assert held == pytest.approx(0.2 * len(having), abs=0.05 * len(having) + 3)


def test_label_sets_are_balanced_and_not_labels_alone() -> None:
    # Each label is on half of the pictures however the pairs are dealt.
    kinds = [frozenset({1, 3}), frozenset({1, 4}), frozenset({2, 3}), frozenset({2, 4})]
    sets = kinds * 25
    found = assign(rows_of(sets), {"validation": 0.2}, seed=5)
    held = Counter(sets[at] for at, split in found.items() if split == "validation")
    assert [held[kind] for kind in kinds] == [5, 5, 5, 5]


def test_the_same_seed_gives_the_same_split_and_another_seed_another() -> None:
    rows = rows_of(random_sets(200))
    fractions = {"validation": 0.2}
    assert assign(rows, fractions, 1) == assign(rows, fractions, 1)
    assert assign(rows, fractions, 1) != assign(rows, fractions, 2)


def test_copies_stay_on_one_side() -> None:
    sets = random_sets(300)
    rows = [SplitRow(at, f"pixels {at // 3}", None, sets[at // 3]) for at in range(300)]
    found = assign(rows, {"validation": 0.2, "test": 0.2}, seed=1)
    for at in range(0, 300, 3):
        assert found[at] == found[at + 1] == found[at + 2]
    assert Counter(found.values())["train"] == pytest.approx(180, abs=20)


def test_images_keep_their_split_and_new_ones_restore_the_fractions() -> None:
    old = [SplitRow(at, f"p{at}", "train", frozenset({1})) for at in range(80)]
    new = [SplitRow(at, f"p{at}", None, frozenset({1})) for at in range(80, 120)]
    copy = SplitRow(120, "p3", None, frozenset({1}))
    found = assign([*old, *new, copy], {"validation": 0.2}, seed=1)
    assert set(found) == set(range(80, 121))
    assert found[120] == "train"
    assert Counter(found.values())["validation"] == pytest.approx(24, abs=1)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 5])
def test_tiny_projects_keep_something_to_train_on(count: int) -> None:
    rows = rows_of([frozenset({1})] * count)
    found = assign(rows, {"validation": 0.5, "test": 0.3}, seed=1)
    assert len(found) == count
    assert not count or "train" in found.values()


def test_images_without_any_yes_are_split_too() -> None:
    found = assign(rows_of([frozenset()] * 50), {"validation": 0.2}, seed=1)
    assert Counter(found.values()) == {"train": 40, "validation": 10}


def test_the_split_is_stored_once_and_later_images_join_it() -> None:
    with open_project(make_project(each=10)) as project:
        splits.assign_project(project, TrainConfig())
        first = splits_of(project)
        assert Counter(first.values()) == {"train": 32, "validation": 8}
        fill(project, 15)  # the first 40 are there already
        splits.assign_project(project, TrainConfig().with_changes(seed=7))
        later = splits_of(project)
    assert {image: later[image] for image in first} == first
    assert Counter(later.values()) == {"train": 48, "validation": 12}


def test_splitting_again_is_possible_when_asked_for() -> None:
    with open_project(make_project(each=10)) as project:
        splits.assign_project(project, TrainConfig())
        wanted = TrainConfig().with_changes(validation_fraction=0.3, test_fraction=0.2)
        splits.assign_project(project, wanted, again=True)
        counts = Counter(splits_of(project).values())
    assert counts == {"train": 20, "validation": 12, "test": 8}


def test_data_that_came_without_a_validation_part_get_one_from_what_trains() -> None:
    with open_project(make_project(each=10)) as project:
        ids = list(splits_of(project))
        came = dict.fromkeys(ids, "train") | dict.fromkeys(ids[:8], "test")
        assign_splits(project, came)
        set_aside = TrainConfig().with_changes(validation_fraction=0.25)
        splits.assign_project(project, set_aside)
        found = splits_of(project)
        splits.assign_project(project, set_aside.with_changes(seed=9))
        assert splits_of(project) == found
    # A quarter of what is not tested, two of each of the four kinds.
    assert Counter(found.values()) == {"train": 24, "validation": 8, "test": 8}
    assert {i for i, split in found.items() if split == "test"} == set(ids[:8])
    kinds = Counter(at % 4 for at, i in enumerate(ids) if found[i] == "validation")
    assert set(kinds.values()) == {2}


def test_new_pictures_beside_such_data_may_validate_too_and_nothing_else_moves() -> (
    None
):
    with open_project(make_project(each=10)) as project:
        ids = list(splits_of(project))
        assign_splits(project, dict.fromkeys(ids[:20], "train"))
        assign_splits(project, dict.fromkeys(ids[20:28], "test"))
        wanted = TrainConfig().with_changes(test_fraction=0.3)
        splits.assign_project(project, wanted)
        found = splits_of(project)
    assert Counter(found.values())["validation"] == pytest.approx(6, abs=1)
    assert Counter(found.values())["test"] == 12
    assert "test" not in {found[i] for i in ids[:20]}


def test_look_alikes_that_are_known_stay_together_and_chains_are_cut(
    project: Project,
) -> None:
    (label,) = create_labels(project, ["red"], who=WHO)
    ids = add_pictures(project, [draw("red", "tall", seed) for seed in range(100)])
    yes = frozenset({label.label_id})
    set_many(project, [(i, yes) for i in ids], who=WHO, batch_id="all")
    pairs = [
        (one, other, 3) for one, other in zip(ids[:40:2], ids[1:40:2], strict=True)
    ]
    chain = [(one, other, 9) for one, other in pairwise(ids[40:])]
    put_near_duplicates(project, pairs + chain)
    assign_splits(project, {ids[0]: "test"})
    splits.assign_project(project, TrainConfig())
    found = splits_of(project)
    assert found[ids[1]] == "test"
    assert all(found[one] == found[other] for one, other, _ in pairs)
    assert len({found[i] for i in ids[40:60]}) == 1
    assert len({found[i] for i in ids[40:]}) == 2


def test_the_same_pixels_in_two_files_are_found_and_kept_together(
    project: Project,
) -> None:
    (label,) = create_labels(project, ["red"], who=WHO)
    pictures = [draw("red", "tall", seed) for seed in range(10)]
    # A second file with the same pixels: a PNG with bytes after its end.
    ids = add_pictures(project, pictures + [data + b"\0" for data in pictures])
    yes = frozenset({label.label_id})
    set_many(project, [(i, yes) for i in ids], who=WHO, batch_id="all")
    splits.assign_project(project, TrainConfig())
    found = splits_of(project)
    for original, copy in zip(ids[:10], ids[10:], strict=True):
        assert found[original] == found[copy]


def test_pixel_hashes_are_kept_and_a_damaged_line_costs_one_decode(
    project: Project,
) -> None:
    (image_id,) = add_pictures(project, [draw("red", "tall", 1)])
    image = get_image(project, image_id)
    found = hashes_of(project, [(image.sha256, "png")])
    cache = project.folder / CACHE_NAME
    assert cache.read_text().split() == [image.sha256, found[image.sha256]]
    cache.write_text(cache.read_text()[:80] + "\n")
    assert hashes_of(project, [(image.sha256, "png")]) == found
