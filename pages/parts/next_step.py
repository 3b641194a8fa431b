"""The one thing to do next in a project."""

from __future__ import annotations

from dataclasses import dataclass

from pages.parts.text import counted, number
from storage.records import Progress, Run

# Fewer labelled pictures than this teach a network nothing.
ENOUGH_TO_TRAIN = 20


@dataclass(frozen=True, slots=True)
class NextStep:
    """What to do, why, and the page (file name) where it is done."""

    icon: str
    title: str
    text: str
    action: str
    page: str


def next_step(
    progress: Progress, labels: int, runs: list[Run], *, unlearned: int = 0
) -> NextStep:
    """Return the next step of a project; `runs` newest first.

    `unlearned` pictures that a run doubted have labels since no run has learned.
    """
    if not progress.total:
        return BRING_IN
    if any(run.is_active for run in runs):
        return WATCH
    if not labels or not progress.labelled:
        return _start_labels(progress)
    if not any(run.is_usable for run in runs):
        return _before_training(progress)
    if unlearned:
        return _train_again(unlearned)
    return _after_training(progress)


def _start_labels(progress: Progress) -> NextStep:
    return NextStep(
        ":material/sell:",
        "Say what is on the pictures",
        f"{counted(progress.total, 'picture')} are here, none has a label yet. Make "
        "the labels, then a key press is enough for each picture.",
        "Start labelling",
        "label.py",
    )


def _before_training(progress: Progress) -> NextStep:
    if progress.labelled < min(ENOUGH_TO_TRAIN, progress.total):
        return NextStep(
            ":material/sell:",
            "Label a few more pictures",
            f"{number(progress.labelled)} of {number(progress.total)} have labels. "
            "A first training run needs some dozens to say anything.",
            "Go on labelling",
            "label.py",
        )
    return NextStep(
        ":material/model_training:",
        "Train a first model",
        f"{counted(progress.labelled, 'labelled picture')} are enough for a start. "
        "Training runs in the background; you can go on labelling.",
        "Set up training",
        "train.py",
    )


def _train_again(unlearned: int) -> NextStep:
    verb = "has a label" if unlearned == 1 else "have labels"
    return NextStep(
        ":material/replay:",
        "Train again",
        f"{counted(unlearned, 'picture')} that a run doubted {verb} now. Trained again "
        "with the same settings, the same pictures are shown before and after.",
        "Train again",
        "train.py",
    )


def _after_training(progress: Progress) -> NextStep:
    left = progress.total - progress.labelled
    if left > progress.total / 10:
        return NextStep(
            ":material/sell:",
            "Label the rest",
            f"{counted(left, 'picture')} still have no label. More labels help more "
            "than more epochs.",
            "Go on labelling",
            "label.py",
        )
    return NextStep(
        ":material/image_search:",
        "Classify new pictures",
        "A model is trained. Show it pictures it has never seen; it says when it "
        "meets a combination that training never showed.",
        "Classify pictures",
        "classify.py",
    )


BRING_IN = NextStep(
    ":material/add_photo_alternate:",
    "Bring pictures in",
    "This project is empty. Drop a folder, a zip or some files; names of folders can "
    "become labels.",
    "Add pictures",
    "data.py",
)
WATCH = NextStep(
    ":material/model_training:",
    "Watch the training",
    "A run is under way. It goes on when you close this page.",
    "Show the run",
    "train.py",
)
