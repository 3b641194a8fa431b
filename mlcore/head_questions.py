"""What the answers of a head are about: groups of which one label is yes, free labels.

Pure numpy. Logits have one column for each label, and one more for "none of them" in
a group that may have none.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mlcore.decisions import RuledGroup

Floats = npt.NDArray[np.floating]
Answers = npt.NDArray[np.int8]
Mask = npt.NDArray[np.bool_]

ONE, AT_MOST_ONE, FREE = "exactly-one", "at-most-one", "free"
YES, NO = 1, 0


@dataclass(frozen=True, slots=True)
class Question:
    """One thing asked of a picture; `columns` are the places of its labels.

    `kind` is "exactly-one", "at-most-one" or "free" (then there is one column).
    """

    kind: str
    columns: tuple[int, ...]

    @property
    def width(self) -> int:
        """How many logits it takes."""
        return len(self.columns) + (self.kind == AT_MOST_ONE)


def ask(label_ids: Sequence[int], groups: Sequence[RuledGroup]) -> list[Question]:
    """The questions of these labels: one a group that excludes, one a free label."""
    place = {label_id: at for at, label_id in enumerate(label_ids)}
    found: list[Question] = []
    asked: set[int] = set()
    for group in groups:
        columns = tuple(place[i] for i in group.label_ids if i in place)
        # With one label there is nothing to exclude: a yes-or-no question.
        if group.rule in (ONE, AT_MOST_ONE) and len(columns) > 1:
            found.append(Question(group.rule, columns))
            asked.update(columns)
    free = (at for at in range(len(label_ids)) if at not in asked)
    return found + [Question(FREE, (at,)) for at in free]


def count_logits(questions: Sequence[Question]) -> int:
    """The number of logit columns of all questions."""
    return sum(question.width for question in questions)


def slices_of(questions: Sequence[Question]) -> list[slice]:
    """The logit columns of each question."""
    ends = np.cumsum([question.width for question in questions]).tolist()
    return [slice(e - q.width, e) for e, q in zip(ends, questions, strict=True)]


def allowed_answers(question: Question, y: Answers) -> Mask:
    """(n, width) True where an answer is possible by what is known of each picture.

    A row without any True breaks the rule of its group; one of only True says nothing.
    What is left over after a no to all others is no yes: the label may have been made
    after a person said that none fits.
    A free label has one column: True for yes, and `is_known` tells no from unknown.
    """
    own = y[:, question.columns]
    if question.kind == FREE:
        return np.asarray(own == YES)
    has_yes = (own == YES).any(axis=1, keepdims=True)
    possible = np.where(has_yes, own == YES, own != NO)
    if question.kind == ONE:
        is_left_over = ~has_yes & (possible.sum(axis=1, keepdims=True) == 1)
        possible |= is_left_over
    if question.kind == AT_MOST_ONE:
        possible = np.hstack([possible, ~has_yes])
    return np.asarray(possible)


def is_known(question: Question, y: Answers) -> npt.NDArray[np.bool_]:
    """(n,) True for pictures that say something about the question."""
    if question.kind == FREE:
        return np.asarray(y[:, question.columns[0]] >= 0)
    possible = allowed_answers(question, y)
    return np.asarray(possible.any(axis=1) & ~possible.all(axis=1))


def read_logits(
    questions: Sequence[Question], logits: Floats
) -> npt.NDArray[np.float32]:
    """float32 (n, L) probabilities; those of a group sum to 1, or less with none."""
    labels = sum(len(question.columns) for question in questions)
    found = np.zeros((len(logits), labels), np.float32)
    for question, own in zip(questions, slices_of(questions), strict=True):
        part = logits[:, own].astype(np.float64)
        if question.kind == FREE:
            found[:, question.columns] = 1 / (1 + np.exp(-np.clip(part, -60, 60)))
        else:
            raised = np.exp(part - part.max(axis=1, keepdims=True))
            shares = raised / raised.sum(axis=1, keepdims=True)
            found[:, question.columns] = shares[:, : len(question.columns)]
    return found
