"""What every section of Review is drawn from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlcore.metrics import combined_columns

if TYPE_CHECKING:
    from mlcore.evaluation import HeldOut
    from mlcore.metrics import Evaluation
    from mlcore.ranking_curves import Ranking
    from mlcore.thresholds import RunLimits
    from mlcore.training_view import TrainingView
    from storage.projects import Project
    from storage.records import Run


@dataclass(frozen=True, slots=True)
class Scene:
    """A run, what it answered on held-out pictures, and the figures of that.

    `figures` are those of `chosen`, which a person may be trying, `kept` those of what
    counts for the run; `judges` are the validation pictures, None without; `facts` is
    the run's model.json, `view` what training showed; `rankings` are of the labels, in
    their order. The project is open while a section is drawn.
    """

    project: Project
    run: Run
    held_out: HeldOut
    judges: HeldOut | None
    facts: dict[str, Any]
    chosen: RunLimits
    figures: Evaluation
    kept: Evaluation
    rankings: Sequence[Ranking]
    view: TrainingView

    @property
    def has_labels_beside(self) -> bool:
        """Whether there are labels that combinations are not made of."""
        counted = combined_columns(self.held_out.labels, self.held_out.groups)
        return len(counted) < len(self.held_out.labels)
