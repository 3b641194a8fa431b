"""Answers that are probably wrong: ranked by heads that never saw the picture.

Every picture is answered by heads fitted to the others. Where they contradict a person
surely, one of the two is wrong; cleanlab's confident learning says which of the
contradictions are more than the heads' usual doubt, and ranks them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from mlcore.head_loss import make_targets
from mlcore.head_questions import (
    FREE,
    YES,
    Answers,
    Question,
    count_logits,
    is_known,
    read_logits,
)
from mlcore.head_search import choose_pulls
from mlcore.head_solver import Axes, Doubles, Floats, find_axes, solve
from mlcore.row_draws import Rows

FOLDS = 5
AXES = 512
# Weaker ones are hardly better and far too sure: of clean photos of clothes ten times
# as many labels are then called wrong.
WEAKEST_PULL = 0.003
# With fewer of one kind there is no usual doubt to compare with.
FEWEST = 5
MOST_SURE = 1e-6
# Heads that are right less often err too much themselves to call a person wrong.
TOLD_WELL = 0.9
Tell = Callable[[int, int], None]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class OutOfFold:
    """Heads fitted anew for each fold: `axes` of all pictures, one pull a question."""

    axes: Axes
    questions: tuple[Question, ...]
    folds: tuple[Rows, ...]
    pulls: tuple[float, ...]

    def answer(self, y: Answers, learned: Mask, tell: Tell) -> Floats:
        """float32 (n, L): each row by heads fitted to `learned` rows of other folds."""
        targets = make_targets(self.questions, y, "none")
        width = count_logits(self.questions)
        logits = np.zeros((len(y), width))
        pulls = np.repeat(self.pulls, [q.width for q in self.questions])
        with threadpool_limits(1, user_api="blas"):
            for at, fold in enumerate(self.folds):
                tell(at, len(self.folds))
                rest = np.setdiff1d(np.flatnonzero(learned), fold)
                own = [target.rows(rest) for target in targets]
                found = solve(
                    self.axes.rows(rest),
                    own,
                    pulls,
                    None,
                    partial(tell, at, len(self.folds)),
                    1e-5,
                )
                logits[fold] = found.logits(self.axes.turned[fold])
        return read_logits(self.questions, logits)


def prepare(
    x: Floats,
    y: Answers,
    questions: Sequence[Question],
    families: Sequence[Sequence[int]],
    tell: Tell,
) -> OutOfFold:
    """Deal the rows into folds and choose how strongly weights are pulled to zero.

    Rows of one family (copies of each other) stay together: a copy that is labelled
    wrong alike would speak for its twin.
    """
    folds = deal_folds(y, families)
    with threadpool_limits(1, user_api="blas"):
        axes = find_axes(x, AXES)
        targets = make_targets(questions, y, "none")
        step = [0]

        def count() -> None:
            step[0] += 1

        pulls = choose_pulls(axes, targets, folds[:3], lambda: tell(step[0], 30), count)
    kept = tuple(max(pull, WEAKEST_PULL) for pull in pulls)
    return OutOfFold(axes, tuple(questions), tuple(folds), kept)


def deal_folds(
    y: Answers, families: Sequence[Sequence[int]] = (), seed: int = 0
) -> list[Rows]:
    """Row numbers in parts; pictures with the same answers are dealt out evenly."""
    leader = np.arange(len(y))
    for family in families:
        leader[list(family)] = min(family)
    _, kinds = np.unique(y, axis=0, return_inverse=True)
    heads = np.flatnonzero(leader == np.arange(len(y)))
    order = np.random.default_rng(seed).permutation(heads)
    order = order[np.argsort(kinds.ravel()[order], kind="stable")]
    count = max(1, min(FOLDS, len(order)))
    fold_of = np.zeros(len(y), np.intp)
    fold_of[order] = np.arange(len(order)) % count
    fold_of = fold_of[leader]
    return [np.flatnonzero(fold_of == at) for at in range(count)]


def rank_quality(y: Answers, p: Floats) -> Doubles:
    """(n,) cleanlab's multi-label quality of each picture's answers, 0 is worst."""
    # It has no types.
    from cleanlab.multilabel_classification import (  # type: ignore[import-untyped]
        get_label_quality_scores,
    )

    # What nobody answered is right by definition.
    yes = (y == YES).astype(int)
    shares = np.where(y < 0, MOST_SURE, p).clip(MOST_SURE, 1 - MOST_SURE)
    labels = [np.flatnonzero(row).tolist() for row in yes]
    found = get_label_quality_scores(labels, shares.astype(np.float64))
    return np.asarray(found, np.float64)


def find_suspects(y: Answers, p: Floats, questions: Sequence[Question]) -> Mask:
    """(n, L) answers that the reading contradicts and confident learning flags."""
    flagged = np.zeros(y.shape, bool)
    for at in range(y.shape[1]):
        flagged[:, at] = _flag(y[:, at], p[:, at])
    found = np.zeros(y.shape, bool)
    for question in questions:
        columns = list(question.columns)
        clash = (read_answers(p, question) != y[:, columns]) & (y[:, columns] >= 0)
        clash &= is_known(question, y)[:, None]
        # One flagged answer of a group makes the whole contradiction suspicious.
        is_flagged = (flagged[:, columns] & clash).any(axis=1)
        found[:, columns] = clash & is_flagged[:, None]
    return found


def told_well(y: Answers, p: Floats, questions: Sequence[Question]) -> list[int]:
    """The columns that heads read so well that a contradiction speaks against people.

    A group counts as a whole; of a free label they must find nearly all and say hardly
    any in vain, or a contradiction is as likely a mistake of theirs.
    """
    found: list[int] = []
    for question in questions:
        columns = list(question.columns)
        known = is_known(question, y)
        own, said = y[known][:, columns], read_answers(p[known], question)
        if not len(own):
            continue
        if question.kind == FREE:
            hits = int(((own == YES) & (said == YES)).sum())
            # The lower of precision and recall.
            share = hits / max(int((own == YES).sum()), int((said == YES).sum()), 1)
        else:
            share = float(((own == said) | (own < 0)).all(axis=1).mean())
        if share >= TOLD_WELL:
            found += columns
    return found


def _flag(y: npt.NDArray[np.int8], p: npt.NDArray[np.float32]) -> Mask:
    """(n,) where cleanlab calls the answers to one label wrong."""
    # It has no types.
    from cleanlab.filter import (  # type: ignore[import-untyped]
        find_label_issues,
    )

    found = np.zeros(len(y), bool)
    known = np.flatnonzero(y >= 0)
    counts = np.bincount(y[known], minlength=2)
    if counts.min() < FEWEST:
        return found
    yes = p[known].astype(np.float64).clip(MOST_SURE, 1 - MOST_SURE)
    found[known] = find_label_issues(
        y[known].astype(int),
        np.column_stack([1 - yes, yes]),
        filter_by="prune_by_noise_rate",
        n_jobs=1,
    )
    return found


def read_answers(p: Floats, question: Question) -> Answers:
    """int8 (n, width of labels) of 1/0: what probabilities say to one question."""
    own = p[:, list(question.columns)]
    if question.kind == FREE:
        return (own >= 0.5).astype(np.int8)
    none = 1 - own.sum(axis=1)
    best = own.argmax(axis=1)
    found = np.zeros(own.shape, np.int8)
    found[np.arange(len(own)), best] = 1
    if question.kind == "at-most-one":
        found[none > own.max(axis=1)] = 0
    return found


def correct(
    y: Answers, p: Floats, questions: Sequence[Question], wrong: Mask
) -> Answers:
    """The answers with those of `wrong` (n, L) as the heads read them."""
    found = y.copy()
    for question in questions:
        columns = list(question.columns)
        found[:, columns] = np.where(
            wrong[:, columns], read_answers(p, question), y[:, columns]
        )
    return found
