"""Suggestions read anew from stored probabilities, after thresholds changed.

No model and no picture is needed. A process that scores just then notices the change
and starts again.
"""

import numpy as np

from mlcore.model_json import read_model_json
from mlcore.prediction_service import usable_run_dir
from mlcore.scoring_readings import read_scores
from mlcore.training_view import TrainingView, view_of_model
from storage.images import list_image_ids
from storage.projects import Project
from storage.scores import ImageScore, put_scores, scores_of, scoring_run

CHUNK = 2000


def read_again(project: Project, run_id: str) -> int:
    """Say of every image that this run scored what now counts as yes; how many."""
    if scoring_run(project) != run_id:
        return 0
    view = view_of_model(read_model_json(usable_run_dir(project, run_id)))
    ids, changed = list_image_ids(project), 0
    for start in range(0, len(ids), CHUNK):
        found = scores_of(project, ids[start : start + CHUNK]).values()
        own = [s for s in found if s.run_id == run_id and s.probabilities]
        if own:
            put_scores(project, run_id, _read(view, run_id, own))
            changed += len(own)
    return changed


def _read(view: TrainingView, run_id: str, old: list[ImageScore]) -> list[ImageScore]:
    label_ids = [label.label_id for label in view.labels]
    # A label that is gone has none here; an undo brings it back without.
    rows = [[score.probabilities.get(i, 0.0) for i in label_ids] for score in old]
    image_ids = [score.image_id for score in old]
    return read_scores(view, run_id, image_ids, np.array(rows))
