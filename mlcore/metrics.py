"""Figures of a multi-label model from answers and probabilities. Pure numpy.

Unknown answers (-1) count nowhere. What is undefined is None with a reason, never
1.0: scikit-learn agrees wherever it is defined, and is the oracle in the tests.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mlcore.decisions import (
    Decisions,
    Limits,
    NamedLabel,
    Probabilities,
    RuledGroup,
    counting_thresholds,
    decide,
    exclusive_columns,
)
from mlcore.scores import CombinationScore, Evaluation, LabelScore, wilson

__all__ = ["CombinationScore", "Evaluation", "LabelScore", "evaluate", "wilson"]

Answers = NDArray[np.int8]
UNKNOWN = -1
NO_EXAMPLES = "no examples"
NO_COUNTEREXAMPLES = "no counter-examples"
NEVER_PREDICTED = "never predicted"


def evaluate(
    y_true: Answers,
    probabilities: Probabilities,
    labels: Sequence[NamedLabel],
    limits: float | Sequence[float] | Limits,
    output: str,
    groups: Sequence[RuledGroup] = (),
) -> Evaluation:
    """Return every figure for `y_true` (n, L) of 1/0/-1 and `probabilities` (n, L).

    `limits` is one threshold, one per label, or Limits. With output 'softmax' the
    strongest label is the answer and limits do not count; with 'groups' that holds
    within each exactly-one group.
    """
    limits = Limits.of(limits, len(labels))
    exclusive = exclusive_columns(labels, groups)
    said = decide(probabilities, limits, output, exclusive)
    counting = counting_thresholds(limits, output, exclusive)
    scores = _score_labels(y_true, said, probabilities, labels, counting)
    known = y_true != UNKNOWN
    right = (said == (y_true == 1)) | ~known
    asked = known.any(axis=1)
    return Evaluation(
        images=len(y_true),
        binary_accuracy=_mean(right[known]),
        exact_match=_mean(right.all(axis=1)[asked]),
        micro_f1=_micro_f1(y_true, said),
        macro_f1=_mean_known([s.f1 for s in scores]),
        f2=f_beta_of_samples(y_true, said, beta=2.0),
        mean_average_precision=_mean_known([s.average_precision for s in scores]),
        labels=scores,
        combinations=tuple(_score_combinations(y_true, said, labels, groups)),
    )


def mark_seen(
    evaluation: Evaluation,
    seen: Sequence[tuple[tuple[int, ...], int]],
    labels: Sequence[NamedLabel],
    groups: Sequence[RuledGroup] = (),
) -> Evaluation:
    """Fill in how many training images show exactly each combination.

    `seen` holds the full label sets of the training images with their counts; `labels`
    and `groups` are those of the evaluation, so that both count the same label sets.
    """
    asked = frozenset(labels[at].label_id for at in combined_columns(labels, groups))
    shown: Counter[frozenset[int]] = Counter()
    for label_ids, count in seen:
        shown[asked.intersection(label_ids)] += count
    marked = tuple(
        replace(score, seen_count=shown[frozenset(score.label_ids)])
        for score in evaluation.combinations
    )
    return replace(evaluation, combinations=marked)


def combined_columns(
    labels: Sequence[NamedLabel], groups: Sequence[RuledGroup]
) -> list[int]:
    """Return the columns a combination is made of: all labels, or those of groups."""
    exclusive = {i for g in groups if g.rule != "any" for i in g.label_ids}
    return [
        at
        for at, label in enumerate(labels)
        if not exclusive or label.label_id in exclusive
    ]


def _score_labels(
    y_true: Answers,
    said: Decisions,
    probabilities: Probabilities,
    labels: Sequence[NamedLabel],
    thresholds: Sequence[float | None],
) -> tuple[LabelScore, ...]:
    yes, no = y_true == 1, y_true == 0
    hits = (yes & said).sum(axis=0)
    false = (no & said).sum(axis=0)
    support = yes.sum(axis=0)
    against = no.sum(axis=0)
    scores = []
    for place, label in enumerate(labels):
        known = y_true[:, place] != UNKNOWN
        base = LabelScore(
            label_id=label.label_id,
            label=label.name,
            support=int(support[place]),
            precision=_ratio(hits[place], hits[place] + false[place]),
            recall=_ratio(hits[place], support[place]),
            f1=_ratio(2 * hits[place], hits[place] + false[place] + support[place]),
            average_precision=average_precision(
                yes[known, place], probabilities[known, place]
            ),
            threshold=thresholds[place],
            hits=int(hits[place]),
            false=int(false[place]),
        )
        scores.append(_explain(base, int(against[place])))
    return tuple(scores)


def _explain(score: LabelScore, against: int) -> LabelScore:
    """Blank figures that would flatter: without examples of both kinds."""
    if not score.support:
        nothing = {"precision": None, "recall": None, "f1": None}
        # A dict of None for fields that may all be None: mypy checks no such unpacking.
        return replace(score, **nothing, note=NO_EXAMPLES)  # type: ignore[arg-type]
    if not against:
        return replace(
            score,
            precision=None,
            f1=None,
            average_precision=None,
            note=NO_COUNTEREXAMPLES,
        )
    return (
        score if score.precision is not None else replace(score, note=NEVER_PREDICTED)
    )


def average_precision(yes: Decisions, scores: Probabilities) -> float | None:
    """Return the area under precision over recall as steps; None without positives."""
    if not yes.any():
        return None
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(yes[order])
    # Equal scores cannot be told apart: only the last of each tie is a threshold.
    last = np.append(np.diff(scores[order]) != 0, True)
    precision = (hits / np.arange(1, len(yes) + 1))[last]
    gained = np.diff(hits[last], prepend=0) / hits[-1]
    return float((precision * gained).sum())


def f_beta_of_samples(y_true: Answers, said: Decisions, *, beta: float) -> float | None:
    """Return the F-beta of each image, averaged, as the Planet contest did.

    Images without a yes in truth and answer have no F-beta and are left out.
    """
    yes = y_true == 1
    said = said & (y_true != UNKNOWN)
    hits = (yes & said).sum(axis=1)
    weight = beta * beta
    total = weight * yes.sum(axis=1) + said.sum(axis=1)
    defined = total > 0
    return _mean((1 + weight) * hits[defined] / total[defined])


def f_beta_micro(y_true: Answers, said: Decisions, *, beta: float) -> float | None:
    """Return the F-beta of all answers together, whatever image or label."""
    hits, claimed, wanted = _count_yes(y_true, said)
    return _f_beta(hits.sum(), claimed.sum(), wanted.sum(), beta)


def f_beta_macro(y_true: Answers, said: Decisions, *, beta: float) -> float | None:
    """Return the F-beta of each label, averaged; labels without a yes are left out."""
    counts = zip(*_count_yes(y_true, said), strict=True)
    return _mean_known([_f_beta(*row, beta) for row in counts if row[2]])


def _count_yes(
    y_true: Answers, said: Decisions
) -> tuple[NDArray[np.int_], NDArray[np.int_], NDArray[np.int_]]:
    """Of each label: yes rightly said, yes said, yes in truth."""
    yes, said = y_true == 1, said & (y_true != UNKNOWN)
    return (yes & said).sum(axis=0), said.sum(axis=0), yes.sum(axis=0)


def _f_beta(hits: int, claimed: int, wanted: int, beta: float) -> float | None:
    weight = beta * beta
    return _ratio((1 + weight) * hits, weight * wanted + claimed)


def _score_combinations(
    y_true: Answers,
    said: Decisions,
    labels: Sequence[NamedLabel],
    groups: Sequence[RuledGroup],
) -> list[CombinationScore]:
    chosen = combined_columns(labels, groups)
    known = (y_true[:, chosen] != UNKNOWN).all(axis=1)
    truth = y_true[known][:, chosen] == 1
    right = (truth == said[known][:, chosen]).all(axis=1)
    first, which, counts = _distinct(truth)
    rights = np.bincount(which, weights=right, minlength=len(first))
    ids = [labels[at].label_id for at in chosen]
    names = [labels[at].name for at in chosen]
    found = [
        CombinationScore(
            label_ids=tuple(ids[at] for at in row),
            labels=tuple(names[at] for at in row),
            images=int(count),
            right=int(hits),
        )
        for row, count, hits in zip(_places(truth[first]), counts, rights, strict=True)
    ]
    return sorted(found, key=lambda c: (-c.images, c.labels))


def _distinct(
    rows: NDArray[np.bool_],
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Return where each distinct row comes first, which of them each is, and counts."""
    if not rows.size:
        one = np.zeros(min(len(rows), 1), np.intp)
        return one, np.zeros(len(rows), np.intp), one + len(rows)
    packed = np.ascontiguousarray(np.packbits(rows, axis=1))
    whole = packed.view(np.dtype((np.void, packed.shape[1]))).ravel()
    _, first, which, counts = np.unique(
        whole, return_index=True, return_inverse=True, return_counts=True
    )
    return first, which.ravel(), counts


def _places(rows: NDArray[np.bool_]) -> list[list[int]]:
    """Return the columns that are true in each row."""
    found: list[list[int]] = [[] for _ in rows]
    for row, at in np.argwhere(rows).tolist():
        found[row].append(at)
    return found


def _micro_f1(y_true: Answers, said: Decisions) -> float | None:
    yes = y_true == 1
    hits = int((yes & said).sum())
    return _ratio(2 * hits, int(yes.sum()) + int((said & (y_true != UNKNOWN)).sum()))


def _ratio(part: float, whole: float) -> float | None:
    return float(part / whole) if whole else None


def _mean(values: NDArray[np.floating] | NDArray[np.bool_]) -> float | None:
    return float(np.mean(values)) if values.size else None


def _mean_known(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
