"""How often a run is right on combinations its training never showed. Pure."""

from dataclasses import dataclass

from mlcore.left_out import LeftOutStudy
from mlcore.scores import Evaluation, Interval, wilson


@dataclass(frozen=True, slots=True)
class UnseenShare:
    """The share and its range, of `images` held out; 0 where a study left them out."""

    share: float
    interval: Interval
    images: int = 0


def unseen_share(
    evaluation: Evaluation, study: LeftOutStudy | None
) -> UnseenShare | None:
    """By pictures held out of them, else by the study that left combinations out.

    None where nobody knows.
    """
    unseen = [score for score in evaluation.combinations if not score.seen_count]
    images = sum(score.images for score in unseen)
    if images:
        right = sum(score.right for score in unseen)
        return UnseenShare(right / images, wilson(right, images), images)
    if study and study.share is not None:
        return UnseenShare(study.share, study.interval)
    return None
