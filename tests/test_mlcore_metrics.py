"""Figures against scikit-learn, and what is undefined stays undefined."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as oracle

from mlcore.metrics import average_precision, evaluate, mark_seen, wilson
from mlcore.snapshot import SnapshotGroup, SnapshotLabel

NAMES = ["black", "blue", "red", "dress", "jeans", "shirt"]
LABELS = [SnapshotLabel(i, name, None) for i, name in enumerate(NAMES, start=1)]
GROUPS = [
    SnapshotGroup(1, "colour", "exactly-one", (1, 2, 3)),
    SnapshotGroup(2, "garment", "exactly-one", (4, 5, 6)),
]


def random_answers(seed, images=60, labels=6):
    random = np.random.default_rng(seed)
    y = (random.random((images, labels)) < 0.4).astype(np.int8)
    y[:2] = [[1] * labels, [0] * labels]
    scores = np.clip(y * 0.3 + random.random((images, labels)) * 0.7, 0, 1)
    # Coarse scores make ties, where average precision is easily wrong.
    return y, np.round(scores, 1)


@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 100_000), threshold=st.sampled_from([0.2, 0.5, 0.65]))
def test_every_figure_equals_scikit_learn(seed, threshold):
    y, scores = random_answers(seed)
    said = scores >= threshold
    found = evaluate(y, scores, LABELS, threshold, "sigmoid", GROUPS)
    zero = {"zero_division": 0}
    assert found.micro_f1 == pytest.approx(oracle.f1_score(y, said, average="micro"))
    assert found.macro_f1 == pytest.approx(
        oracle.f1_score(y, said, average="macro", **zero)
    )
    assert found.f2 == pytest.approx(
        oracle.fbeta_score(y, said, beta=2, average="samples", zero_division=np.nan)
    )
    assert found.exact_match == pytest.approx(oracle.accuracy_score(y, said))
    assert found.binary_accuracy == pytest.approx(1 - oracle.hamming_loss(y, said))
    assert found.mean_average_precision == pytest.approx(
        oracle.average_precision_score(y, scores, average="macro")
    )


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 100_000))
def test_each_label_equals_scikit_learn(seed):
    y, scores = random_answers(seed)
    found = evaluate(y, scores, LABELS, 0.5, "sigmoid", GROUPS)
    table = oracle.precision_recall_fscore_support(
        y, scores >= 0.5, average=None, zero_division=0
    )
    for score, precision, recall, f1, support in zip(found.labels, *table, strict=True):
        assert (score.precision or 0.0) == pytest.approx(precision)
        assert (score.recall, score.f1) == pytest.approx((recall, f1))
        assert score.support == support


def test_thresholds_may_differ_per_label():
    y = np.array([[1, 1], [0, 0]], np.int8)
    scores = np.array([[0.3, 0.3], [0.1, 0.25]])
    found = evaluate(y, scores, LABELS[:2], [0.2, 0.5], "sigmoid")
    assert [label.recall for label in found.labels] == [1.0, 0.0]
    assert [label.threshold for label in found.labels] == [0.2, 0.5]


def test_softmax_answers_the_strongest_label_whatever_the_threshold():
    y = np.array([[1, 0, 0], [0, 1, 0]], np.int8)
    scores = np.array([[0.4, 0.35, 0.25], [0.3, 0.45, 0.25]])
    found = evaluate(y, scores, LABELS[:3], 0.9, "softmax")
    assert found.exact_match == 1.0


def test_unknown_answers_count_nowhere():
    y, scores = random_answers(3)
    holes = np.random.default_rng(1).random(y.shape) < 0.3
    partly = np.where(holes, -1, y).astype(np.int8)
    changed = np.where(holes, 1 - scores, scores)
    one = evaluate(partly, scores, LABELS, 0.5, "sigmoid", GROUPS)
    other = evaluate(partly, changed, LABELS, 0.5, "sigmoid", GROUPS)
    assert one == other
    cells = (scores >= 0.5) == (y == 1)
    assert one.binary_accuracy == pytest.approx(cells[~holes].mean())


def test_a_label_without_positives_shows_no_examples_and_never_one():
    y, scores = random_answers(5)
    y[:, 2] = 0
    red = evaluate(y, scores, LABELS, 0.5, "sigmoid", GROUPS).labels[2]
    assert (red.precision, red.recall, red.f1, red.average_precision) == (None,) * 4
    assert (red.support, red.note) == (0, "no examples")
    assert red.as_json()["note"] == "no examples"


def test_a_label_that_every_image_has_is_not_praised_either():
    y, scores = random_answers(5)
    y[:, 0] = 1
    black = evaluate(y, scores, LABELS, 0.5, "sigmoid", GROUPS).labels[0]
    assert (black.precision, black.f1, black.average_precision) == (None, None, None)
    assert black.note == "no counter-examples"
    assert black.recall is not None


def test_labels_without_examples_do_not_move_the_averages():
    y, scores = random_answers(8)
    y[:, 5] = 0
    found = evaluate(y, scores, LABELS, 0.5, "sigmoid")
    without = evaluate(y[:, :5], scores[:, :5], LABELS[:5], 0.5, "sigmoid")
    assert found.macro_f1 == without.macro_f1
    assert found.mean_average_precision == without.mean_average_precision


def test_no_images_at_all_leave_every_figure_undefined():
    empty = np.zeros((0, 6))
    found = evaluate(empty.astype(np.int8), empty, LABELS, 0.5, "sigmoid", GROUPS)
    totals = found.as_json()
    assert totals["images"] == 0
    assert totals["exact_match"] is totals["f2"] is totals["micro_f1"] is None


def test_average_precision_of_a_perfect_and_a_constant_ranking():
    yes = np.array([True, True, False, False])
    assert average_precision(yes, np.array([0.9, 0.8, 0.2, 0.1])) == 1.0
    assert average_precision(yes, np.full(4, 0.5)) == 0.5


def test_the_table_of_combinations_counts_images_and_what_training_saw():
    def row(*names):
        return [int(name in names) for name in NAMES]

    y = np.array([row("blue", "dress")] * 3 + [row("black", "dress")] * 2, np.int8)
    scores = y.astype(float)
    scores[3] = row("black", "jeans")
    found = evaluate(y, scores, LABELS, 0.5, "sigmoid", GROUPS)
    marked = mark_seen(found, [((2, 4), 30), ((1, 5), 40)], LABELS, GROUPS)
    assert [c.as_json() for c in marked.combinations] == [
        {
            "labels": ["blue", "dress"],
            "images": 3,
            "exact_match": 1.0,
            "seen_in_training": True,
        },
        {
            "labels": ["black", "dress"],
            "images": 2,
            "exact_match": 0.5,
            "seen_in_training": False,
        },
    ]


def test_images_with_an_open_question_in_a_group_are_in_no_combination():
    y = np.array([[1, 0, 0, 1, 0, 0], [1, 0, 0, 1, 0, -1]], np.int8)
    found = evaluate(y, y.astype(float), LABELS, 0.5, "sigmoid", GROUPS)
    assert [c.images for c in found.combinations] == [1]


def test_the_json_has_exactly_the_documented_keys():
    y, scores = random_answers(2)
    report = evaluate(y, scores, LABELS, 0.5, "sigmoid", GROUPS).as_json()
    totals = "run images binary_accuracy exact_match micro_f1 macro_f1 f2"
    assert set(report) == {
        *totals.split(),
        *("mean_average_precision", "labels", "combinations"),
        *("split", "threshold_rule", "thresholds_chosen_here"),
    }
    keys = "label support precision recall f1 average_precision threshold"
    assert set(report["labels"][0]) == set(keys.split())
    json.dumps(report, allow_nan=False)


@pytest.mark.parametrize(("right", "images"), [(0, 29), (29, 29), (7, 10), (1, 1)])
def test_wilson_contains_the_share_and_stays_between_zero_and_one(right, images):
    low, high = wilson(right, images)
    assert 0 <= low <= right / images <= high + 1e-12 <= 1 + 1e-9


def test_wilson_equals_a_published_value():
    low, high = wilson(84, 100)
    assert math.isclose(low, 0.7558, abs_tol=5e-4)
    assert math.isclose(high, 0.8990, abs_tol=5e-4)


@pytest.mark.parametrize("groups", [GROUPS, []])
def test_training_is_counted_as_pictures_are_by_exact_label_sets(groups):
    y, _ = random_answers(11, images=400)
    y[y.sum(axis=1) > 4] = 0
    if groups:
        # one free label, which is no part of a combination
        groups = [groups[0], SnapshotGroup(2, "garment", "exactly-one", (4, 5))]
    sets = [tuple(int(at) + 1 for at in np.flatnonzero(row)) for row in y]
    seen = [(ids, 1) for ids in sets] + [((3, 6, 99), 2)]
    found = evaluate(y, y.astype(float), LABELS, 0.5, "sigmoid", groups)
    marked = mark_seen(found, seen, LABELS, groups)
    # the same pictures in both columns give the same counts in both columns
    extra = {(3,): 2} if groups else {(3, 6): 2}
    for score in marked.combinations:
        assert score.seen_count == score.images + extra.get(score.label_ids, 0)


def test_a_set_that_training_showed_only_with_more_labels_was_never_seen():
    y = np.array([[1, 0, 0, 0, 0, 0], [1, 1, 0, 0, 0, 0]], np.int8)
    found = evaluate(y, y.astype(float), LABELS, 0.5, "sigmoid")
    marked = mark_seen(found, [((1, 2), 5)], LABELS)
    counts = {score.label_ids: score.seen_count for score in marked.combinations}
    assert counts == {(1,): 0, (1, 2): 5}
