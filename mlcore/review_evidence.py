"""What Review's steps are drawn from: a run's mistakes, and what a project lacks."""

import numpy as np

from mlcore.combinations import Coverage
from mlcore.coverage_live import live_coverage
from mlcore.decisions import Decisions
from mlcore.evaluation import HeldOut
from mlcore.group_confusion import Confusion, MixUp
from mlcore.label_suspicions import order_suspected
from mlcore.left_out import COMPOSITIONAL, PLAIN, studies_of
from mlcore.recipes import RECIPES
from mlcore.review_sentences import joiner
from mlcore.review_story_parts import NAMED_AT_MOST, Arrived, Evidence
from mlcore.shopping_evidence import advise
from mlcore.training_view import TrainingView
from storage.answers import answers_of
from storage.images import get_images
from storage.projects import Project
from storage.records import Run
from storage.runs import list_runs
from storage.suspects import confirmed_cells, last_label_check

# So sure, and yet not what the label says: one of the two is wrong.
VERY_SURE = 0.95
GAPS_LOOKED_AT = 200


def gather(
    project: Project,
    run: Run,
    view: TrainingView,
    held_out: HeldOut,
    said: Decisions,
    matrices: list[Confusion],
) -> Evidence:
    """Return what is known of a run beside its figures; `said` are its answers."""
    coverage = live_coverage(project)
    return Evidence(
        advice=advise(project, coverage, NAMED_AT_MOST),
        arrived=_arrived(view, coverage),
        mix_ups=_all_mix_ups(matrices),
        sure_wrong=count_sure_wrong(project, held_out, said),
        is_searched=last_label_check(project) is not None,
        suspected=order_suspected(project)[1],
        guesses_better=_guesses_better(project, run) if coverage.gaps else "",
        separator=joiner(view.separator),
    )


def count_sure_wrong(project: Project, held_out: HeldOut, said: Decisions) -> int:
    """Return how many pictures have an answer that is wrong, and very sure.

    Not counted is a label that a person has called right, or has changed since.
    """
    yes = held_out.y == 1
    off = np.abs(yes - held_out.probabilities)
    cells = (held_out.y >= 0) & (said != yes) & (off >= VERY_SURE)
    rows = np.flatnonzero(cells.any(axis=1))
    ids = [int(image_id) for image_id in held_out.image_ids[rows]]
    there = {image.image_id for image in get_images(project, ids)}
    now, settled = answers_of(project, ids), confirmed_cells(project)

    def is_open(image_id: int, column: int, value: bool) -> bool:
        label_id = held_out.labels[column].label_id
        is_same = now[image_id].get(label_id) == value
        return is_same and (image_id, label_id, value) not in settled

    return sum(
        image_id in there
        and any(
            is_open(image_id, at, bool(yes[row, at])) for at in np.where(cells[row])[0]
        )
        for row, image_id in zip(rows, ids, strict=True)
    )


def _all_mix_ups(matrices: list[Confusion]) -> list[MixUp]:
    return [one for matrix in matrices for one in matrix.mix_ups()]


def _arrived(view: TrainingView, coverage: Coverage) -> list[Arrived]:
    found = []
    for cell in view.coverage.gaps[:GAPS_LOOKED_AT]:
        now = coverage.find(cell.label_ids)
        if now and now.count:
            missing = max(coverage.thin_below - now.count, 0)
            found.append(Arrived(now.names, now.count, missing))
    return sorted(found, key=lambda one: (-one.images, one.names))


def _guesses_better(project: Project, run: Run) -> str:
    """Return what guesses never-seen combinations better: a run, else a recipe; ""."""
    studies = studies_of(project, run.data_sha256)
    plain, other = studies.get(PLAIN), studies.get(COMPOSITIONAL)
    if run.recipe == "compositional" or not (plain and other):
        return ""
    if (other.share or 0.0) <= (plain.share or 0.0):
        return ""
    for one in list_runs(project):
        is_alike = one.recipe == "compositional" and one.data_sha256 == run.data_sha256
        if is_alike and one.is_usable:
            return f"run {one.number}"
    title = RECIPES["compositional"].plain.partition(",")[0]
    return f"the recipe “{title}”"
