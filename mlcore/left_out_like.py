"""What to expect of a combination nobody has seen, from those left out. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from mlcore.left_out import LeftOutCombination, LeftOutStudy


@dataclass(frozen=True, slots=True)
class Likeness:
    """The mean share right of `combinations` that share a label with the one asked.

    `low` and `high` are the worst and the best of them: a combination nobody has seen
    may be like any. Of a single one they are its 95 % Wilson interval. None of them
    shows the labels `untried`: of these the figure says nothing.
    """

    share: float
    low: float
    high: float
    combinations: tuple[LeftOutCombination, ...]
    untried: tuple[int, ...] = ()


def expect_like(study: LeftOutStudy, label_ids: Sequence[int]) -> Likeness | None:
    """Return what a combination like this can expect; None where none is like it."""
    wanted = set(label_ids)
    alike = tuple(c for c in study.tried if wanted & set(c.label_ids))
    shares = [c.share for c in alike if c.share is not None]
    if not shares:
        return None
    low, high = min(shares), max(shares)
    if len(alike) == 1:
        low, high = alike[0].interval
    tried = {label_id for c in alike for label_id in c.label_ids}
    untried = tuple(label_id for label_id in label_ids if label_id not in tried)
    return Likeness(sum(shares) / len(shares), low, high, alike, untried)
