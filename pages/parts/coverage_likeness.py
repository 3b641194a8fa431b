"""What to expect of a combination never seen, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcore.left_out import COMPOSITIONAL, PLAIN
from mlcore.left_out_like import expect_like, not_in_study
from mlcore.recipes import RECIPES
from pages.parts.text import counted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlcore.left_out import LeftOutStudy
    from mlcore.left_out_like import Likeness

# As it is called on the Train page, less how long it takes.
NAME = f"“{RECIPES['compositional'].plain.partition(',')[0]}”"
NOT_MEASURED = "was added since it was measured, or has no group: measure again"


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
    if study is None:
        return ""
    called = dict(zip(label_ids, names, strict=True))
    if strange := not_in_study(study, label_ids):
        what = " and ".join(called[i] for i in strange)
        return f"a model without them: no figure, {what} {NOT_MEASURED}"
    found = expect_like(study, label_ids)
    if found is None:
        return ""
    if found.untried:
        untried = " or ".join(called[i] for i in found.untried)
        return f"a model without them: nobody can tell, none with {untried} was tried"
    like = f"from {counted(len(found.combinations), 'combination')} like it"
    if found.is_too_wide:
        return f"a model without them: {range_words(found.low, found.high)} ({like})"
    return f"a model without them: {_share_words(found)}, {like})"


def likeness_note(study: LeftOutStudy | None, label_ids: Sequence[int]) -> str:
    """Return the same in few words: "a model: right about 84 in 100 (62–97)"."""
    if study is None:
        return ""
    if not_in_study(study, label_ids):
        return "a model: no figure, not measured yet"
    found = expect_like(study, label_ids)
    if found is None:
        return ""
    if found.untried:
        return "a model: nobody can tell"
    if found.is_too_wide:
        return f"a model: {range_words(found.low, found.high)}"
    return f"a model: {_share_words(found)})"


def model_words(
    studies: Mapping[str, LeftOutStudy], label_ids: Sequence[int], names: Sequence[str]
) -> str:
    """Say what either kind of model makes of a gap, as plain text."""
    words = "A plain model has no reason to answer it"
    plain, ours = (
        expect_like(studies[head], label_ids) if head in studies else None
        for head in (PLAIN, COMPOSITIONAL)
    )
    if ours is None or ours.untried or ours.is_too_wide:
        rest = likeness_words(main_study(studies), label_ids, names)
        return f"{words}; {rest}." if rest else f"{words}; {NAME} (recipe) is made to."
    if plain and not plain.untried:
        words += f" (right {in_100(plain.share)} in 100 of such)"
    figure = f"right about {in_100(ours.share)} in 100"
    return f"{words}; {NAME} (recipe) is {figure}; pictures make it sure."


def range_words(low: float, high: float) -> str:
    """Return "anything between 4 and 100 in 100: too different to tell"."""
    ends = f"{in_100(low)} and {in_100(high)} in 100"
    return f"anything between {ends}: too different to tell"


def _share_words(found: Likeness) -> str:
    low, high = in_100(found.low), in_100(found.high)
    return f"right about {in_100(found.share)} in 100 ({low}–{high}"


def in_100(share: float) -> str:
    """Return .876 as "88"."""
    return f"{share * 100:.0f}"
