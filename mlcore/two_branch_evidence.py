"""Which evidence may answer which group: colour, shape, or both. No TensorFlow.

Asked before training, of features that cost nothing: what still answers a group where
one combination was left out is evidence of the group itself, and not of its company.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from mlcore.colour_features import LUMINANCE, describe_colours
from mlcore.combination_table import UNKNOWN, Values, read_values
from mlcore.head_questions import Answers, Question, count_logits
from mlcore.head_solver import Floats
from mlcore.heads import HeadSettings, fit_heads
from mlcore.two_branch_plan import (
    BOTH,
    COLOUR,
    SHAPE,
    exclusive,
)

Pixels = npt.NDArray[np.uint8]
Rows = npt.NDArray[np.intp]
Looks = dict[str, Floats]

# Edges are counted in so many cells a side and so many directions.
CELLS = 8
DIRECTIONS = 8
# More pictures, and more combinations, change no answer.
ASKED_AT_MOST = 2000
LEFT_OUT_AT_MOST, LEFT_OUT_AT_LEAST = 8, 2
# Fits take as long as there are labels: with so many, fewer combinations are left out,
MANY_LABELS = 100
# and from here on it would take minutes, so nothing is looked up.
TOO_MANY_LABELS = 300
# One kind of evidence answers alone if it is this much better than the other where
# the combination was never shown, and not this much worse than both together.
BETTER_BY, WORSE_BY = 0.2, 0.03
SETTINGS = HeadSettings(regularisation=0.3)


def choose_evidence(
    pixels: Pixels, y: Answers, questions: Sequence[Question]
) -> tuple[str, ...]:
    """One of colour, shape and both for each label, by training pictures (n, s, s, 3).

    Free labels get both, as do all where no combination can be left out, or there are
    too many labels to try.
    """
    evidence = [BOTH] * y.shape[1]
    asked = exclusive(questions)
    choices = read_values(asked, y)
    width = count_logits(asked)
    left_out = _removable(choices)[: _count_to_leave_out(width)]
    if not left_out or width > TOO_MANY_LABELS:
        return tuple(evidence)
    looks = {COLOUR: describe_colours(pixels), SHAPE: describe_shapes(pixels)}
    looks[BOTH] = np.hstack([looks[COLOUR], looks[SHAPE]])
    shares = {
        name: np.mean([_share(x, y, asked, choices, one) for one in left_out], axis=0)
        for name, x in looks.items()
    }
    for at, question in enumerate(asked):
        word = _pick({name: float(found[at]) for name, found in shares.items()})
        for column in question.columns:
            evidence[column] = word
    return tuple(evidence)


def describe_shapes(pictures: Pixels) -> Floats:
    """float32 (n, CELLS * CELLS * DIRECTIONS): how strong edges are, and whither.

    Of gray pictures, each with the same mean and spread: no colour is left in them.
    """
    gray = pictures.astype(np.float32) @ LUMINANCE
    gray -= gray.mean(axis=(1, 2), keepdims=True)
    gray /= gray.std(axis=(1, 2), keepdims=True) + 1.0
    down, right = np.gradient(gray, axis=(1, 2))
    strength = np.hypot(down, right)
    angle = np.arctan2(down, right) % np.pi / np.pi
    whither = (angle * DIRECTIONS).astype(np.intp) % DIRECTIONS
    found = [_in_cells(strength * (whither == at)) for at in range(DIRECTIONS)]
    return np.sqrt(np.hstack(found))


def _in_cells(strength: Floats) -> Floats:
    count, side, _ = strength.shape
    cell = -(-side // CELLS)
    more = cell * CELLS - side
    whole = np.pad(strength, ((0, 0), (0, more), (0, more)))
    cells = whole.reshape(count, CELLS, cell, CELLS, cell).mean(axis=(2, 4))
    return np.asarray(cells.reshape(count, CELLS * CELLS), np.float32)


def _removable(choices: Values) -> list[Rows]:
    """The pictures of the largest combinations whose labels also occur elsewhere."""
    if choices.shape[1] < 2:
        return []
    whole = np.flatnonzero((choices != UNKNOWN).all(axis=1))
    counts = Counter(map(tuple, choices[whole].tolist()))
    found = []
    for combination, _ in counts.most_common():
        is_it = (choices == combination).all(axis=1)
        if ((choices == combination) & ~is_it[:, None]).any(axis=0).all():
            found.append(np.flatnonzero(is_it))
    return found


def _count_to_leave_out(width: int) -> int:
    most = LEFT_OUT_AT_MOST * MANY_LABELS // max(MANY_LABELS, width)
    return max(LEFT_OUT_AT_LEAST, most)


def _share(
    x: Floats, y: Answers, asked: Sequence[Question], choices: Values, left_out: Rows
) -> Floats:
    """(questions,) the part of left-out pictures that is answered right."""
    rest = np.setdiff1d(np.arange(len(x)), left_out)
    heads = fit_heads(x[rest], y[rest], asked, SETTINGS)
    logits, end, right = heads.logits(x[left_out]), 0, []
    for at, question in enumerate(asked):
        own = logits[:, end : end + question.width]
        end += question.width
        right.append(float((own.argmax(axis=1) == choices[left_out, at]).mean()))
    return np.array(right, np.float32)


def _pick(shares: dict[str, float]) -> str:
    better, other = sorted((COLOUR, SHAPE), key=lambda name: -shares[name])
    is_clear = shares[better] >= shares[other] + BETTER_BY
    return better if is_clear and shares[better] >= shares[BOTH] - WORSE_BY else BOTH
