"""Two runs on combinations left out of training, which held-out pictures hide."""

from dataclasses import dataclass
from typing import Any

from mlcore.left_out import study_of_run
from mlcore.review_sentences import share_words
from storage.projects import Project
from storage.runs import get_run

# Nearer together they may differ by the few combinations that were tried.
FAR_APART = 0.1


@dataclass(frozen=True, slots=True)
class LeftOutShares:
    """The share right on combinations that were left out of training, of each run.

    None where a run's kind of model was not studied on its data.
    """

    old: float | None = None
    new: float | None = None

    @property
    def are_far_apart(self) -> bool:
        """Whether they differ by more than 10 points."""
        if self.old is None or self.new is None:
            return False
        return round(abs(self.new - self.old), 6) > FAR_APART

    def sentence(self) -> str:
        """Return both shares and what they mean; "" where neither is measured."""
        if self.old is None and self.new is None:
            return ""
        shares = [
            "not measured" if one is None else f"{share_words(one)} right"
            for one in (self.old, self.new)
        ]
        words = f"On combinations left out of training: {shares[0]} → {shares[1]}."
        if not self.are_far_apart:
            return words
        is_better = (self.new or 0.0) > (self.old or 0.0)
        verdict = "better" if is_better else "worse"
        return (
            f"{words} So it is clearly {verdict} now on combinations that training "
            "never showed, whatever pictures of seen ones say."
        )

    def as_json(self) -> dict[str, Any]:
        """Return both shares and the sentence."""
        return {"old": self.old, "new": self.new, "sentence": self.sentence()}


def left_out_shares(project: Project, old: str, new: str) -> LeftOutShares:
    """Return what is known of two runs, by their ids."""
    return LeftOutShares(_share(project, old), _share(project, new))


def _share(project: Project, run_id: str) -> float | None:
    study = study_of_run(project, get_run(project, run_id))
    return study.share if study else None
