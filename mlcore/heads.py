"""Heads: what is learned on top of a frozen network's features. No TensorFlow.

All groups and free labels are fitted together, each question with its own loss.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from mlcore.errors import TrainingError
from mlcore.head_hidden import train_hidden
from mlcore.head_loss import Target, make_targets
from mlcore.head_questions import Question, count_logits, read_logits
from mlcore.head_search import FOLDS, PULLS, choose_pulls, make_folds
from mlcore.head_solver import Axes, Floats, find_axes, solve

Answers = npt.NDArray[np.int8]
Layer = tuple[Floats, Floats]

# What a hidden layer is fitted with unless told: it has its dropout as well.
HIDDEN_PULL = 0.01


@dataclass(frozen=True, slots=True)
class HeadSettings:
    """How heads are fitted; `regularisation` 0 chooses by cross-validation.

    `regularisation` is the pull a in: summed loss + a / 2 * squared weights, for
    standardised features divided by the root of their number.
    """

    kind: str = "linear"
    regularisation: float = 0.0
    class_weights: str = "none"
    seed: int = 42
    hidden_units: int = 256
    dropout: float = 0.5


@dataclass(frozen=True, slots=True)
class Heads:
    """Fitted answers: layers of weights (in, out) and bias, between them a ReLU.

    `pulls` says what regularisation each question was fitted with.
    """

    questions: tuple[Question, ...]
    layers: tuple[Layer, ...]
    pulls: tuple[float, ...] = ()

    @property
    def width(self) -> int:
        """How many features it takes."""
        return len(self.layers[0][0])

    def logits(self, x: Floats) -> Floats:
        """(n, C) of features (n, d), the columns in the order of the questions."""
        for weights, bias in self.layers[:-1]:
            x = np.maximum(x @ weights + bias, 0)
        weights, bias = self.layers[-1]
        return np.asarray(x @ weights + bias, np.float32)

    def probabilities(self, x: Floats) -> Floats:
        """float32 (n, L); those of an exclusive group sum to 1 with "none"."""
        return read_logits(self.questions, self.logits(x))

    def read(self, x: Floats) -> tuple[Floats, Floats | None]:
        """The probabilities, and (n,) what combinations never shown get of them.

        None: heads that answer each question by itself know nothing of combinations.
        """
        return self.probabilities(x), None


def fit_heads(
    x: Floats,
    y: Answers,
    questions: Sequence[Question],
    settings: HeadSettings,
    on_progress: Callable[[int, int], None] | None = None,
) -> Heads:
    """Fit all questions to features (n, d) and answers (n, L) of 1 / 0 / -1.

    `on_progress(done, total)` is called often and may raise to end it. TrainingError
    when features are not finite.
    """
    if not np.isfinite(x).all():
        raise TrainingError("Some features are not numbers. Compute them again.")
    fitting = _Fitting(settings, on_progress or (lambda done, total: None))
    targets = make_targets(questions, y, settings.class_weights)
    # OpenBLAS' threads wait for each other spinning: products this small take twice
    # as long with two of them, and beside other work twenty times as long.
    with threadpool_limits(1, user_api="blas"):
        axes = find_axes(x)
        if settings.kind == "hidden":
            return fitting.hidden(axes, targets, questions)
        return fitting.linear(axes, targets, questions, y)


class _Fitting:
    """One fit that counts its steps."""

    def __init__(self, settings: HeadSettings, report: Callable[[int, int], None]):
        self.settings = settings
        self.report = report
        self.done = 0
        self.total = 1 if settings.regularisation else FOLDS * len(PULLS) + 1

    def tell(self) -> None:
        self.report(self.done, self.total)

    def count(self) -> None:
        self.done += 1
        self.tell()

    def linear(
        self,
        axes: Axes,
        targets: Sequence[Target],
        questions: Sequence[Question],
        y: Answers,
    ) -> Heads:
        chosen = [self.settings.regularisation] * len(targets)
        if not self.settings.regularisation:
            folds = make_folds(y, self.settings.seed)
            chosen = choose_pulls(axes, targets, folds, self.tell, self.count)
        pulls = np.repeat(chosen, [question.width for question in questions])
        found = solve(axes, targets, pulls, None, self.tell)
        self.count()
        layer = axes.unfold(found.weights, found.bias)
        return Heads(tuple(questions), (layer,), tuple(chosen))

    def hidden(
        self, axes: Axes, targets: Sequence[Target], questions: Sequence[Question]
    ) -> Heads:
        settings = self.settings
        pull = settings.regularisation or HIDDEN_PULL
        first, second = train_hidden(
            axes.turned,
            targets,
            (settings.hidden_units, count_logits(questions)),
            (pull, settings.dropout, settings.seed),
            self.report,
        )
        unfolded = axes.unfold(first[0].astype(np.float64), first[1].astype(np.float64))
        pulls = (pull,) * len(targets)
        return Heads(tuple(questions), (unfolded, second), pulls)
