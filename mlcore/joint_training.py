"""From features and answers to heads that weigh whole combinations."""

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from threadpoolctl import threadpool_limits

from mlcore.combination_table import (
    CombinationTable,
    groups_that_combine,
    make_table,
)
from mlcore.head_questions import Answers, Question
from mlcore.head_solver import Axes, Floats
from mlcore.heads import Heads, HeadSettings, Layer, fit_heads
from mlcore.joint_fit import PULL, JointFitting, Rows, TermFit
from mlcore.joint_heads import JointHeads, Term
from mlcore.joint_views import ALL, select_view, unfold_view, views_of
from mlcore.left_out_report import Studied
from mlcore.left_out_trials import (
    LEFT_OUT_AT_MOST,
    Weighing,
    choose_weighing,
    find_removable,
    structures_of,
    try_without,
)

# (done, total) of combinations left out; may raise to end it.
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Composed:
    """Heads, what they were chosen by, and how they weigh their evidence."""

    heads: JointHeads
    weighing: Weighing
    studied: Studied


def can_compose(questions: Sequence[Question]) -> bool:
    """Whether there are two groups whose labels combine."""
    return bool(groups_that_combine(questions))


@dataclass(frozen=True, slots=True)
class Material:
    """Features (n, d) of view "both", answers (n, L) of 1 / 0 / -1, what is asked.

    `impossible` are label columns that never go together; at most `left_out` of the
    combinations are left out in turn.
    """

    x: Floats
    y: Answers
    questions: tuple[Question, ...]
    impossible: Collection[Sequence[int]] = ()
    left_out: int = LEFT_OUT_AT_MOST


def compose_heads(
    material: Material,
    train: Rows,
    asked: Rows,
    settings: HeadSettings,
    on_progress: Progress,
) -> Composed | None:
    """Leave combinations out, choose by that, fit; None where nothing combines.

    `train` are the rows to fit; `asked` those asked beside left-out combinations. If
    there are none, every fifth row to fit is asked instead.
    """
    x, y, questions = material.x, material.y, material.questions
    groups = groups_that_combine(questions)
    progress = _Counter(on_progress)
    with threadpool_limits(1, user_api="blas"):
        fitting = JointFitting(
            x,
            y,
            groups,
            progress.tell,
            settings.class_weights,
            settings.regularisation,
        )
        table = make_table(groups, fitting.values[train], material.impossible)
        if table is None:
            return None
        studied = _study(fitting, table, train, asked, progress, material.left_out)
        chosen = choose_weighing(studied.trials, studied.structures)
        terms = [
            term
            for views in views_of(chosen.structure, fitting.is_colour)
            for term in _fit_terms(fitting, train, views, table, chosen.is_joint)
        ]
    plain = _fit_plain(x[train], y[train], questions, settings, progress)
    heads = _assemble(fitting, plain, terms, table, chosen.lift)
    return Composed(heads, chosen, studied)


class _Counter:
    """Progress that can be told again at every step, so that it can be ended."""

    def __init__(self, report: Progress):
        self.report, self.done, self.total = report, 0, 1

    def tell(self) -> None:
        self.report(self.done, self.total)


def _study(
    fitting: JointFitting,
    table: CombinationTable,
    train: Rows,
    asked: Rows,
    progress: _Counter,
    most: int,
) -> Studied:
    began = time.monotonic()
    if not len(asked):
        asked = train[::5]
        train = np.setdiff1d(train, asked)
    places = table.places_of(fitting.values[train])
    counts = np.bincount(places[places >= 0], minlength=len(table.seen))
    removable, refused = find_removable(table, counts, most)
    progress.total = len(removable) + 1
    trials = []
    for place in removable:
        trials.append(try_without(fitting, table, place, train, asked))
        progress.done += 1
        progress.tell()
    structures = structures_of(fitting)
    seconds = time.monotonic() - began
    return Studied(table, tuple(trials), refused, structures, seconds)


def _fit_terms(
    fitting: JointFitting,
    train: Rows,
    views: tuple[str, ...],
    table: CombinationTable,
    is_joint: bool,
) -> list[TermFit]:
    plain = fitting.fit_plain(train, views)
    return [plain, fitting.fit_joint(train, views, table)] if is_joint else [plain]


def _fit_plain(
    x: Floats,
    y: Answers,
    questions: Sequence[Question],
    settings: HeadSettings,
    progress: _Counter,
) -> Heads:
    """Every question by itself: for free labels, and groups that are half known."""
    pull = settings.regularisation
    if len(groups_that_combine(questions)) == len(questions):
        pull = pull or PULL
    wanted = replace(settings, kind="linear", regularisation=pull)
    seen = select_view(x, ALL)
    found = fit_heads(seen, y, questions, wanted, lambda done, total: progress.tell())
    ((weights, bias),) = found.layers
    unfolded = unfold_view(weights, ALL, x.shape[1])
    return replace(found, layers=((unfolded, bias),))


def _assemble(
    fitting: JointFitting,
    plain: Heads,
    terms: Sequence[TermFit],
    table: CombinationTable,
    lift: float,
) -> JointHeads:
    layers = [layer for term in terms for layer in _layers_of(fitting, term)]
    weights = np.hstack([layer[0] for layer in layers])
    bias = np.concatenate([layer[1] for layer in layers])
    width = sum(question.width for question in table.questions)
    kept = tuple(Term(at * width, term.correction) for at, term in enumerate(terms))
    return JointHeads(plain, (weights, bias), table, kept, lift)


def _layers_of(fitting: JointFitting, term: TermFit) -> list[Layer]:
    """One layer a group, from features as they come to its logits."""
    found = []
    for view, weights, bias in zip(term.views, term.weights, term.biases, strict=True):
        axes: Axes = fitting.axes(view)
        plain, moved = axes.unfold(weights, bias)
        found.append((unfold_view(plain, view, fitting.x.shape[1]), moved))
    return found
