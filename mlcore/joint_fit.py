"""Fitting each kind of evidence, to groups by themselves and to combinations.

The principal axes of every view are found once, without any answers; what is fitted
is fitted anew for each choice of pictures.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from mlcore.combination_table import CombinationTable, Values, read_values
from mlcore.head_loss import make_targets
from mlcore.head_questions import Answers, Question
from mlcore.head_search import make_folds
from mlcore.head_solver import (
    Axes,
    Doubles,
    Floats,
    Solution,
    find_axes,
    solve,
)
from mlcore.joint_heads import weigh
from mlcore.joint_solver import correct_for_shown, solve_joint
from mlcore.joint_views import COLOURS, GRAY, select_view

Rows = npt.NDArray[np.intp]
Views = tuple[str, ...]
# What was fitted to one group from one view.
KeptGroups = dict[tuple[int, str], Solution]

# Between 0.1 and 0.01 leaving combinations out tells no difference.
PULL = 0.03
# So many pictures are enough for an average over all of them.
AVERAGED_AT_MOST = 2000
PROBED_AT_MOST = 1500
# Half of what one head uses: there are many fits, and the rest changes none of them.
AXES = 512
ROUGH = 1e-5


@dataclass(frozen=True, slots=True)
class TermFit:
    """Evidence on the axes of its views: weights and bias of each group."""

    views: Views
    weights: tuple[Doubles, ...]
    biases: tuple[Doubles, ...]
    correction: Doubles | None = None


class JointFitting:
    """Features and answers of pictures, and what is fitted to some of them."""

    def __init__(
        self,
        x: Floats,
        y: Answers,
        questions: Sequence[Question],
        tell: Callable[[], None],
        class_weights: str = "none",
        pull: float = 0.0,
    ):
        """`x` (n, d) of view "both" and `y` (n, L); `questions` are the groups."""
        self.x, self.y, self.tell = x, y, tell
        self.questions = tuple(questions)
        self.class_weights = class_weights
        self.pull = pull or PULL
        self.values: Values = read_values(questions, y)
        self._axes: dict[str, Axes] = {}

    def axes(self, view: str) -> Axes:
        """The principal axes of a view of all pictures."""
        if view not in self._axes:
            self._axes[view] = find_axes(select_view(self.x, view), AXES)
        return self._axes[view]

    @cached_property
    def is_colour(self) -> tuple[bool, ...]:
        """For each group: do colours alone tell it better than the gray picture."""
        chance = np.random.default_rng(0)
        rows = np.sort(chance.permutation(len(self.x))[:PROBED_AT_MOST])
        right = np.zeros((2, len(self.questions)))
        for fold in make_folds(self.y[rows], seed=0):
            asked, rest = rows[fold], np.delete(rows, fold)
            for at, view in enumerate((COLOURS, GRAY)):
                right[at] += self._count_right(view, rest, asked)
        return tuple((right[0] > right[1]).tolist())

    def _count_right(self, view: str, rest: Rows, asked: Rows) -> list[int]:
        found = self.fit_plain(rest, (view,) * len(self.questions))
        evidence = self.evidence(found, asked)
        return [
            int((part.argmax(axis=1) == self.values[asked, at]).sum())
            for at, part in enumerate(evidence)
        ]

    def fit_plain(
        self, rows: Rows, views: Views, kept: KeptGroups | None = None
    ) -> TermFit:
        """Each group by itself, from its view.

        `kept` holds what was fitted to the same rows before, and gets the rest.
        """
        known = {} if kept is None else kept
        for key in enumerate(views):
            if key not in known:
                known[key] = self._fit_group(rows, *key)
        found = [known[key] for key in enumerate(views)]
        weights = tuple(one.weights for one in found)
        return TermFit(views, weights, tuple(one.bias for one in found))

    def _fit_group(self, rows: Rows, at: int, view: str) -> Solution:
        question = self.questions[at]
        targets = make_targets([question], self.y[rows], self.class_weights)
        pulls = np.full(question.width, self.pull)
        axes = self.axes(view).rows(rows)
        return solve(axes, targets, pulls, None, self.tell, ROUGH)

    def fit_joint(self, rows: Rows, views: Views, table: CombinationTable) -> TermFit:
        """All groups together, so that the combinations shown are told apart."""
        places = table.places_of(self.values[rows])
        order = np.cumsum(table.seen) - 1
        is_shown = (places >= 0) & table.seen[places]
        rows, places = rows[is_shown], order[places[is_shown]]
        axes = [self.axes(view).rows(rows) for view in views]
        widths = [question.width for question in self.questions]
        found = solve_joint(axes, table.shown, places, widths, self.pull, self.tell)
        some = rows[:: -(-len(rows) // AVERAGED_AT_MOST)]
        free = [np.zeros(width) for width in widths]
        fitted = TermFit(views, found.weights, tuple(free))
        correction = correct_for_shown(
            self.evidence(fitted, some), table.shown, found.bias, table.combinations
        )
        return TermFit(views, found.weights, tuple(free), correction)

    def evidence(self, term: TermFit, rows: Rows) -> list[Doubles]:
        """(n, values) of each group."""
        parts = zip(term.views, term.weights, term.biases, strict=True)
        return [
            (self.axes(view).turned[rows] @ w.astype(np.float32)).astype(np.float64) + b
            for view, w, b in parts
        ]

    def weigh(self, term: TermFit, rows: Rows, table: CombinationTable) -> Doubles:
        """(n, K) log-probabilities of combinations."""
        found = self.evidence(term, rows)
        return weigh(found, table.combinations, term.correction)
