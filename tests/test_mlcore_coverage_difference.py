"""What one set of images shows and another never did, between any two parts."""

from itertools import combinations

import numpy as np
import pytest
from counted_sets import free_after, make_groups, make_sets, sets_of
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcore.coverage_difference import coverage_difference
from mlcore.coverage_sources import difference_of, list_sources, read_source
from mlcore.errors import ConfigError
from storage.answers import set_many
from storage.images import NewImage, add_images
from storage.label_sets import label_sets_of_filter, label_sets_of_images
from storage.labels import set_group
from storage.projects import Project
from storage.records import Filter
from storage.saved_views import save_view
from storage.splits import assign_splits


def test_published_example_of_two_differences():
    groups = make_groups(2, 2, 4)
    source = make_sets(groups, [(0, 0, 2), (0, 0, 3), (0, 1, 3), (1, 1, 0)])
    target = make_sets(groups, [(0, 0, 2), (0, 1, 1), (0, 1, 3), (1, 1, 0)])
    there = coverage_difference(source, target, groups, [])
    assert (there.shown, there.unseen, there.share) == (11, 2, 2 / 11)
    back = coverage_difference(target, source, groups, [])
    assert (back.shown, back.unseen, back.share) == (10, 1, 1 / 10)


def test_it_lists_what_was_never_trained_first_and_counts_tiers():
    groups = make_groups(2, 2)
    trained = make_sets(groups, [(0, 0)] * 40 + [(0, 1)] * 3 + [(1, 0)] * 12)
    shown = make_sets(groups, [(1, 1)] * 2 + [(0, 1)] * 9 + [(1, 0), (0, 0)])
    found = coverage_difference(trained, shown, groups, [])
    assert [(c.names, c.shown, c.trained, c.tier) for c in found.combinations] == [
        (("g0v1", "g1v1"), 2, 0, "missing"),
        (("g0v0", "g1v1"), 9, 3, "trace"),
        (("g0v1", "g1v0"), 1, 12, "thin"),
        (("g0v0", "g1v0"), 1, 40, "fine"),
    ]
    assert found.tiers == {"missing": 1, "trace": 1, "thin": 1, "fine": 1}
    assert (found.unseen_images, found.shown_images, found.trained_images) == (
        2,
        13,
        55,
    )
    report = found.as_json()
    assert report["share"] == 0.25 and len(report["combinations"]) == 3


def test_an_impossible_combination_counts_nowhere_and_nothing_shown_has_no_share():
    groups = make_groups(2, 2)
    shown = make_sets(groups, [(1, 1)])
    found = coverage_difference([], shown, groups, [], impossible={(2, 4)})
    assert (found.shown, found.share, found.unseen_images) == (0, None, 0)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), strength=st.integers(2, 3))
def test_share_and_images_equal_brute_force(seed, strength):
    groups = make_groups(2, 3)
    loose = free_after(groups, 2)
    ids = [[x.label_id for x in g.labels] for g in groups]
    random = np.random.default_rng(seed)

    def draw(count):
        return [
            [int(random.choice(own)) for own in ids]
            + [x.label_id for x in loose if random.random() < 0.4]
            for _ in range(count)
        ]

    def parts(row):
        return set(combinations(sorted(row), strength))

    trained, shown = draw(5), draw(5)
    known = set().union(*map(parts, trained))
    seen = set().union(*map(parts, shown))
    found = coverage_difference(
        sets_of(trained), sets_of(shown), groups, loose, strength=strength
    )
    assert (found.shown, found.unseen) == (len(seen), len(seen - known))
    assert found.unseen_images == sum(bool(parts(row) - known) for row in shown)


@pytest.fixture
def clothes(project: Project) -> Project:
    """Six images: 1 to 4 train on black jeans and blue dress, 5 and 6 are others."""
    news = [NewImage(f"{n:064x}", f"{n}", "png", 1, 1, 1, "") for n in range(1, 7)]
    add_images(project, [(new, b"x") for new in news])
    colours = set_group(project, "colour", ["black", "blue"], "exactly-one", who="")
    kinds = set_group(project, "kind", ["jeans", "dress"], "exactly-one", who="")
    (black, blue), (jeans, dress) = (
        [x.label_id for x in g.labels] for g in (colours, kinds)
    )
    shown = [(black, jeans), (blue, dress)] * 2 + [(black, dress), (blue, jeans)]
    rows = [(n, frozenset(ids)) for n, ids in enumerate(shown, start=1)]
    set_many(project, rows, who="Ada", batch_id="i")
    splits = ("train",) * 4 + ("validation", "test")
    assign_splits(project, dict(enumerate(splits, start=1)))
    return project


def test_splits_and_views_of_a_project_are_compared(clothes: Project) -> None:
    found = difference_of(clothes, "train", "validation")
    assert [c.names for c in found.of_tier("missing")] == [("black", "dress")]
    save_view(clothes, "Dresses", "expr=dress", who="Ada")
    save_view(clothes, "Unsure", "queue=unsure", who="Ada")
    keys = [source.key for source in list_sources(clothes)]
    assert keys == [
        *("all", "train", "validation", "test"),
        *("classified", "view:Dresses"),
    ]
    by_view = difference_of(clothes, "train", "view:dresses")
    assert (by_view.unseen, by_view.shown_images) == (1, 3)
    with pytest.raises(ConfigError, match="view:Dresses"):
        read_source(clothes, "holidays")


def test_label_sets_of_a_filter_and_of_given_images(clothes: Project) -> None:
    by_filter = label_sets_of_filter(clothes, Filter(split="train"))
    assert [(s.key, s.count) for s in by_filter] == [("1,3", 2), ("2,4", 2)]
    by_ids = label_sets_of_images(clothes, [1, 5, 99])
    assert [(s.key, s.count) for s in by_ids] == [("1,3", 1), ("1,4", 1)]
