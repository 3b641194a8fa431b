"""Temperatures: what a run says comes true as often as it says."""

from dataclasses import dataclass

import numpy as np
import pytest
from scipy.special import expit, softmax
from sklearn.metrics import log_loss

from mlcore.calibration import (
    Temperature,
    ask_temperatures,
    fit_temperatures,
    read_temperatures,
    temper,
    temperatures_as_json,
    untemper,
)
from mlcore.calibration_figures import (
    calibration_error,
    judge_answers,
    put_into_bins,
    telling_bin,
)
from mlcore.epoch_scores import exact_probabilities
from mlcore.errors import PredictionError
from mlcore.snapshot import SnapshotGroup, SnapshotLabel

COLOURS, GARMENTS, FREE = (1, 2, 3), (4, 5, 6), (7, 8)
LABELS = tuple(SnapshotLabel(n, f"label {n}", None) for n in range(1, 9))
GROUPS = (
    SnapshotGroup(1, "colour", "exactly-one", COLOURS),
    SnapshotGroup(2, "garment", "at-most-one", GARMENTS),
)


@dataclass
class Drawn:
    y: np.ndarray
    said: np.ndarray


def draw(images=4000, too_sure=3.0, seed=1):
    """Answers drawn from known logits, and what a network too sure of them says."""
    chance = np.random.default_rng(seed)
    logits = chance.normal(0, 2, (images, 8))
    y = np.zeros((images, 8), np.int8)
    said = np.zeros((images, 8))
    colour = softmax(logits[:, :3], axis=1)
    with_none = np.pad(logits[:, 3:6], ((0, 0), (0, 1)))
    garment = softmax(with_none, axis=1)
    for row in range(images):
        y[row, chance.choice(3, p=colour[row])] = 1
        worn = chance.choice(4, p=garment[row])
        if worn < 3:
            y[row, 3 + worn] = 1
    y[:, 6:] = chance.random((images, 2)) < expit(logits[:, 6:])
    said[:, :3] = softmax(too_sure * logits[:, :3], axis=1)
    said[:, 3:6] = softmax(too_sure * with_none, axis=1)[:, :3]
    said[:, 6:] = expit(too_sure * logits[:, 6:])
    return Drawn(y, said.astype(np.float32))


def whole(said):
    """Shares that sum to 1 in double precision, as scikit-learn wants them."""
    return said.astype(float) / said.astype(float).sum(axis=1, keepdims=True)


def fit(drawn, output="groups"):
    asked = ask_temperatures(LABELS, GROUPS, output)
    return fit_temperatures(asked, drawn.y, drawn.said)


@pytest.mark.parametrize("too_sure", [0.6, 1.0, 3.0])
def test_the_temperature_of_a_network_that_is_too_sure_is_found_again(too_sure):
    found = fit(draw(too_sure=too_sure))
    assert [one.group for one in found] == ["colour", "garment", ""]
    assert [one.value for one in found] == pytest.approx([too_sure] * 3, rel=0.12)


@pytest.mark.parametrize("too_sure", [0.5, 1.0, 2.0, 8.0])
def test_the_loss_by_an_independent_measure_gets_no_worse(too_sure):
    drawn = draw(600, too_sure)
    calm = temper(fit(drawn), drawn.said)
    truth = drawn.y[:, :3].argmax(axis=1)
    before, after = (whole(said[:, :3]) for said in (drawn.said, calm))
    assert log_loss(truth, after) <= log_loss(truth, before) + 1e-6
    free = drawn.y[:, 6:].ravel()
    before = log_loss(free, drawn.said[:, 6:].ravel().astype(float))
    assert log_loss(free, calm[:, 6:].ravel().astype(float)) <= before + 1e-6


@pytest.mark.parametrize("output", ["groups", "sigmoid"])
def test_no_strongest_answer_and_no_yes_at_one_half_changes(output):
    drawn = draw(1000, 5.0)
    found = fit(drawn, output)
    assert any(one.value > 2 for one in found)
    calm = temper(found, drawn.said)
    for columns in (slice(0, 3), slice(3, 6)):
        before = drawn.said[:, columns].argmax(axis=1)
        assert (calm[:, columns].argmax(axis=1) == before).all()
    assert ((calm >= 0.5) == (drawn.said >= 0.5))[:, 6:].all()


def test_one_group_alone_has_one_temperature_for_its_softmax():
    drawn = draw(1000)
    asked = ask_temperatures(LABELS[:3], GROUPS[:1], "softmax")
    found = fit_temperatures(asked, drawn.y[:, :3], drawn.said[:, :3])
    assert [one.group for one in found] == ["colour"]
    assert found[0].value == pytest.approx(3, rel=0.2)


def test_shares_of_a_group_still_sum_to_one_and_the_way_back_is_exact():
    drawn = draw(300)
    found = fit(drawn)
    calm = temper(found, drawn.said)
    assert calm[:, :3].sum(axis=1) == pytest.approx(1, abs=1e-6)
    assert (calm[:, 3:6].sum(axis=1) <= 1 + 1e-6).all()
    assert untemper(found, calm) == pytest.approx(drawn.said, abs=2e-4)


def test_few_pictures_unknown_answers_and_saturation_leave_probabilities_alone():
    few = draw(49)
    assert [one.value for one in fit(few)] == [1, 1, 1]
    unknown = draw(400)
    unknown.y[49:, :3] = -1
    unknown.y[:, 3:] = -1
    found = fit(unknown)
    assert [(one.value, one.images) for one in found] == [(1, 49), (1, 0), (1, 0)]
    # right every time, and as sure as can be: nothing says it may be surer still
    sure = draw(400)
    sure.said = np.where(sure.y == 1, 0.9, 0.05).astype(np.float32)
    assert [one.value for one in fit(sure)] == [1, 1, 1]
    certain = draw(400)
    certain.said = np.zeros_like(certain.said)
    certain.said[:, 0] = 1.0
    assert np.isfinite(temper(fit(certain), certain.said)).all()


def test_they_travel_through_model_json_and_older_models_have_none():
    found = fit(draw(500))
    facts = {"labels": [{"label_id": label.label_id} for label in LABELS]}
    assert read_temperatures(facts) == []
    facts["temperatures"] = temperatures_as_json(found, LABELS)
    assert read_temperatures(facts) == found
    facts["temperatures"][0]["value"] = 0
    with pytest.raises(PredictionError, match="temperatures of this model"):
        read_temperatures(facts)


def test_bins_say_how_often_what_was_said_came_true():
    drawn = draw(20_000, too_sure=3.0)
    asked = ask_temperatures(LABELS, GROUPS, "groups")
    raw = [put_into_bins(judge_answers(one, drawn.y, drawn.said)) for one in asked]
    calm = temper(fit(drawn), drawn.said)
    after = [put_into_bins(judge_answers(one, drawn.y, calm)) for one in asked]
    for before, now in zip(raw, after, strict=True):
        assert calibration_error(before) > 0.05
        assert calibration_error(now) < 0.02
        assert sum(one.answers for one in now) == sum(one.answers for one in before)
    assert telling_bin(after[0]).sure == pytest.approx(0.9, abs=0.06)


def test_the_error_is_the_mean_gap_and_what_is_unknown_counts_nowhere():
    one = ask_temperatures(LABELS[:3], GROUPS[:1], "groups")[0]
    said = np.array([[0.95, 0.05, 0.0]] * 4 + [[0.55, 0.45, 0.0]] * 2)
    y = np.array([[1, 0, 0]] * 3 + [[0, 1, 0]] + [[1, 0, 0], [-1, -1, 0]], np.int8)
    bins = put_into_bins(judge_answers(one, y, said))
    assert [(b.answers, b.sure, b.right) for b in bins] == [
        (1, pytest.approx(0.55), 1.0),
        (4, pytest.approx(0.95), 0.75),
    ]
    assert calibration_error(bins) == pytest.approx((0.45 + 4 * 0.2) / 5)
    assert calibration_error([]) is None and telling_bin(bins) is None
    maybe = ask_temperatures(LABELS[3:6], GROUPS[1:], "groups")[0]
    worn = np.array([[0, 0, 0], [0, -1, 0], [0, 1, 0]], np.int8)
    found = judge_answers(maybe, worn, np.full((3, 3), 0.05))
    assert found.right.tolist() == [True, False]


def test_a_temperature_on_a_very_sure_network_does_not_hang_on_the_last_digit() -> None:
    logits = np.linspace(10, 30, 201)[:, None]
    sure = exact_probabilities(logits, "sigmoid")

    tempered = temper([Temperature("", "free", (0,), 3.0, 99)], sure)

    # From 18.4 on it is as sure as can be told; before that nothing jumps.
    expected = 1 / (1 + np.exp(-np.minimum(logits, 18.4207) / 3))
    assert np.abs(tempered - expected).max() < 1e-6
