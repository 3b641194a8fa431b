"""What to expect of a combination never seen, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcore.left_out import COMPOSITIONAL, PLAIN
from mlcore.left_out_like import expect_like
from pages.parts.text import counted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlcore.left_out import LeftOutStudy


def main_study(studies: Mapping[str, LeftOutStudy]) -> LeftOutStudy | None:
    """Return the study of the model to use where there are gaps, else the other."""
    found = [studies[head] for head in (COMPOSITIONAL, PLAIN) if head in studies]
    return next((study for study in found if study.tried), next(iter(found), None))


def likeness_words(study: LeftOutStudy | None, label_ids: Sequence[int]) -> str:
    """Return "right about 84 times in 100 (62–97 …)" as plain text; "" if unknown."""
    found = expect_like(study, label_ids) if study else None
    if found is None:
        return ""
    like = counted(len(found.combinations), "combination")
    return (
        f"without them, a model would be right about {in_100(found.share)} times "
        f"in 100 ({in_100(found.low)}–{in_100(found.high)}, from {like} like it)"
    )


def likeness_note(study: LeftOutStudy | None, label_ids: Sequence[int]) -> str:
    """Return the same in few words: "a model: right 84 in 100 (62–97)"."""
    found = expect_like(study, label_ids) if study else None
    if found is None:
        return ""
    low, high = in_100(found.low), in_100(found.high)
    return f"a model: right {in_100(found.share)} in 100 ({low}–{high})"


def in_100(share: float) -> str:
    """Return .876 as "88"."""
    return f"{share * 100:.0f}"
