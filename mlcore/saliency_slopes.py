"""Which way a label's probability leans: the slope of its log-odds. Pure numpy.

Not of the probability: where a model is sure, that is flat.
"""

import numpy as np

from mlcore.head_questions import FREE, Question, slices_of
from mlcore.head_solver import Doubles, Floats
from mlcore.heads import Heads
from mlcore.joint_heads import JointHeads


def slope_of_logits(
    questions: tuple[Question, ...], logits: Doubles, column: int
) -> Doubles:
    """(C,) the slope of one label's log-odds by the logits (C,) of all questions."""
    found = np.zeros(len(logits))
    for question, own in zip(questions, slices_of(questions), strict=True):
        if column not in question.columns:
            continue
        place = question.columns.index(column)
        is_free = question.kind == FREE
        found[own] = 1.0 if is_free else against_rivals(logits[own], place)
    return found


def against_rivals(logits: Doubles, place: int) -> Doubles:
    """(k,) the slope of the log-odds of one of k that share out one yes."""
    rivals = logits.astype(np.float64)
    rivals[place] = -np.inf
    shares = np.exp(rivals - rivals.max())
    slope = -shares / shares.sum()
    slope[place] = 1.0
    return np.asarray(slope)


def slope_of_features(heads: Heads | JointHeads, x: Floats, column: int) -> Doubles:
    """(d,) the slope of one label's log-odds by the features (d,) of a picture."""
    if isinstance(heads, JointHeads):
        if any(column in question.columns for question in heads.table.questions):
            return _slope_of_combinations(heads, x, column)
        heads = heads.plain
    inputs = [x]
    for weights, bias in heads.layers[:-1]:
        inputs.append(np.maximum(inputs[-1] @ weights + bias, 0))
    weights, bias = heads.layers[-1]
    logits = (inputs[-1] @ weights + bias).astype(np.float64)
    slope = weights @ slope_of_logits(heads.questions, logits, column)
    for (weights, _), given in zip(heads.layers[-2::-1], inputs[:0:-1], strict=True):
        slope = weights @ (slope * (given > 0))
    return np.asarray(slope, np.float64)


def _slope_of_combinations(heads: JointHeads, x: Floats, column: int) -> Doubles:
    """What speaks for the combinations with the label and against those without it."""
    table = heads.table
    share = heads.posterior(x[None])[0]
    group = next(
        at for at, question in enumerate(table.questions) if column in question.columns
    )
    value = table.questions[group].columns.index(column)
    has = table.combinations[:, group] == value
    lean = _share_out(share, has) - _share_out(share, ~has)
    weights, _ = heads.layer
    by_logits = np.zeros(weights.shape[1])
    for term in heads.terms:
        start = term.start
        for at, question in enumerate(table.questions):
            counted = np.bincount(
                table.combinations[:, at], weights=lean, minlength=question.width
            )
            by_logits[start : start + question.width] += counted / len(heads.terms)
            start += question.width
    return np.asarray(weights @ by_logits, np.float64)


def _share_out(share: Doubles, chosen: np.ndarray) -> Doubles:
    """The probabilities of the chosen combinations, as if it were one of them."""
    part = np.where(chosen, np.maximum(share, 1e-300), 0.0)
    return np.asarray(part / max(part.sum(), 1e-300))
