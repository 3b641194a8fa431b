"""Thresholds per label, chosen on held-out images."""

import numpy as np
import pytest
from sklearn.metrics import fbeta_score, precision_score, recall_score

from mlcore.config import TrainConfig
from mlcore.decisions import Limits, decide
from mlcore.thresholds import choose_limits, choose_thresholds


def make_scores(seed: int = 3, images: int = 150) -> tuple[np.ndarray, np.ndarray]:
    """Answers and overlapping probabilities of three labels, the last one rare."""
    draws = np.random.default_rng(seed)
    y = (draws.random((images, 3)) < [0.5, 0.2, 0.08]).astype(np.int8)
    scores = np.clip(0.25 + 0.3 * y + draws.normal(0, 0.15, y.shape), 0, 1)
    return y, scores.astype(np.float32)


def choose(y: np.ndarray, scores: np.ndarray, **settings: object) -> list[float]:
    return choose_thresholds(y, scores, TrainConfig().with_changes(**settings))


@pytest.mark.parametrize(("rule", "beta"), [("best-f1", 1.0), ("best-f2", 2.0)])
def test_no_other_threshold_has_a_better_f_beta(rule: str, beta: float) -> None:
    y, scores = make_scores()
    found = choose(y, scores, thresholds=rule)
    for at, threshold in enumerate(found):
        best = max(
            fbeta_score(y[:, at], scores[:, at] >= other, beta=beta)
            for other in np.unique(scores[:, at])
        )
        reached = fbeta_score(y[:, at], scores[:, at] >= threshold, beta=beta)
        assert reached == pytest.approx(best)


def test_a_wanted_recall_is_reached_with_the_highest_threshold() -> None:
    y, scores = make_scores()
    found = choose(y, scores, thresholds="target-recall", threshold_target=0.9)
    for at, threshold in enumerate(found):
        assert recall_score(y[:, at], scores[:, at] >= threshold) >= 0.9
        fewer = scores[:, at] > scores[scores[:, at] >= threshold, at].min()
        assert recall_score(y[:, at], fewer) < 0.9


def test_a_wanted_precision_is_reached_with_as_many_labels_as_can_be() -> None:
    y, scores = make_scores()
    found = choose(y, scores, thresholds="target-precision", threshold_target=0.8)
    for at, threshold in enumerate(found):
        said = scores[:, at] >= threshold
        assert precision_score(y[:, at], said) >= 0.8
        lower = np.unique(scores[scores[:, at] < threshold, at])
        tried = [precision_score(y[:, at], scores[:, at] >= cut) for cut in lower]
        assert max(tried) < 0.8


def test_a_precision_out_of_reach_gives_the_most_precise_threshold() -> None:
    y = np.array([[0], [1]] * 10, np.int8)
    scores = np.array([[0.9], [0.4]] * 10, np.float32)
    found = choose(y, scores, thresholds="target-precision", threshold_target=0.8)
    assert found == [pytest.approx(0.2)]


def test_too_few_examples_keep_the_threshold_of_the_settings() -> None:
    y = np.array([[1], [1]] + [[0]] * 30 + [[-1]] * 30, np.int8)
    scores = np.linspace(0.9, 0.1, len(y), dtype=np.float32)[:, None]
    assert choose(y, scores, thresholds="best-f1", threshold=0.37) == [0.37]


def test_unknown_answers_change_nothing() -> None:
    y, scores = make_scores()
    unknown = np.full_like(y, -1)
    more = choose(
        np.vstack([y, unknown]), np.vstack([scores, 1 - scores]), thresholds="best-f1"
    )
    assert more == choose(y, scores, thresholds="best-f1")


def test_among_equal_thresholds_the_one_nearest_to_the_settings_is_taken() -> None:
    y = np.array([[1]] * 6 + [[0]] * 6, np.int8)
    scores = np.array([[0.9]] * 6 + [[0.2]] * 6, np.float32)
    assert choose(y, scores, thresholds="best-f1") == [pytest.approx(0.55)]


def test_fixed_and_top_k_look_at_no_image() -> None:
    y, scores = make_scores()
    for rule in ("fixed", "top-k"):
        assert choose(y, scores, thresholds=rule, threshold=0.3) == [0.3] * 3


def test_top_k_says_yes_to_exactly_the_k_strongest_labels() -> None:
    _, scores = make_scores()
    limits = choose_limits(
        np.zeros(scores.shape, np.int8), scores, TrainConfig(thresholds="top-k")
    ).limits
    said = decide(scores, limits, "sigmoid")
    assert said.sum(axis=1).tolist() == [2] * len(scores)
    assert (scores[said].reshape(-1, 2).min(axis=1) >= scores.min(axis=1)).all()
    ties = decide(np.full((1, 3), 0.1), Limits((0.5,) * 3, top_k=1), "sigmoid")
    assert ties.tolist() == [[True, False, False]]


def test_top_k_counts_the_answers_of_groups_first() -> None:
    scores = np.array([[0.6, 0.4, 0.9, 0.8, 0.1]])
    groups = [([0, 1], True)]
    for k, expected in [(1, [0]), (2, [0, 2]), (3, [0, 2, 3]), (9, [0, 2, 3, 4])]:
        said = decide(scores, Limits((0.5,) * 5, top_k=k), "groups", groups)
        assert np.flatnonzero(said[0]).tolist() == expected


def test_of_a_group_with_at_most_one_yes_only_the_strongest_label_can_be_yes() -> None:
    scores = np.array([[0.45, 0.4, 0.9], [0.2, 0.1, 0.1], [0.1, 0.8, 0.6]])
    said = decide(scores, Limits((0.3,) * 3), "groups", [([0, 1], False)])
    assert said.tolist() == [
        [True, False, True],
        [False, False, False],
        [False, True, True],
    ]
