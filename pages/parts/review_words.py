"""Review's sentences, as safe Markdown with an icon."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcore.review_sentences import is_measured, unseen_claim

if TYPE_CHECKING:
    from mlcore.left_out import LeftOutStudy
    from mlcore.metrics import Evaluation


def unseen_sentence(evaluation: Evaluation, study: LeftOutStudy | None = None) -> str:
    """Say how the run does on combinations that training never showed."""
    colour = "orange" if is_measured(evaluation) else "violet"
    stressed, rest = unseen_claim(evaluation, study)
    return f":{colour}[:material/visibility_off:] **{stressed}**{rest}"
