"""Scoring with heads: features that are stored are read, the others are computed once.

A project whose pictures were all trained on is scored without decoding any.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlcore.feature_model import read_spec
from mlcore.feature_store import FeatureStore
from mlcore.features import extract, fingerprint
from mlcore.head_solver import Floats
from mlcore.model_answers import FeatureAnswers
from mlcore.model_json import check_files, config_of
from mlcore.quiet import import_tensorflow
from storage.images import get_images, image_path
from storage.projects import Project
from storage.records import Image

CHUNK = 256


@dataclass(frozen=True, slots=True)
class Answered:
    """Some images: `probabilities` (n, L) of `image_ids`; the rest are bad."""

    image_ids: list[int]
    probabilities: Floats
    unreadable: list[int]


class FeatureScorer:
    """Answers for images of one project, through its store of features."""

    def __init__(self, project: Project, run_dir: Path, facts: dict[str, Any]):
        """PredictionError when the model, or its backbone, is not as it was."""
        config = config_of(run_dir, facts)
        check_files(run_dir, facts)
        self.project = project
        self.read = FeatureAnswers(run_dir, facts)
        self.spec = read_spec(run_dir, facts, config)
        self.weights_file = config.weights_file
        made_with = fingerprint(self.spec, self.weights_file)
        self.store = FeatureStore(project, self.spec, made_with)

    def answer(self, image_ids: Sequence[int]) -> Iterator[Answered]:
        """Yield the images in order, some at a time.

        TrainingError while another process writes features.
        """
        for start in range(0, len(image_ids), CHUNK):
            part = get_images(self.project, image_ids[start : start + CHUNK])
            yield self._answer(part)

    def _answer(self, images: Sequence[Image]) -> Answered:
        pairs = [(image.sha256, image_path(self.project, image)) for image in images]
        if self.store.missing([sha256 for sha256, _ in pairs]):
            import_tensorflow()
            named = self.weights_file
            extract(self.project, self.spec, pairs, _say_nothing, lambda: False, named)
        bad = set(self.store.missing([sha256 for sha256, _ in pairs]))
        good = [image for image in images if image.sha256 not in bad]
        features = self.store.read([image.sha256 for image in good])
        # An empty store has no width yet.
        features = features.reshape(len(good), self.read.heads.width)
        return Answered(
            [image.image_id for image in good],
            self.read.without_distances(features).probabilities,
            [image.image_id for image in images if image.sha256 in bad],
        )


def _say_nothing(done: int, total: int) -> None:
    """Scoring counts images by itself."""
