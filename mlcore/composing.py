"""A run that leaves combinations out: from its snapshot to heads and studies."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from mlcore.feature_model import settings_of, spec_of
from mlcore.head_questions import Question
from mlcore.head_solver import Floats
from mlcore.joint_fit import Rows
from mlcore.joint_heads import JointHeads
from mlcore.joint_training import (
    Composed,
    Material,
    Progress,
    can_compose,
    compose_heads,
)
from mlcore.left_out import COMPOSITIONAL, PLAIN, LeftOutStudy, keep_studies
from mlcore.left_out_report import make_studies
from mlcore.row_draws import draw_some
from mlcore.snapshot import Snapshot
from storage.projects import Project

LEAVING_OUT = "Leaving combinations out"
# Linear heads learn little from more, and every fit holds all features in memory.
FITTED_AT_MOST, ASKED_AT_MOST = 20_000, 5_000
NOTHING_COMBINES = (
    "There are no two label groups whose labels combine, or the pictures are gray: "
    "fitted as “First model in seconds” is."
)


@dataclass(frozen=True, slots=True)
class Lesson:
    """Readable rows of a snapshot to train on and to ask, with what they are asked."""

    snapshot: Snapshot
    questions: tuple[Question, ...]
    train: Rows
    asked: Rows

    @property
    def can_compose(self) -> bool:
        """Whether whole combinations can be weighed."""
        is_both = spec_of(self.snapshot.config).view == "both"
        return is_both and can_compose(self.questions)


def compose(
    project: Project,
    lesson: Lesson,
    read_features: Callable[[Rows], Floats],
    on_progress: Progress,
    say: Callable[[str], None],
) -> JointHeads | None:
    """Fit heads that weigh combinations and keep the studies; None if nothing combines.

    `say` gets the run's log, line by line.
    """
    composed = None
    if lesson.can_compose:
        composed = _compose(lesson, read_features, on_progress)
    if composed is None:
        say(NOTHING_COMBINES)
        return None
    studies = make_studies(
        composed.studied,
        lesson.snapshot.labels,
        lesson.snapshot.data_sha256(),
        spec_of(lesson.snapshot.config).key,
    )
    keep_studies(project, studies)
    for line in describe(composed, studies):
        say(line)
    return composed.heads


def _compose(
    lesson: Lesson, read_features: Callable[[Rows], Floats], on_progress: Progress
) -> Composed | None:
    snapshot, seed = lesson.snapshot, lesson.snapshot.config.seed
    train = draw_some(lesson.train, FITTED_AT_MOST, seed)
    asked = draw_some(lesson.asked, ASKED_AT_MOST, seed)
    rows = np.concatenate([train, asked])
    material = Material(
        read_features(rows),
        snapshot.y[rows],
        lesson.questions,
        snapshot.impossible_columns(),
    )
    return compose_heads(
        material,
        np.arange(len(train)),
        np.arange(len(train), len(rows)),
        settings_of(snapshot.config),
        on_progress,
    )


def describe(composed: Composed, studies: Sequence[LeftOutStudy]) -> list[str]:
    """What was tried and chosen, as lines of the run's log."""
    weighing = composed.weighing
    kinds = len(composed.heads.terms)
    lines = [
        f"Weighing {kinds} kinds of evidence ({weighing.structure}); unseen "
        f"combinations are lifted by {weighing.lift:g}"
    ]
    words = {PLAIN: "one answer a group", COMPOSITIONAL: "combinations weighed"}
    for study in studies:
        if study.share is not None and study.seen_share is not None:
            lines.append(
                f"Left out in turn, {len(study.tried)} combinations: "
                f"{100 * study.share:.0f} in 100 right with {words[study.head]}; "
                f"others {100 * study.seen_share:.1f} in 100"
            )
    return lines
