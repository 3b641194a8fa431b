"""What is known of the combination an answer speaks of, from those left out. Pure."""

from collections.abc import Sequence

from mlcore.left_out import LeftOutStudy
from mlcore.left_out_like import expect_like
from mlcore.predictions import LeftOut


def figures_like(study: LeftOutStudy | None, names: Sequence[str]) -> LeftOut | None:
    """Return how such a model did on combinations like this one of labels `names`.

    Where none is like it, or no labels are named, on all that were left out; None
    where nothing could be. No figure stands for a label that was never tried.
    """
    if study is None or study.share is None:
        return None
    known = _ids_by_name(study)
    like = None
    if names and all(name in known for name in names):
        like = expect_like(study, [known[name] for name in names])
    if like is None:
        low, high = _rounded(study.interval)
        return LeftOut(study.right, study.images, round(study.share, 4), low, high)
    if like.untried:
        untried = [name for name in names if known[name] in like.untried]
        return LeftOut(like=list(names), untried=untried, why=_why(study, untried))
    right = sum(one.right for one in like.combinations)
    images = sum(one.images for one in like.combinations)
    low, high = _rounded((like.low, like.high))
    return LeftOut(right, images, round(like.share, 4), low, high, list(names))


def _rounded(interval: tuple[float, float]) -> tuple[float, float]:
    return round(interval[0], 4), round(interval[1], 4)


def _ids_by_name(study: LeftOutStudy) -> dict[str, int]:
    return {
        name: label_id
        for one in study.combinations
        for name, label_id in zip(one.names, one.label_ids, strict=True)
    }


def _why(study: LeftOutStudy, untried: Sequence[str]) -> str:
    """Say why nobody could try the labels: most often each had one partner only."""
    return "; ".join(_why_not(study, name) for name in untried)


def _why_not(study: LeftOutStudy, name: str) -> str:
    shown = [one for one in study.combinations if name in one.names]
    if len(shown) > 1:
        return f"no combination with {name} was left out of training"
    partners = [other for other in shown[0].names if other != name]
    return f"{name} was only ever seen with {' and '.join(partners)}"
