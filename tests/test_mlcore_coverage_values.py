"""Free labels as factors of two values, and the patterns that say what is not there."""

from itertools import combinations, product

import numpy as np
import pytest
from counted_sets import free, free_after, make_groups, sets_of
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcore.coverage import summarise
from mlcore.coverage_patterns import uncovered_patterns
from mlcore.coverage_values import value_coverage
from mlcore.errors import ConfigError


def test_published_example_of_four_binary_rows_as_four_free_labels():
    rows = [[n for n, c in enumerate(text, 1) if c == "1"] for text in NIST_ROWS]
    found = value_coverage(summarise(sets_of(rows), [], free(4)))
    assert (found.present, found.possible) == (19, 24)
    assert found.coverage == pytest.approx(19 / 24)


NIST_ROWS = ("0000", "0110", "1001", "0111")


@settings(max_examples=30, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 3), max_size=2),
    loose=st.integers(0, 3),
    seed=st.integers(0, 10_000),
    strength=st.integers(2, 3),
)
def test_values_present_equal_brute_force(sizes, loose, seed, strength):
    groups = make_groups(*sizes)
    labels = free_after(groups, loose)
    random = np.random.default_rng(seed)
    rows = [
        [g.labels[random.integers(len(g.labels))].label_id for g in groups]
        + [x.label_id for x in labels if random.random() < 0.4]
        for _ in range(8)
    ]
    found = value_coverage(summarise(sets_of(rows), groups, labels, strength=strength))
    factors = [[{x.label_id: True} for x in g.labels] for g in groups]
    factors += [[{x.label_id: True}, {x.label_id: False}] for x in labels]
    cells = [
        {label_id: there for value in values for label_id, there in value.items()}
        for chosen in combinations(factors, strength)
        for values in product(*chosen)
    ]
    shown = sum(any(shows(row, cell) for row in rows) for cell in cells)
    assert (found.present, found.possible) == (shown, len(cells))


def shows(row, cell):
    return all((label_id in row) == there for label_id, there in cell.items())


def test_a_label_that_never_comes_without_another_is_named():
    rows = [[1, 2]] * 40 + [[2]] * 40 + [[3]] * 40
    found = value_coverage(summarise(sets_of(rows), [], free(3)))
    assert [pattern.sentence() for pattern in found.missing] == [
        "Every picture shows free 2 or free 3.",
        "free 1 was never seen without free 2.",
    ]
    assert found.missing[1].expected == pytest.approx(40 * 40 / 120)
    implied = value_coverage(summarise(sets_of(rows), [], free(3)), {1: (2,)})
    assert implied.possible == found.possible - 1
    assert len(implied.missing) == 1


@settings(max_examples=30, deadline=None)
@given(
    loose=st.integers(2, 5),
    seed=st.integers(0, 10_000),
    below=st.integers(1, 4),
    strength=st.integers(2, 3),
)
def test_patterns_are_the_maximal_uncovered_ones(loose, seed, below, strength):
    groups = make_groups(2)
    labels = [*groups[0].labels, *free_after(groups, loose)]
    random = np.random.default_rng(seed)
    rows = [
        [labels[random.integers(2)].label_id]
        + [x.label_id for x in labels[2:] if random.random() < 0.5]
        for _ in range(12)
    ]
    found = uncovered_patterns(
        sets_of(rows), groups, labels[2:], below=below, strength=strength
    )
    ids = [label.label_id for label in labels]
    low = [
        set(part)
        for size in range(1, strength + 1)
        for part in combinations(ids, size)
        if not {1, 2} <= set(part)
        and sum(set(part) <= set(row) for row in rows) < below
    ]
    expected = [p for p in low if not any(other < p for other in low)]
    assert sorted(map(sorted, expected)) == sorted(sorted(c.label_ids) for c in found)


def test_a_rare_label_is_named_alone_and_its_pairs_are_not():
    rows = [[1, 2]] * 100 + [[1, 3]] * 100 + [[4]] * 2
    names = [c.names for c in uncovered_patterns(sets_of(rows), [], free(4))]
    assert names == [("free 4",), ("free 2", "free 3")]


def test_a_pair_marked_impossible_is_no_pattern():
    rows = [[1]] * 50 + [[2]] * 50
    assert uncovered_patterns(sets_of(rows), [], free(2), impossible={(1, 2)}) == []


def test_too_many_combinations_are_refused_in_words():
    with pytest.raises(ConfigError, match="up to 20,000,000 can be counted"):
        summarise([], [], free(600), strength=3)
