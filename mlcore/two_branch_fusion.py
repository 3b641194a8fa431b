"""One answer of two opinions: a plain network's, and that of separate branches.

The branches answer each group by its own evidence, so they also know what was never
shown together; the plain network knows better which of the trained combinations it
is. How likely a combination is unseen is said by the branches, and which one it then
is; which trained one it is otherwise, by the plain network. Pure numpy.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from mlcore.combination_table import read_values
from mlcore.errors import PredictionError, TrainingError
from mlcore.head_questions import AT_MOST_ONE, Answers, Question
from mlcore.two_branch_plan import TwoBranchPlan, exclusive

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]

# Of model.json; without it a model has one branch.
FACT = "branches"
# Probabilities never reach 0: their logarithms are logits.
LEAST = 1e-12
# No lower: a few held-out pictures answered by luck would then silence the branches,
# which costs half of what they know and gains at most one picture in a hundred.
OFFSETS = tuple(np.arange(-1.5, 1.25, 0.25).tolist())
# Part of held-out pictures of seen combinations that better answers on unseen ones
# may cost.
MAY_COST = 0.0075
HELD_OUT_AT_LEAST = 20


class Fusion:
    """Turns what the network gives, (n, 2L), into logits (n, L).

    The first half are the plain network's logits, the second the branches'.
    """

    def __init__(self, plan: TwoBranchPlan, questions: Sequence[Question]):
        self.plan = plan
        self.questions = questions
        self.asked = exclusive(questions)
        self.seen = _table(plan.seen, len(self.asked))
        self.impossible = _table(plan.impossible, len(self.asked))
        widths = np.array([question.width for question in self.asked], np.intp)
        for choices in (self.seen, self.impossible):
            if ((choices < 0) | (choices >= widths)).any():
                raise TrainingError("The combinations of its branches do not exist.")

    def logits(self, raw: Floats) -> Floats:
        """Logits float32 (n, L), to be read as those of the output 'groups'."""
        labels = raw.shape[1] // 2
        plain, branches = raw[:, :labels], raw[:, labels:]
        # Free labels belong to no combination: what both say counts the same.
        fused = (plain + branches) / 2
        if self.asked and len(self.seen):
            shares = self._shares(plain, branches)[0]
            for question, share in zip(self.asked, shares, strict=True):
                fused[:, question.columns] = _to_logits(question, share)
        return np.asarray(fused, np.float32)

    def unseen_share(self, raw: Floats) -> Floats:
        """float32 (n,) the probability that the combination was never trained."""
        labels = raw.shape[1] // 2
        if not (self.asked and len(self.seen)):
            return np.zeros(len(raw), np.float32)
        return np.asarray(self._shares(raw[:, :labels], raw[:, labels:])[1], np.float32)

    def settled(self, raw: Floats, y: Answers) -> TwoBranchPlan:
        """The plan with the highest offset that costs seen combinations little.

        `raw` (n, 2L) and `y` (n, L) are of held-out pictures.
        """
        choices = read_values(self.asked, y)
        known = {tuple(row) for row in self.seen.tolist()}
        is_seen = np.array([tuple(row) in known for row in choices.tolist()], bool)
        if not self.asked or is_seen.sum() < HELD_OUT_AT_LEAST:
            return self.plan
        raw, choices = raw[is_seen], choices[is_seen]
        right = np.array([self._right(raw, choices, offset) for offset in OFFSETS])
        enough = np.flatnonzero(right >= right.max() - MAY_COST)
        return self.plan.with_offset(OFFSETS[enough[-1]])

    def _right(
        self, raw: Floats, choices: npt.NDArray[np.intp], offset: float
    ) -> float:
        labels = raw.shape[1] // 2
        other = Fusion(self.plan.with_offset(offset), self.questions)
        shares = other._shares(raw[:, :labels], raw[:, labels:])[0]
        said = np.stack([share.argmax(axis=1) for share in shares], axis=1)
        return float((said == choices).all(axis=1).mean())

    def _shares(self, plain: Floats, branches: Floats) -> tuple[list[Doubles], Doubles]:
        """Probabilities (n, width) of each exclusive question; (n,) of unseen."""
        alone = [_share_out(question, branches) for question in self.asked]
        both = [_share_out(question, plain) for question in self.asked]
        possible = _joint(alone, self.seen)
        trained = possible.sum(axis=1, keepdims=True)
        agreed = _joint(both, self.seen)
        agreed *= trained / np.maximum(agreed.sum(axis=1, keepdims=True), LEAST)
        cannot = _joint(alone, self.impossible)
        factor = np.exp(self.plan.offset)
        unseen = factor * np.clip(1 - trained[:, 0] - cannot.sum(axis=1), 0, 1)
        total = np.maximum(unseen + trained[:, 0], LEAST)
        found = []
        for at, share in enumerate(alone):
            left = share - _marginal(possible, self.seen, at, share.shape[1])
            left -= _marginal(cannot, self.impossible, at, share.shape[1])
            own = _marginal(agreed, self.seen, at, share.shape[1])
            found.append((factor * np.clip(left, 0, 1) + own) / total[:, None])
        return found, unseen / total


def read_fusion(
    model_json: Mapping[str, Any], questions: Sequence[Question]
) -> Fusion | None:
    """What the branches of a model answer; None if it has none."""
    if FACT not in model_json:
        return None
    try:
        plan = TwoBranchPlan.from_json(model_json[FACT], len(model_json["labels"]))
        return Fusion(plan, questions)
    except (TrainingError, ValueError, IndexError) as error:
        raise PredictionError(f"This model cannot be used: {error}") from error


def _table(choices: Sequence[tuple[int, ...]], width: int) -> npt.NDArray[np.intp]:
    return np.array(choices, np.intp).reshape(len(choices), width)


def _share_out(question: Question, logits: Floats) -> Doubles:
    own = logits[:, question.columns].astype(np.float64)
    if question.kind == AT_MOST_ONE:
        own = np.pad(own, ((0, 0), (0, 1)))  # "none of them" has the logit 0
    raised = np.exp(own - own.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def _joint(shares: Sequence[Doubles], choices: npt.NDArray[np.intp]) -> Doubles:
    """(n, m) the probability of each combination, its groups taken as independent."""
    found = np.ones((len(shares[0]), len(choices)))
    for at, share in enumerate(shares):
        found *= share[:, choices[:, at]]
    return found


def _marginal(
    joint: Doubles, choices: npt.NDArray[np.intp], at: int, width: int
) -> Doubles:
    """(n, width) the probability of each choice of one question."""
    return np.asarray(joint @ np.eye(width)[choices[:, at]])


def _to_logits(question: Question, share: Doubles) -> Doubles:
    logs = np.log(np.maximum(share, LEAST))
    if question.kind == AT_MOST_ONE:
        return np.asarray(logs[:, :-1] - logs[:, -1:])
    # Sharing out one yes does not mind a shift, but the loss that charts show asks each
    # label by itself: the strongest is laid as far above 0 as the rest below.
    top = share.max(axis=1, keepdims=True)
    rest = np.log(np.maximum(1 - top, LEAST))
    return np.asarray(logs - (np.log(np.maximum(top, LEAST)) + rest) / 2)
