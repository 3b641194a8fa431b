"""Combinations of which the figures of a run say nothing. Pure."""

import numpy as np

from mlcore.evaluation import HeldOut
from mlcore.training_view import TrainingView


def unmeasured_combinations(view: TrainingView, held_out: HeldOut) -> list[str]:
    """Name the combinations of groups that neither training nor `held_out` shows.

    Those that cannot exist are none.
    """
    place = {label.label_id: at for at, label in enumerate(held_out.labels)}
    return [
        view.separator.join(cell.names)
        for cell in view.coverage.missing
        if cell.is_grouped
        and not _is_shown(held_out, [place[label_id] for label_id in cell.label_ids])
    ]


def _is_shown(held_out: HeldOut, columns: list[int]) -> bool:
    return bool(np.all(held_out.y[:, columns] == 1, axis=1).any())
