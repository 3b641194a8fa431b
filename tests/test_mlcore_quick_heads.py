"""Heads on features, against scikit-learn and by what they must not do."""

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from mlcore.colour_features import COLOURS, WIDTH, describe_colours
from mlcore.errors import TrainingError
from mlcore.head_questions import (
    AT_MOST_ONE,
    FREE,
    ONE,
    Question,
    allowed_answers,
    is_known,
)
from mlcore.heads import HeadSettings, fit_heads

COLUMNS, PULL = 40, 0.3
GROUP = Question(ONE, (0, 1, 2))
FREE_LABEL = Question(FREE, (3,))
SET = HeadSettings(regularisation=PULL)

Floats = NDArray[np.float32]
Answers = NDArray[np.int8]


def make_answers(rows: int = 300, seed: int = 0) -> tuple[Floats, Answers]:
    """Features and answers that follow them loosely: a group of three, a free label."""
    chance = np.random.default_rng(seed)
    x = chance.normal(3.0, chance.uniform(0.1, 9.0, COLUMNS), (rows, COLUMNS))
    said = (x - x.mean(0)) / x.std(0) @ chance.normal(size=(COLUMNS, 4))
    said += chance.normal(0, 4.0, said.shape)
    y = np.zeros((rows, 4), np.int8)
    y[np.arange(rows), said[:, :3].argmax(axis=1)] = 1
    y[:, 3] = said[:, 3] > 1.0
    return x.astype(np.float32), y


def scaled(x: Floats) -> Floats:
    """What regularisation is about: standardised, divided by the root of the width."""
    return (x - x.mean(axis=0)) / x.std(axis=0) / np.sqrt(COLUMNS)


def test_a_group_and_a_free_label_are_those_of_scikit_learn() -> None:
    x, y = make_answers()
    heads = fit_heads(x, y, [GROUP, FREE_LABEL], SET)
    ours = heads.probabilities(x)
    group = LogisticRegression(C=1 / PULL, tol=1e-8, max_iter=5000)
    theirs = group.fit(scaled(x), y[:, :3].argmax(axis=1))
    np.testing.assert_allclose(ours[:, :3], theirs.predict_proba(scaled(x)), atol=2e-3)
    free = LogisticRegression(C=1 / PULL, tol=1e-8, max_iter=5000)
    free.fit(scaled(x), y[:, 3])
    expected = free.predict_proba(scaled(x))[:, 1]
    np.testing.assert_allclose(ours[:, 3], expected, atol=2e-3)
    scale = x.std(axis=0) * np.sqrt(COLUMNS)
    weights = heads.layers[0][0] * scale[:, None]
    np.testing.assert_allclose(weights[:, 3], free.coef_[0], rtol=0.02, atol=0.05)
    assert heads.pulls == (PULL, PULL)


def test_an_unknown_answer_is_as_if_the_picture_were_not_asked() -> None:
    x, y = make_answers()
    part = y.copy()
    part[200:, 3] = -1
    part[:50, :3] = -1
    part[60, :3] = -1
    before = fit_heads(x, part, [GROUP, FREE_LABEL], SET).probabilities(x)
    # A no alone says something too: the other two share what is left.
    part[60, :3] = (0, -1, -1)
    found = fit_heads(x, part, [GROUP, FREE_LABEL], SET).probabilities(x)
    alone = LogisticRegression(C=1 / PULL, tol=1e-8, max_iter=5000)
    alone.fit(scaled(x)[:200], y[:200, 3])
    expected = alone.predict_proba(scaled(x))[:, 1]
    np.testing.assert_allclose(found[:, 3], expected, atol=2e-3)
    assert found[60, 0] < before[60, 0]
    np.testing.assert_allclose(found[:, :3].sum(axis=1), 1, atol=1e-5)


def test_a_group_that_may_have_none_leaves_room_for_none() -> None:
    x, y = make_answers()
    y[::3, :3] = 0
    x[::3] += 20
    question = Question(AT_MOST_ONE, (0, 1, 2))
    found = fit_heads(x, y, [question, FREE_LABEL], SET).probabilities(x)
    assert found[::3, :3].sum(axis=1).mean() < 0.1
    assert found[1::3, :3].sum(axis=1).mean() > 0.9


def test_noise_is_pulled_harder_to_zero_than_what_is_sure() -> None:
    x = make_answers()[0]
    chance = np.random.default_rng(5)
    noise = chance.integers(0, 2, len(x)).astype(np.int8)
    sure = (x[:, 0] > x[:, 0].mean()).astype(np.int8)
    both = np.stack([noise, sure], axis=1)
    questions = [Question(FREE, (0,)), Question(FREE, (1,))]
    told: list[tuple[int, int]] = []
    heads = fit_heads(
        x,
        both,
        questions,
        HeadSettings(),
        lambda done, total: told.append((done, total)),
    )
    assert heads.pulls[0] > heads.pulls[1]
    assert told[-1][0] == told[-1][1] and told == sorted(told)


def test_fitting_ends_where_progress_says_so() -> None:
    x, y = make_answers()

    class EndedError(Exception):
        pass

    def end(done: int, total: int) -> None:
        if done:
            raise EndedError

    for kind in ("linear", "hidden"):
        with pytest.raises(EndedError):
            fit_heads(x, y, [GROUP, FREE_LABEL], HeadSettings(kind=kind), end)


def test_a_hidden_layer_learns_what_no_line_can_part() -> None:
    chance = np.random.default_rng(0)
    x = chance.normal(size=(400, 6)).astype(np.float32)
    y = ((x[:, 0] * x[:, 1]) > 0).astype(np.int8)[:, None]
    question = [Question(FREE, (0,))]
    line = fit_heads(x, y, question, HeadSettings()).probabilities(x)
    settings = HeadSettings(kind="hidden", hidden_units=32, dropout=0.0)
    bent = fit_heads(x, y, question, settings).probabilities(x)
    assert ((line > 0.5) == y).mean() < 0.7 and ((bent > 0.5) == y).mean() > 0.75


def test_features_that_are_no_numbers_are_refused() -> None:
    x, y = make_answers()
    x[3, 3] = np.nan
    with pytest.raises(TrainingError, match="not numbers"):
        fit_heads(x, y, [GROUP, FREE_LABEL], SET)


def test_colours_are_counted_in_the_whole_picture_and_in_its_middle() -> None:
    pictures = np.zeros((2, 130, 130, 3), np.uint8)
    pictures[0, 40:90, 40:90] = (255, 0, 0)
    found = describe_colours(pictures)
    red = 5 * 36
    assert (
        found.shape == (2, WIDTH) and describe_colours(pictures[:0]).shape[1] == WIDTH
    )
    assert found[1, 0] == found[1, COLOURS] == 1.0 and found[1].sum() == 2.0
    assert 0.3 < found[0, red] < 0.5 < 0.7 < found[0, COLOURS + red] < 0.9
    np.testing.assert_allclose((found**2).sum(axis=1), 2.0, atol=1e-5)


def test_a_label_made_after_none_fitted_is_not_taken_for_the_answer() -> None:
    colour = Question("exactly-one", (0, 1, 2))
    none_of_two = np.array([[0, 0, -1]], np.int8)

    assert allowed_answers(colour, none_of_two).all()
    assert not is_known(colour, none_of_two)[0]
