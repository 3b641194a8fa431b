"""How sure Review's figures are, and of what they say nothing, in sentences."""

from __future__ import annotations

from mlcore.left_out import LeftOutStudy
from mlcore.metrics import Evaluation, wilson
from pages.parts.text import counted, percent

# Under this many images a share says so little that its range is in the foreground.
FEW_IMAGES = 100


def percent_1(value: float | None) -> str:
    """Return .9514 as "95.1 %"; an undefined share is a dash."""
    return "–" if value is None else f"{value * 100:.1f} %"


def certainty_sentence(evaluation: Evaluation) -> str:
    """Return "94 %, likely 87–98 % (…). Of single yes/no answers 98.2 % are right."."""
    images, share_right = evaluation.images, evaluation.exact_match
    if share_right is None:
        return "There are no answered pictures here, so nothing can be measured."
    low, high = wilson(round(share_right * images), images)
    words = (
        f"{percent(share_right)}, likely {low * 100:.0f}–{percent(high)} (95 % "
        f"confidence, from {counted(images, 'picture')}). Of single yes/no answers "
        f"{percent_1(evaluation.binary_accuracy)} are right."
    )
    if images < FEW_IMAGES:
        words += " So few cannot say more: hold out more for a sharper figure."
    return words


def unseen_sentence(evaluation: Evaluation, study: LeftOutStudy | None = None) -> str:
    """Say how the run does on combinations that training never showed.

    By pictures held out of them, else by the study that left combinations out, else
    that nobody knows.
    """
    unseen = [score for score in evaluation.combinations if not score.seen_count]
    if not unseen and study and study.share is not None:
        low, high = study.interval
        return (
            ":violet[:material/visibility_off:] **On combinations left out of "
            f"training: {percent(study.share)} right** (likely {percent(low)} to "
            f"{percent(high)}). Held-out pictures show none."
        )
    if not unseen:
        return (
            ":violet[:material/visibility_off:] **On combinations never seen in "
            "training: not measured.** No such pictures are held out, so the figures "
            "here say nothing about them. Expect worse."
        )
    images = sum(score.images for score in unseen)
    right = sum(score.right for score in unseen)
    low, high = wilson(right, images)
    return (
        ":orange[:material/visibility_off:] **On combinations never seen in training: "
        f"{percent(right / images)} right** on {counted(images, 'picture')} (likely "
        f"{percent(low)} to {percent(high)})."
    )
