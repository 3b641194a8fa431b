"""What Review counts: ranges, curves, mix-ups, paired tests and the story, pure."""

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from scipy.stats import binomtest, hypergeom
from sklearn.metrics import (
    average_precision_score,
    confusion_matrix,
    f1_score,
    precision_recall_curve,
    roc_auc_score,
    roc_curve,
)

from mlcore.co_errors import chance_of, co_errors
from mlcore.config import TrainConfig
from mlcore.evaluation import HeldOut
from mlcore.group_confusion import MixUp, confusions
from mlcore.intervals import (
    TOTAL_DRAWS,
    draw_weights,
    f1_interval,
    label_intervals,
    likely,
    total_intervals,
)
from mlcore.metrics import evaluate, mark_seen
from mlcore.paired_tests import holm, mcnemar_exact
from mlcore.ranking_curves import (
    POINTS_AT_MOST,
    mean_range,
    precision_recall,
    rank_labels,
    roc,
)
from mlcore.review_story import headline, next_steps, weakest_label
from mlcore.review_story_parts import Arrived, Evidence
from mlcore.scores import wilson
from mlcore.shopping import Advice
from mlcore.snapshot import SnapshotGroup, SnapshotLabel
from mlcore.threshold_goals import list_short
from mlcore.thresholds import choose_by_cost, choose_limits

NAMES = ("black", "blue", "dress", "shirt")
LABELS = tuple(SnapshotLabel(at, name, None) for at, name in enumerate(NAMES, start=1))
GROUPS = (
    SnapshotGroup(1, "colour", "exactly-one", (1, 2)),
    SnapshotGroup(2, "garment", "exactly-one", (3, 4)),
)


def answers(seed: int, images: int = 80) -> tuple[np.ndarray, np.ndarray]:
    """Return truth and coarse probabilities, which make ties."""
    random = np.random.default_rng(seed)
    y = (random.random((images, 4)) < 0.4).astype(np.int8)
    noise = random.random((images, 4)) * 0.7
    return y, np.round(noise + y * 0.3, 1).astype(np.float32)


def held_out_of(y: Any, said: Any) -> HeldOut:
    facts = SimpleNamespace(
        y=np.asarray(y, np.int8),
        probabilities=np.asarray(said, np.float32),
        labels=LABELS,
        groups=GROUPS,
        output="sigmoid",
    )
    return cast("HeldOut", facts)


@pytest.mark.parametrize("seed", range(3))
def test_curves_and_areas_are_those_of_scikit_learn(seed: int) -> None:
    y, scores = answers(seed)
    for at, ranking in enumerate(rank_labels(y, scores, LABELS)):
        yes, p = y[:, at] == 1, scores[:, at]
        assert ranking.average_precision == pytest.approx(
            average_precision_score(yes, p), abs=1e-6
        )
        assert ranking.roc_auc == pytest.approx(roc_auc_score(yes, p), abs=1e-6)
        curve, (alarms, found, _) = roc(yes, p), roc_curve(yes, p)
        assert curve is not None
        for x, height in zip(alarms, found, strict=True):
            assert (
                np.isclose(np.interp(x, curve.x, curve.y), height)
                or height in (curve.y[np.isclose(curve.x, x)])
            )
        drawn = precision_recall(yes, p)
        assert drawn is not None
        precision, recall, _ = precision_recall_curve(yes, p)
        assert drawn.x.tolist() == pytest.approx(recall[:-1][::-1].tolist())
        assert drawn.y.tolist() == pytest.approx(precision[:-1][::-1].tolist())
        assert sum(ranking.with_label) == yes.sum()


def test_each_draw_is_the_figure_of_the_pictures_drawn() -> None:
    y, scores = answers(1)
    weights = draw_weights(len(y))
    for at, ranking in enumerate(rank_labels(y, scores, LABELS)):
        yes, p = y[:, at] == 1, scores[:, at]
        expected = [
            average_precision_score(yes, p, sample_weight=weights[:, draw])
            for draw in range(20)
        ]
        assert ranking.draws[:20].tolist() == pytest.approx(expected, abs=1e-5)
        low, high = ranking.average_precision_range or (0.0, 0.0)
        assert low < (ranking.average_precision or 0) < high
    assert mean_range(rank_labels(y, scores, LABELS)) is not None


def test_totals_are_drawn_over_pictures_and_always_the_same() -> None:
    y, scores = answers(2)
    said = scores >= 0.5
    found = evaluate(y, scores, LABELS, 0.5, "sigmoid")
    wanted = {
        name: getattr(found, name)
        for name in ("exact_match", "binary_accuracy", "micro_f1", "macro_f1", "f2")
    }
    ranges = total_intervals(y, said, wanted)
    assert ranges == total_intervals(y, said, wanted)
    for name, value in wanted.items():
        low, high = ranges[name] or (1.0, 0.0)
        assert low < value < high, name
    weights = draw_weights(len(y))[:, :TOTAL_DRAWS]
    drawn = [
        f1_score(y == 1, said, average="micro", sample_weight=weights[:, draw])
        for draw in range(weights.shape[1])
    ]
    assert ranges["micro_f1"] == pytest.approx(likely(np.array(drawn)), abs=1e-6)
    assert total_intervals(y, said, {"f2": None}) == {"f2": None}


def test_a_label_that_is_always_right_is_not_sure_for_that() -> None:
    y = np.zeros((40, 4), np.int8)
    y[:6] = 1
    scores = y * 0.8 + np.float32(0.1)
    score = evaluate(y, scores, LABELS, 0.5, "sigmoid").labels[0]
    assert score.f1 == 1.0 and score.hits == 6 and score.false == 0
    low, high = label_intervals(score)["f1"] or (1.0, 0.0)
    assert (low, high) == f1_interval(6, 0) and 0.6 < low < 0.9 and high == 1.0
    ranking = rank_labels(y, scores, LABELS)[0]
    assert ranking.average_precision_range == (wilson(6, 6)[0], 1.0)


def test_what_is_not_defined_has_no_range() -> None:
    y, scores = answers(3)
    y[:, 0], y[:, 1], y[:, 2] = 0, 1, -1
    rankings = rank_labels(y, scores, LABELS)
    assert [r.average_precision for r in rankings[:3]] == [None] * 3
    assert [r.roc_auc_range for r in rankings[:3]] == [None] * 3
    assert rankings[0].precision_recall is None and rankings[1].roc is None
    found = evaluate(y, scores, LABELS, 0.5, "sigmoid")
    assert label_intervals(found.labels[0])["f1"] is None
    assert f1_interval(0, 0) is None and likely(np.array([np.nan])) is None


def test_a_long_curve_keeps_its_ends_and_few_points() -> None:
    random = np.random.default_rng(1)
    yes, p = random.random(9000) < 0.5, random.random(9000)
    for curve in (precision_recall(yes, p), roc(yes, p)):
        assert curve is not None
        assert len(curve.x) <= POINTS_AT_MOST and curve.x[-1] == 1.0


def test_the_matrix_of_a_group_is_that_of_scikit_learn() -> None:
    random = np.random.default_rng(5)
    truth, answer = random.integers(0, 2, 60), random.integers(0, 2, 60)
    y, said = np.zeros((60, 4)), np.zeros((60, 4), bool)
    y[np.arange(60), 2 + truth] = said[np.arange(60), 2 + answer] = 1
    y[:, :2] = -1
    (garment,) = confusions(held_out_of(y, said), said)
    assert garment.rows == garment.columns == ("dress", "shirt")
    assert garment.counts.tolist() == confusion_matrix(truth, answer).tolist()
    assert garment.right == (truth == answer).sum()
    assert sum(one.images for one in garment.mix_ups()) == (truth != answer).sum()


def test_none_and_several_have_a_place_and_open_answers_have_none() -> None:
    y = [[1, 0, 1, 0], [1, 0, 0, 0], [0, 1, -1, -1], [-1, -1, -1, 1]]
    said = np.array([[1, 1, 1, 0], [0, 0, 0, 1], [0, 1, 1, 0], [1, 0, 0, 1]], bool)
    colour, garment = confusions(held_out_of(y, said), said)
    assert colour.columns == ("black", "blue", "none of them", "several")
    assert colour.counts.tolist() == [[0, 0, 1, 1], [0, 1, 0, 0]]
    assert garment.rows == ("dress", "shirt", "none of them")
    assert garment.counts.tolist() == [[1, 0], [0, 1], [0, 1]]


def test_labels_that_go_wrong_together_are_found_beyond_chance() -> None:
    y = np.zeros((50, 4), np.int8)
    said = np.zeros((50, 4), bool)
    said[:5, [0, 2]] = True  # black and dress, always together
    said[10:20, 3] = True
    (found,) = co_errors(held_out_of(y, said), said)
    assert (found.first, found.second, found.images) == ("black", "dress", 5)
    assert found.expected == pytest.approx(0.5)
    for case in ((5, 5, 5, 50), (2, 7, 9, 40), (0, 3, 4, 10), (3, 3, 10, 10)):
        together, first, second, images = case
        oracle = hypergeom.sf(together - 1, images, first, second)
        assert chance_of(*case) == pytest.approx(oracle)


@pytest.mark.parametrize("pair", [(0, 0), (1, 0), (12, 3), (5, 5), (2, 20), (400, 320)])
def test_mcnemar_is_the_exact_binomial_test(pair: tuple[int, int]) -> None:
    better, worse = pair
    tosses = better + worse
    oracle = binomtest(better, tosses, 0.5).pvalue if tosses else 1.0
    assert mcnemar_exact(better, worse) == pytest.approx(oracle)


def test_many_labels_make_a_single_difference_less_telling() -> None:
    # the worked example of Holm's step-down procedure
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([]) == [] and holm([0.9, 0.8]) == [1.0, 1.0]


@pytest.mark.parametrize("misses", [0.2, 1.0, 5.0])
def test_the_threshold_of_a_cost_is_the_cheapest_there_is(misses: float) -> None:
    y, scores = answers(4)
    chosen = choose_by_cost(y, scores, misses)

    def cost(at: int, threshold: float) -> float:
        said, yes = scores[:, at] >= threshold, y[:, at] == 1
        return float((said & ~yes).sum() + misses * (yes & ~said).sum())

    for at, threshold in enumerate(chosen.limits.thresholds):
        tried = [cost(at, t) for t in np.linspace(0.01, 0.99, 99)]
        assert cost(at, threshold) == pytest.approx(min(tried))
    few = choose_by_cost(y[:4], scores[:4], misses)
    assert set(few.limits.thresholds) == {0.5}


def test_a_label_that_cannot_reach_the_goal_is_named_with_its_best() -> None:
    y = np.array([[1, 1]] * 6 + [[0, 0]] * 6, np.int8)
    scores = np.array([[0.9, 0.9]] * 6 + [[0.1, 0.1]] * 6, np.float32)
    scores[5, 0] = 0.001  # below the lowest threshold there is
    config = TrainConfig(thresholds="target-recall", threshold_target=0.9)
    chosen = choose_limits(y, scores, config)
    assert list_short(y, scores, chosen) == {0: pytest.approx(5 / 6)}
    easy = TrainConfig(thresholds="target-recall", threshold_target=0.8)
    assert list_short(y, scores, choose_limits(y, scores, easy)) == {}
    scores[:, 1] = 0.5
    config = TrainConfig(thresholds="target-precision", threshold_target=0.9)
    found = list_short(y, scores, choose_limits(y, scores, config))
    assert found == {1: pytest.approx(0.5)}


def story_of(said: np.ndarray, y: np.ndarray, blue_shirts: int = 9) -> Any:
    found = evaluate(y, said.astype(np.float32), LABELS, 0.5, "sigmoid", GROUPS)
    seen = [((1, 3), 40), ((2, 3), 30), ((2, 4), blue_shirts)]
    return mark_seen(found, seen, LABELS, GROUPS)


def test_the_story_says_how_good_it_is_and_what_to_do_first() -> None:
    y = np.zeros((60, 4), np.int8)
    y[:20, [0, 2]] = y[20:40, [1, 2]] = y[40:, [1, 3]] = 1
    said = y == 1
    perfect = story_of(said, y)
    assert headline(perfect).words() == (
        "Right on all labels for all 60 pictures it never trained on."
    )
    assert weakest_label(perfect) is None
    assert [step.kind for step in next_steps(perfect, Evidence())] == ["use"]

    said[40:52, 2], said[40:52, 3] = True, False  # blue shirts read as dresses
    found = story_of(said, y)
    sentence = headline(found).words(lambda name: f"<{name}>")
    assert sentence == (
        "Right on all labels for 48 of 60 pictures it never trained on; "
        "weakest: <shirt>."
    )
    advice = Advice((1, 4), ("black", "shirt"), 30, 0, 8.0, ("black", "dress"))
    evidence = Evidence(
        advice=[advice],
        arrived=[Arrived(("black", "shirt"), 7)],
        mix_ups=[MixUp("shirt", "dress", 12, 20)],
        sure_wrong=3,
        guesses_better="run 1",
    )
    steps = next_steps(found, evidence)
    assert [s.kind for s in steps] == [
        "train-again",
        "collect",
        "combination",
        "labels",
    ]
    assert steps[1].title.words() == "Collect about 30 pictures of black shirt"
    assert "black comes only with dress" in steps[1].why.words()
    assert "Until then run 1 guesses them best." in steps[1].why.words()
    assert steps[2].title.words() == "Add pictures of blue shirt"
    assert steps[2].why.words() == "Right on 8 of 20 only; training shows 9."
    (looked, *_) = next_steps(story_of(said, y, blue_shirts=262), Evidence())
    assert looked.title.words() == "Look at the wrong pictures of blue shirt"
    assert "training shows 262. So more of the same" in looked.why.words()
    searched = next_steps(found, Evidence(sure_wrong=3, suspected=1))
    assert [s.kind for s in searched][1] == "suspects"
    assert searched[1].title.words() == "Check the labels of 1 picture"
    mixed = next_steps(found, Evidence(mix_ups=evidence.mix_ups))
    assert mixed[1].title.words() == "Look at shirt read as dress"


def test_only_labels_that_are_probably_wrong_are_to_be_checked_and_few_of_them() -> (
    None
):
    y = np.tile(np.array([[1, 0, 1, 0], [0, 1, 0, 1]], np.int8), (30, 1))
    perfect = story_of(y == 1, y)
    (many,) = next_steps(perfect, Evidence(suspected=186))
    assert many.title.words() == "Look at the 15 most suspicious labels first"
    (doubtful,) = next_steps(perfect, Evidence(sure_wrong=3, is_searched=True))
    assert doubtful.kind == "use"


def test_a_combination_just_begun_stays_to_be_collected() -> None:
    y = np.zeros((60, 4), np.int8)
    y[:20, [0, 2]] = y[20:40, [1, 2]] = y[40:, [1, 3]] = 1
    perfect = story_of(y == 1, y)
    advice = [Advice((1, 4), ("black", "shirt"), 30, 0, 8.0)]
    one = Arrived(("black", "dress"), 1, missing=29)
    (step,) = next_steps(perfect, Evidence(advice=advice, arrived=[one]))
    assert step.kind == "collect"
    assert step.title.words() == (
        "Collect about 30 pictures of black shirt and 29 more of black dress"
    )
    assert step.why.words().endswith("1 picture of black dress came since the run.")
    (step,) = next_steps(perfect, Evidence(arrived=[one]))
    assert step.title.words() == "Collect 29 more of black dress"
    assert step.why.words().startswith("There is only 1 of black dress so far")

    five = Arrived(("black", "dress"), 5, missing=25)
    steps = next_steps(perfect, Evidence(advice=advice, arrived=[five, one]))
    assert [step.kind for step in steps] == ["train-again", "collect"]
    assert "5 pictures of black dress came" in steps[0].why.words()
    all_there = Arrived(("black", "dress"), 3)
    (step,) = next_steps(perfect, Evidence(arrived=[all_there]))
    assert step.kind == "train-again"


def test_the_weakest_label_is_a_step_where_no_mix_up_explains_it() -> None:
    y = np.zeros((60, 4), np.int8)
    y[:20, [0, 2]] = y[20:40, [1, 2]] = y[40:, [1, 3]] = 1
    said = y == 1
    said[40:48, 3] = False
    step = next_steps(story_of(said, y), Evidence())[-1]
    assert step.title.words() == "Look at shirt, the weakest label"
    assert step.why.words().startswith("It finds 12 of 20, and 0 of 12 it names")


def test_few_examples_are_called_few_and_no_label_weak_for_them() -> None:
    y = np.zeros((30, 4), np.int8)
    y[:, [1, 2]] = 1
    y[:2] = [1, 0, 0, 1]
    said = y == 1
    said[:2] = [False, True, True, False]
    found = story_of(said, y)
    weakest = weakest_label(found)
    assert weakest is not None and weakest.label in ("blue", "dress")
    step = next_steps(found, Evidence())[-1]
    assert step.kind == "hold-out" and "black, shirt" in step.why.words()
