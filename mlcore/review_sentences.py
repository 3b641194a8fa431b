"""How sure a run's figures are, and what is known of combinations it never saw. Pure.

A claim comes as two strings, what to stress and the rest, for whoever draws it.
"""

from mlcore.counted import counted
from mlcore.left_out import LeftOutStudy
from mlcore.measured import MEASURED
from mlcore.scores import Evaluation, wilson
from mlcore.unseen_share import unseen_share

# Under this many images a share says so little that its range is in the foreground.
FEW_IMAGES = 100
Claim = tuple[str, str]


def share_words(share: float | None) -> str:
    """Return .667 as "67 %"; an undefined share is a dash."""
    return "–" if share is None else f"{int(share * 100 + 0.5)} %"


def share_words_1(share: float | None) -> str:
    """Return .9514 as "95.1 %"; an undefined share is a dash."""
    return "–" if share is None else f"{share * 100:.1f} %"


def certainty_sentence(evaluation: Evaluation) -> str:
    """Return "94 %, likely 87–98 % (…). Of single yes/no answers 98.2 % are right."."""
    images, share_right = evaluation.images, evaluation.exact_match
    if share_right is None:
        return "There are no answered pictures here, so nothing can be measured."
    low, high = wilson(round(share_right * images), images)
    pictures = counted(images, "picture")
    words = (
        f"{share_words(share_right)}, likely {low * 100:.0f}–{share_words(high)} (95 % "
        f"confidence, from {pictures}). Of single yes/no answers "
        f"{share_words_1(evaluation.binary_accuracy)} are right."
    )
    if images < FEW_IMAGES:
        more = "label" if evaluation.split == MEASURED else "hold out"
        words += f" So few cannot say more: {more} more for a sharper figure."
    return words


def joiner(separator: str) -> str:
    """Return what stands between the labels of a combination in a list of them.

    `separator` does within one: "black dress", or "cars, trees", which would be two.
    """
    return " + " if separator == ", " else separator


def unseen_claim(evaluation: Evaluation, study: LeftOutStudy | None) -> Claim:
    """Say how the run does on combinations that training never showed.

    By pictures held out of them, else by the study that left combinations out, else
    that nobody knows.
    """
    found = unseen_share(evaluation, study)
    kept = "labelled here" if evaluation.split == MEASURED else "held out"
    if found is None:
        return (
            "On combinations never seen in training: not measured.",
            f" No such pictures are {kept}, so the figures here say nothing about "
            "them. Expect worse.",
        )
    low, high = map(share_words, found.interval)
    if found.images:
        pictures = counted(found.images, "picture")
        first = "On combinations never seen in training: "
        rest = f" on {pictures} (likely {low} to {high})."
    else:
        first = "On combinations left out of training: "
        rest = f" (likely {low} to {high}). Held-out pictures show none."
    return f"{first}{share_words(found.share)} right", rest


def is_measured(evaluation: Evaluation) -> bool:
    """Whether held-out pictures show combinations that training never did."""
    return any(not score.seen_count for score in evaluation.combinations)
