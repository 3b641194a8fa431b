"""What to collect: rank, single partners, expected and estimated errors."""

import time
from itertools import product

import numpy as np
import pytest
from counted_sets import free_after, make_groups, make_sets, sets_of
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcore.coverage import summarise
from mlcore.shopping import fewest_new, what_to_collect


@settings(max_examples=20, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 4), min_size=2, max_size=3),
    seed=st.integers(0, 10_000),
    images=st.integers(1, 8),
)
def test_rank_and_span_equal_those_of_the_vectors_written_out(sizes, seed, images):
    groups = make_groups(*sizes)
    random = np.random.default_rng(seed)
    rows = [tuple(random.integers(0, n) for n in sizes) for _ in range(images)]
    span = summarise(make_sets(groups, rows), groups, []).span
    if span is None:
        return
    seen = np.array([one_hot(sizes, row) for row in rows])
    rank = np.linalg.matrix_rank(seen)
    assert (span.rank, span.needed) == (rank, 1 + sum(n - 1 for n in sizes) - rank)
    for row in product(*(range(n) for n in sizes)):
        ids = [g.labels[v].label_id for g, v in zip(groups, row, strict=True)]
        longer = np.linalg.matrix_rank([*seen, one_hot(sizes, row)])
        assert span.contains(ids) == (longer == rank)


def one_hot(sizes, row):
    return [float(v == at) for v, n in zip(row, sizes, strict=True) for at in range(n)]


@settings(max_examples=15, deadline=None)
@given(sizes=st.lists(st.integers(2, 4), min_size=2, max_size=2), seed=st.integers(0))
def test_the_first_of_the_list_are_as_few_as_can_be(sizes, seed):
    groups = make_groups(*sizes)
    random = np.random.default_rng(seed)
    rows = [tuple(random.integers(0, n) for n in sizes) for _ in range(3)]
    found = summarise(make_sets(groups, rows), groups, [])
    needed = fewest_new(found)
    advice = what_to_collect(found, 100)
    assert [a.links for a in advice if not a.have][:needed] == [True] * needed
    assert sum(a.links for a in advice) == needed
    places = {x.label_id: v for g in groups for v, x in enumerate(g.labels)}
    added = [tuple(places[i] for i in a.label_ids) for a in advice[:needed]]
    after = summarise(make_sets(groups, rows + added), groups, [])
    assert fewest_new(after) == 0


def test_what_seen_combinations_pin_down_is_said_with_their_names(fashion_like):
    advice = what_to_collect(summarise(*fashion_like, []))
    assert (advice[0].names, advice[0].links) == (("black", "dress"), False)
    assert advice[0].pinned_by == 3
    assert advice[0].note() == (
        "The recipe “Unseen combinations” can do without: 3 others pin it down "
        "(black jeans, blue jeans, blue dress)."
    )
    shown = {("black", "jeans"), ("blue", "dress"), ("blue", "jeans")}
    shown |= {("blue", "shirt"), ("red", "dress"), ("red", "shirt")}
    assert all(set(a.pinning) <= shown for a in advice), "not what is still to come"
    kinds = [reason.kind for reason in advice[0].reasons]
    assert kinds == ["second-partner", "expected"]
    assert advice[0].reasons[0].words(str.upper) == "BLACK appears only with JEANS"


@pytest.fixture
def fashion_like():
    groups = make_groups(names=[["black", "blue", "red"], ["dress", "jeans", "shirt"]])
    rows = [(0, 1), (1, 0), (1, 1), (1, 2), (2, 0), (2, 2)]
    return make_sets(groups, [row for row in rows for _ in range(40)]), groups


def test_an_island_is_linked_first_and_said_so():
    groups = make_groups(3, 3)
    rows = [(0, 0)] * 3 + [(1, 1), (2, 1), (2, 2), (1, 2)] * 100
    found = summarise(make_sets(groups, rows), groups, [])
    assert fewest_new(found) == 1
    first, second = what_to_collect(found, 2)
    assert first.links and not first.recoverable and not second.links
    assert first.note() == "Nothing seen so far tells a model what it looks like."


def test_estimated_errors_and_predictions_change_the_order():
    groups = make_groups(3, 3)
    rows = [(a, b) for a, b in product(range(3), range(3)) if (a, b) not in MISSING]
    found = summarise(make_sets(groups, rows * 40), groups, [])
    plain = [a.names for a in what_to_collect(found)]
    keys = {names: key for names, key in zip(plain, ["1,4", "2,5"], strict=True)}
    assert len(keys) == 2
    wrong = what_to_collect(found, errors={"1,4": 0.1, "2,5": 0.9})
    assert [a.key for a in wrong] == ["2,5", "1,4"]
    assert wrong[0].reasons[0].words() == "about 90% of those like it are wrong"
    often = what_to_collect(found, predicted={"2,5": 1, "1,4": 7})
    assert [(a.key, a.predicted) for a in often] == [("1,4", 7), ("2,5", 1)]
    by_label = what_to_collect(found, errors={"1,5": 0.2, "2,6": 0.6})
    assert {a.key: a.error for a in by_label} == {"2,5": 0.4, "1,4": 0.2}


MISSING = {(0, 0), (1, 1)}


def test_free_labels_and_three_groups_are_linked_together():
    groups = make_groups(2, 2, 2)
    striped = free_after(groups, 1)[0]
    # Each pair of groups is linked, yet no two of the three come freely together.
    rows = [[1, 4, 5], [2, 3, 5], [1, 3, 6]]
    found = summarise(sets_of(rows * 40), groups, [striped])
    assert (found.span.rank, fewest_new(found)) == (3, 2)
    advice = what_to_collect(found, 20)
    assert sum(a.links for a in advice) == 1  # striped is on no picture to expect it
    after = sets_of([*rows, list(range(1, 6, 2)), [1, 3, 6, striped.label_id]])
    assert fewest_new(summarise(after, groups, [striped])) == 0


def test_an_impossible_combination_is_never_advised():
    groups = make_groups(2, 3)
    rows = [(0, 0), (1, 1), (1, 2)] * 40
    barred = {(1, 4), (1, 5)}
    found = summarise(make_sets(groups, rows), groups, [], impossible=barred)
    assert {a.names for a in what_to_collect(found)} == {("g0v1", "g1v0")}


def test_broken_rules_and_unanswered_groups_leave_the_rest_countable():
    groups = make_groups(2, 2)
    rows = [[1, 2, 3], [1], [], [1, 3], [2, 4]]
    found = summarise(sets_of(rows), groups, [])
    assert found.span.rank == 2 and found.images == 5
    assert what_to_collect(found)
    assert fewest_new(summarise(sets_of([[1], [2]]), groups, [])) is None


def test_a_group_of_two_thousand_labels_answers_and_shows_the_worst():
    groups = make_groups(2000, 50)
    random = np.random.default_rng(3)
    rows = [tuple(random.integers(0, (2000, 50))) for _ in range(20_000)]
    sets = make_sets(groups, rows)
    started = time.perf_counter()
    found = summarise(sets, groups, [])
    worst = found.gaps[:200]
    advice = what_to_collect(found, 3)
    assert time.perf_counter() - started < 30, "far off, for busy machines"
    assert found.possible == 100_000 and len(found.missing) > 80_000
    assert worst[0].expected == max(c.expected for c in worst)
    assert found.find(worst[0].label_ids) == worst[0] and len(advice) == 3
