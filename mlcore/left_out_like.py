"""What to expect of a combination nobody has seen, from those left out. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlcore.left_out import LeftOutCombination, LeftOutStudy

# From the worst to the best; beyond it no one figure stands for them.
WIDE = 0.5


@dataclass(frozen=True, slots=True)
class Likeness:
    """The mean share right of `combinations` that share a label with the one asked.

    From `low` to `high` reach the 95 % Wilson intervals of all of them: a combination
    nobody has seen may be like any. One that was itself left out stands for itself.
    None of them shows the labels `untried`: of these the figure says nothing.
    """

    share: float
    low: float
    high: float
    combinations: tuple[LeftOutCombination, ...]
    untried: tuple[int, ...] = ()

    @property
    def is_too_wide(self) -> bool:
        """Whether those like it did so differently that a mean says nothing."""
        return self.high - self.low > WIDE


def not_in_study(study: LeftOutStudy, label_ids: Sequence[int]) -> tuple[int, ...]:
    """Return the labels that none of its combinations has: added since, or free."""
    known = {label_id for c in study.combinations for label_id in c.label_ids}
    return tuple(label_id for label_id in label_ids if label_id not in known)


def expect_like(study: LeftOutStudy, label_ids: Sequence[int]) -> Likeness | None:
    """Return what a combination like this can expect; None where none is like it.

    None too where the study knows nothing of one of its labels.
    """
    if not_in_study(study, label_ids):
        return None
    wanted = set(label_ids)
    own = study.of(label_ids)
    alike = tuple(c for c in study.tried if wanted & set(c.label_ids))
    if own in alike:
        alike = (own,)
    shares = [c.share for c in alike if c.share is not None]
    if not shares:
        return None
    bounds = [c.interval for c in alike]
    low, high = min(low for low, _ in bounds), max(high for _, high in bounds)
    tried = {label_id for c in alike for label_id in c.label_ids}
    untried = tuple(label_id for label_id in label_ids if label_id not in tried)
    return Likeness(sum(shares) / len(shares), low, high, alike, untried)
