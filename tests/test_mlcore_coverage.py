"""Coverage against published worked examples, brute force and the tutorial's data."""

import time
import tracemalloc
from itertools import combinations, product

import numpy as np
import pytest
from counted_sets import FASHION, free, make_groups, make_sets, sets_of
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcore.co_occurrence import read_keys, read_label_sets
from mlcore.combinations import poisson_at_most
from mlcore.coverage import pair_counts, pair_map, summarise
from mlcore.errors import ConfigError
from mlcore.shopping import what_to_collect
from storage.records import Label, LabelSet


@pytest.fixture
def fashion():
    groups = make_groups(names=[["black", "blue", "red"], ["dress", "jeans", "shirt"]])
    ids = {label.name: label.label_id for g in groups for label in g.labels}
    sets = [
        LabelSet(f"{ids[a]},{ids[b]}", (ids[a], ids[b]), n)
        for (a, b), n in FASHION.items()
    ]
    return sets, groups


def test_the_six_folders_cover_six_of_nine_and_miss_three(fashion):
    found = summarise(*fashion, [])
    assert (found.present, found.possible, found.coverage) == (6, 9, 6 / 9)
    assert [c.names for c in found.missing] == [
        ("red", "jeans"),
        ("black", "dress"),
        ("black", "shirt"),
    ]


def test_the_expected_number_of_black_dresses_is_122(fashion):
    report = summarise(*fashion, []).as_json()
    black_dress = next(m for m in report["missing"] if "dress" in m["labels"])
    assert black_dress["expected"] == pytest.approx(344 * 766 / 2167, abs=0.05)
    assert set(black_dress) == {"labels", "count", "expected", "chance"}
    assert black_dress["chance"] < 1e-50
    assert {"strength", "groups", "possible", "present", "coverage"} <= set(report)
    assert (report["missing_count"], report["gap_count"]) == (3, 3)
    assert [d["label"] for d in report["confounded"]] == ["black"]


def test_published_example_twenty_pairs_with_ten_and_eleven_covered():
    groups = make_groups(2, 2, 4)
    source = summarise(
        make_sets(groups, [(0, 0, 2), (0, 0, 3), (0, 1, 3), (1, 1, 0)]), groups, []
    )
    target = summarise(
        make_sets(groups, [(0, 0, 2), (0, 1, 1), (0, 1, 3), (1, 1, 0)]), groups, []
    )
    assert (source.present, source.possible) == (10, 20)
    assert (target.present, target.possible) == (11, 20)


def test_published_example_four_binary_rows_cover_nineteen_of_24_pairs():
    groups = make_groups(2, 2, 2, 2)
    rows = [tuple(map(int, text)) for text in ("0000", "0110", "1001", "0111")]
    found = summarise(make_sets(groups, rows), groups, [])
    assert (found.present, found.possible) == (19, 24)


@settings(max_examples=40, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 4), min_size=2, max_size=4),
    seed=st.integers(0, 10_000),
    strength=st.integers(2, 4),
)
def test_counts_and_expected_equal_brute_force(sizes, seed, strength):
    groups = make_groups(*sizes)
    random = np.random.default_rng(seed)
    # -1 is "this group was not answered for that image".
    rows = [tuple(random.integers(-1, n) for n in sizes) for _ in range(30)]
    label_rows = [
        [g.labels[v].label_id for g, v in zip(groups, row, strict=True) if v >= 0]
        for row in rows
    ]
    found = summarise(sets_of(label_rows), groups, [], strength=strength)
    got = {c.key: (c.count, round(c.expected, 6)) for c in found.cells}
    assert got == brute_force(groups, rows, strength)


def brute_force(groups, rows, strength):
    table = {}
    for places in combinations(range(len(groups)), strength):
        answered = [r for r in rows if all(r[p] >= 0 for p in places)]
        for values in product(*(range(len(groups[p].labels)) for p in places)):
            pairs = list(zip(places, values, strict=True))
            count = sum(all(r[p] == v for p, v in pairs) for r in answered)
            margins = [sum(r[p] == v for r in answered) for p, v in pairs]
            expected = np.prod(margins) / max(len(answered), 1) ** (strength - 1)
            ids = sorted(groups[p].labels[v].label_id for p, v in pairs)
            table[",".join(map(str, ids))] = (count, round(float(expected), 6))
    return table


def test_a_combination_marked_impossible_is_not_missing(fashion):
    sets, groups = fashion
    black, red = groups[0].labels[0].label_id, groups[0].labels[2].label_id
    dress, jeans = (groups[1].labels[i].label_id for i in (0, 1))
    found = summarise(sets, groups, [], impossible={(black, dress), (jeans, red)})
    assert (found.present, found.possible) == (6, 7)
    assert [c.names for c in found.missing] == [("black", "shirt")]
    assert sum(c.tier == "impossible" for c in found.cells) == 2


def test_an_impossible_pair_makes_its_triples_impossible():
    groups = make_groups(2, 2, 2)
    first, other = groups[0].labels[0].label_id, groups[1].labels[0].label_id
    found = summarise([], groups, [], strength=3, impossible={(first, other)})
    assert found.possible == 6


def test_fewer_than_thirty_images_are_thin_and_fewer_than_five_a_trace():
    groups = make_groups(1, 4)
    rows = [(0, v) for v, n in enumerate([30, 29, 4, 1]) for _ in range(n)]
    found = summarise(make_sets(groups, rows), groups, [])
    assert [c.tier for c in found.cells] == ["fine", "thin", "trace", "trace"]
    assert [c.count for c in found.thin] == [29, 4, 1]
    fewer = summarise(make_sets(groups, rows), groups, [], thin_below=3)
    assert [c.count for c in fewer.thin] == [1]


def test_one_group_alone_has_no_combinations_and_no_coverage():
    found = summarise([LabelSet("1", (1,), 5)], make_groups(2), [])
    assert (found.possible, found.coverage, found.missing) == (0, None, [])


def test_free_labels_without_groups_are_compared_in_pairs():
    found = summarise(sets_of([(1, 2), (1, 3), (1, 2), ()]), [], free(3))
    assert (found.present, found.possible) == (2, 3)
    assert [c.names for c in found.missing] == [("free 2", "free 3")]
    assert found.missing[0].expected == pytest.approx(2 * 1 / 4)


def test_free_labels_combine_with_groups_and_leave_their_own_figures(fashion):
    sets, groups = fashion
    striped = Label(9, "striped", None, 0)
    red_dress = groups[0].labels[2].label_id, groups[1].labels[0].label_id
    found = summarise([*sets, LabelSet("", (*red_dress, 9), 3)], groups, [striped])
    assert (found.possible, found.present) == (9 + 6, 6 + 2)
    assert found.grouped == (6, 9)
    assert [(t.factors, t.present, t.possible) for t in found.tables] == [
        (("group 1", "group 2"), 6, 9),
        (("group 1", "free labels"), 1, 3),
        (("group 2", "free labels"), 1, 3),
    ]
    # Three pictures are striped: that none of them is black is no gap.
    assert {c.names for c in found.gaps} == {
        ("red", "jeans"),
        ("black", "dress"),
        ("black", "shirt"),
    }


def test_a_triple_with_a_missing_pair_in_it_is_no_gap_of_its_own():
    groups = make_groups(2, 2, 2)
    rows = [(0, 0, 0), (0, 1, 1), (1, 1, 0), (1, 1, 1)] * 9
    found = summarise(make_sets(groups, rows), groups, [], strength=3)
    assert len(found.missing) == 4
    # g0v1 with g1v0, and g1v0 with g2v1, were never seen.
    assert [c.names for c in found.gaps] == [("g0v0", "g1v1", "g2v0")]


def test_labels_of_a_group_without_a_rule_stand_alone():
    groups = make_groups(2, 3, rule="any")
    found = summarise(sets_of([[1, 2, 3], [4, 5]]), groups, [])
    assert (found.present, found.possible, found.grouped) == (4, 10, (0, 0))


def test_a_broken_rule_counts_every_label_and_crashes_nothing():
    groups = make_groups(2, 2)
    found = summarise(sets_of([[1, 2, 3]] * 3 + [[1]]), groups, [], strength=2)
    assert [(c.label_ids, c.count) for c in found.cells if c.count] == [
        ((1, 3), 3),
        ((2, 3), 3),
    ]
    assert found.find((3, 1)) == found.cells[0] and found.find((1, 2)) is None


def test_a_single_group_is_crossed_with_free_labels():
    striped = Label(9, "striped", None, 0)
    groups = make_groups(2)
    found = summarise(sets_of([(1, 9), (1,), (2,), (2,)]), groups, [striped])
    assert [(c.names, c.expected) for c in found.missing] == [
        (("g0v1", "striped"), 0.5)
    ]


def test_black_is_confounded_with_jeans_and_nothing_else_is(fashion):
    confounded = [d for d in summarise(*fashion, []).degrees if d.is_confounded]
    assert [(d.name, d.partners, d.others) for d in confounded] == [
        ("black", ("jeans",), ("dress", "shirt"))
    ]


@pytest.mark.parametrize(
    ("jeans", "dresses", "confounded"),
    [(60, 0, True), (60, 1, True), (60, 4, True), (60, 5, False), (7, 2, False)],
)
def test_a_trace_of_counter_examples_does_not_end_confounding(
    jeans, dresses, confounded
):
    groups = make_groups(2, 2)
    (black, blue), (pair, dress) = ([x.label_id for x in g.labels] for g in groups)
    shown = [(black, pair)] * jeans + [(black, dress)] * dresses
    found = summarise(
        sets_of(shown + [(blue, pair), (blue, dress)] * 9), groups, []
    ).degrees[0]
    assert (found.main, found.main_count, found.total) == (
        found.partners[0],
        jeans,
        jeans + dresses,
    )
    assert found.is_confounded == confounded


def test_a_strength_of_one_is_refused_in_words():
    with pytest.raises(ConfigError, match="2, 3 or 4"):
        summarise([], [], [], strength=1)


def test_the_map_counts_labels_on_its_diagonal_and_greys_groups(fashion):
    sets, groups = fashion
    found = pair_map(sets, groups, free(0))
    names = [label.name for label in found.labels]
    black, red, jeans = (names.index(n) for n in ("black", "red", "jeans"))
    assert found.counts[black, jeans] == found.counts[black, black] == 344
    assert found.exclusive[black, red] and not found.exclusive[black, jeans]
    assert not found.exclusive.diagonal().any()


def test_poisson_of_nothing_seen_is_e_to_the_minus_expected():
    assert poisson_at_most(0, 4.0) == pytest.approx(np.exp(-4))
    assert poisson_at_most(500, 4.0) == pytest.approx(1.0)
    assert poisson_at_most(3, 0.0) == 1.0


def test_a_million_images_with_forty_labels_take_less_than_three_tenths_of_a_second():
    random = np.random.default_rng(7)
    groups = make_groups(*[5] * 8)
    picks = random.integers(0, 5, (20_000, 8)) + np.arange(8) * 5 + 1
    sets = [LabelSet("", tuple(row), 50) for row in picks.tolist()]
    started = time.perf_counter()
    found = summarise(sets, groups, [])
    seconds = time.perf_counter() - started
    assert found.images == 1_000_000 and found.possible == 28 * 25
    assert seconds < 3, "ten times the target, so that a busy machine does not fail"


def test_the_pair_matrix_equals_counting_by_hand():
    sets = [LabelSet("1,2", (1, 2), 3), LabelSet("2,3", (2, 3), 2)]
    expected = [[3, 3, 0], [3, 5, 2], [0, 2, 2]]
    assert pair_counts(sets, [1, 2, 3]).tolist() == expected


@given(
    st.lists(st.sets(st.integers(1, 120), max_size=4), max_size=9),
    st.sets(st.integers(1, 120), max_size=50),
)
def test_keys_are_read_as_the_label_sets_they_stand_for(rows, wanted):
    sets = sets_of(rows)
    one = read_label_sets(sets, sorted(wanted))
    other = read_keys([(s.key, s.count) for s in sets], sorted(wanted))
    assert one.matrix.tolist() == other.matrix.tolist()
    assert one.weights.tolist() == other.weights.tolist()


def test_labels_of_a_run_trained_elsewhere_need_no_table_of_gigabytes():
    far = 1_000_000_000
    sets = sets_of([{2, far + 3}, {far + 1}, {2, 7, far + 9}])
    tracemalloc.start()
    found = read_label_sets(sets, [2, far + 1, far + 3])
    _, most_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most_bytes < 50_000_000
    shown = {tuple(row) for row in found.matrix.tolist()}
    assert shown == {(1, 0, 1), (0, 1, 0), (1, 0, 0)}


def test_no_label_sets_at_all_is_an_empty_coverage():
    found = summarise([], make_groups(2, 2), [])
    assert (found.present, found.possible, found.coverage) == (0, 4, 0.0)
    assert what_to_collect(found)


def test_the_shopping_list_starts_with_black_dress_and_says_why(fashion):
    advice = what_to_collect(summarise(*fashion, []))
    assert [a.names for a in advice] == [
        ("black", "dress"),
        ("red", "jeans"),
        ("black", "shirt"),
    ]
    assert advice[0].sentence() == (
        "Collect 30 pictures of black dress: none so far, about 122 expected; "
        "black appears only with jeans."
    )


def test_the_shopping_list_first_links_what_nothing_links():
    groups = make_groups(3, 3)
    # 0-0 and 1-1 are islands with many images; 2-1, 2-2 hang on the second island.
    rows = [(0, 0)] * 3 + [(1, 1), (2, 1), (2, 2), (1, 2)] * 100
    first = what_to_collect(summarise(make_sets(groups, rows), groups, []))[0]
    assert "g0v0" in first.names or "g1v0" in first.names


def test_thin_combinations_come_after_missing_ones_and_ask_for_the_rest():
    groups = make_groups(2, 2)
    rows = [(0, 0)] * 40 + [(1, 1)] * 40 + [(0, 1)] * 12
    advice = what_to_collect(summarise(make_sets(groups, rows), groups, []))
    assert [(a.wanted, a.have) for a in advice] == [(30, 0), (18, 12)]
    assert advice[1].sentence().startswith("Collect 18 more pictures of g0v0 g1v1")


def test_rare_free_labels_do_not_fill_the_shopping_list():
    rows = [(1,)] * 500 + [(2,)] * 500 + [(3,)] * 2
    advice = what_to_collect(summarise(sets_of(rows), [], free(3)))
    assert [a.names for a in advice] == [("free 1", "free 2")]


def test_names_in_advice_go_through_the_callers_escape(fashion):
    advice = what_to_collect(summarise(*fashion, []))[0]
    assert "<black>" in advice.sentence(lambda name: f"<{name}>")
