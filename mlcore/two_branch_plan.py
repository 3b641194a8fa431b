"""What a network of two branches must know to be built, and to answer, again.

Which evidence answers which label, and which combinations were trained: written beside
the run before it trains, and into its model.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np

from mlcore.combination_table import UNKNOWN, read_values
from mlcore.errors import TrainingError
from mlcore.head_questions import AT_MOST_ONE, FREE, Answers, Question

Columns = tuple[int, ...]

COLOUR, SHAPE, BOTH = "colour", "shape", "both"
EVIDENCE = (COLOUR, SHAPE, BOTH)
# Before held-out pictures have told: an unseen combination must be this much likelier.
USUAL_OFFSET = -1.0
# Combinations that cannot be are spelled out; more than this many nobody marked.
SPELLED_OUT = 4096


@dataclass(frozen=True, slots=True)
class TwoBranchPlan:
    """`evidence` has one word for each label, in the order of the logits.

    `seen` and `impossible` hold combinations: one choice for each exclusive question,
    its place among the labels of the group, or after them for "none". `offset` is
    added to the logarithm of what unseen combinations get.
    """

    evidence: tuple[str, ...]
    seen: tuple[Columns, ...]
    impossible: tuple[Columns, ...] = ()
    offset: float = USUAL_OFFSET

    def with_offset(self, offset: float) -> "TwoBranchPlan":
        """The same with another offset of unseen combinations."""
        return replace(self, offset=offset)

    def as_json(self) -> dict[str, Any]:
        """Plain values, as they are kept."""
        return {
            "evidence": list(self.evidence),
            "seen": [list(choice) for choice in self.seen],
            "impossible": [list(choice) for choice in self.impossible],
            "offset": self.offset,
        }

    @staticmethod
    def from_json(found: Mapping[str, Any], labels: int) -> "TwoBranchPlan":
        """The plan that `as_json` wrote, for so many labels; TrainingError if not."""
        try:
            plan = TwoBranchPlan(
                tuple(str(word) for word in found["evidence"]),
                _read_choices(found["seen"]),
                _read_choices(found["impossible"]),
                float(found["offset"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise _unreadable(f"{type(error).__name__}: {error}") from error
        if len(plan.evidence) != labels or set(plan.evidence) - set(EVIDENCE):
            raise _unreadable(f"{plan.evidence} for {labels} labels")
        return plan


def make_plan(
    evidence: Sequence[str],
    questions: Sequence[Question],
    y: Answers,
    impossible: Sequence[Columns],
) -> TwoBranchPlan:
    """The plan of training answers `y` (n, L); `impossible` holds columns of labels."""
    asked = exclusive(questions)
    choices = read_values(asked, y)
    whole = choices[(choices != UNKNOWN).all(axis=1)]
    seen = tuple(tuple(row) for row in np.unique(whole, axis=0).tolist())
    known = set(seen)
    cannot = (choice for choice in _spell_out(asked, impossible) if choice not in known)
    return TwoBranchPlan(tuple(evidence), seen, tuple(cannot))


def exclusive(questions: Sequence[Question]) -> list[Question]:
    """The questions of which one choice is the answer."""
    return [question for question in questions if question.kind != FREE]


def _spell_out(
    questions: Sequence[Question], impossible: Sequence[Columns]
) -> list[Columns]:
    """Every whole combination that holds an impossible set of labels."""
    widths = [question.width for question in questions]
    if not impossible or np.prod(widths, dtype=float) > SPELLED_OUT:
        return []
    banned = [set(columns) for columns in impossible]
    return [
        choice
        for choice in product(*(range(width) for width in widths))
        if any(one <= _labels_of(questions, choice) for one in banned)
    ]


def _labels_of(questions: Sequence[Question], choice: Columns) -> set[int]:
    return {
        question.columns[at]
        for question, at in zip(questions, choice, strict=True)
        if not (question.kind == AT_MOST_ONE and at == len(question.columns))
    }


def _read_choices(found: Any) -> tuple[Columns, ...]:
    return tuple(tuple(int(at) for at in choice) for choice in found)


def _unreadable(why: str) -> TrainingError:
    return TrainingError(
        f"What the two branches of this run answer cannot be read: {why}. "
        "Start the run again."
    )
