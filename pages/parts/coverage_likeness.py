"""What to expect of a combination never seen, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcore.left_out import COMPOSITIONAL, PLAIN
from mlcore.left_out_like import expect_like
from pages.parts.text import counted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlcore.left_out import LeftOutStudy
    from mlcore.left_out_like import Likeness


def main_study(studies: Mapping[str, LeftOutStudy]) -> LeftOutStudy | None:
    """Return the study of the model to use where there are gaps, else the other."""
    found = [studies[head] for head in (COMPOSITIONAL, PLAIN) if head in studies]
    return next((study for study in found if study.tried), next(iter(found), None))


def likeness_words(
    study: LeftOutStudy | None, label_ids: Sequence[int], names: Sequence[str]
) -> str:
    """Return "a model without them: right about 84 in 100 (62–97, …)", plain text.

    "" where nothing is known; no figure stands for a label that was never tried.
    """
    found = expect_like(study, label_ids) if study else None
    if found is None:
        return ""
    if found.untried:
        called = dict(zip(label_ids, names, strict=True))
        untried = " or ".join(called[i] for i in found.untried)
        return f"a model without them: nobody can tell, none with {untried} was tried"
    like = f"from {counted(len(found.combinations), 'combination')} like it"
    return f"a model without them: {_share_words(found)}, {like})"


def likeness_note(study: LeftOutStudy | None, label_ids: Sequence[int]) -> str:
    """Return the same in few words: "a model: right about 84 in 100 (62–97)"."""
    found = expect_like(study, label_ids) if study else None
    if found is None:
        return ""
    if found.untried:
        return "a model: nobody can tell"
    return f"a model: {_share_words(found)})"


def _share_words(found: Likeness) -> str:
    low, high = in_100(found.low), in_100(found.high)
    return f"right about {in_100(found.share)} in 100 ({low}–{high}"


def in_100(share: float) -> str:
    """Return .876 as "88"."""
    return f"{share * 100:.0f}"
