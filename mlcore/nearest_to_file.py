"""The training pictures most like any picture, one of the project's or not."""

from pathlib import Path

from mlcore.errors import MLError
from mlcore.joint_views import ALL, select_view
from mlcore.nearest import MOST, Neighbour, TrainingPictures, training_pictures
from mlcore.picture_features import features_of
from storage.projects import Project
from storage.records import Run


def nearest_to_picture(
    project: Project, run: Run, path: Path, sha256: str, most: int = MOST
) -> list[Neighbour]:
    """The most alike first; none where the training was never looked at.

    A picture without stored features is looked at by the predictor's process.
    """
    try:
        known = training_pictures(project, run)
        if not len(known.rows):
            return []
        if known.known.has(sha256):
            return known.nearest_to([sha256], most)[sha256]
        return _look_and_find(known, path, sha256, most)
    except MLError:
        return []


def _look_and_find(
    known: TrainingPictures, path: Path, sha256: str, most: int
) -> list[Neighbour]:
    features = known.known
    [found] = features_of(
        features.spec,
        features.config.weights_file,
        [path],
        made_with=features.store.fingerprint or "",
    )
    if isinstance(found, str):
        return []
    row = found[None]
    if features.spec.view == "both":
        row = select_view(row, ALL)
    return known.nearest(row, most, [sha256])[0]
