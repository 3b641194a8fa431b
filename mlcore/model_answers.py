"""What a model says of pictures, and heads on features saying it. No TensorFlow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mlcore.calibration import read_temperatures, temper
from mlcore.feature_model import read_heads
from mlcore.novelty import NOVELTY_NAME, Novelty, read_novelty

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class ModelAnswers:
    """Of n pictures: float32 `probabilities` (n, L), as sure as they may be.

    `unseen` (n,) is what the model gives to combinations training never showed,
    `distances` (n,) how far the pictures are from it; None where it cannot say.
    """

    probabilities: Floats
    unseen: Floats | None = None
    distances: Floats | None = None


class FeatureAnswers:
    """The heads of a run's folder, whose files were checked, ready for features."""

    def __init__(self, run_dir: Path, facts: Mapping[str, Any]):
        """PredictionError if any of it cannot be read."""
        self.heads = read_heads(run_dir, facts)
        self.temperatures = read_temperatures(facts)
        self.novelty: Novelty | None = None
        # Only what is listed was checked; older runs list none.
        if NOVELTY_NAME in facts.get("files", ()):
            self.novelty = read_novelty(run_dir, self.heads.width)

    def __call__(self, features: Floats) -> ModelAnswers:
        """Answer for features (n, d)."""
        found = self.without_distances(features)
        distances = self.novelty.measure(features) if self.novelty else None
        return replace(found, distances=distances)

    def without_distances(self, features: Floats) -> ModelAnswers:
        """Answer for many pictures, where nobody asks how far they are."""
        probabilities, unseen = self.heads.read(features)
        return ModelAnswers(temper(self.temperatures, probabilities), unseen)


def join_answers(pieces: Sequence[ModelAnswers], labels: int) -> ModelAnswers:
    """All pieces as one, for no pictures too."""
    if not pieces:
        return ModelAnswers(np.zeros((0, labels), np.float32))
    return ModelAnswers(
        np.concatenate([piece.probabilities for piece in pieces]),
        _join([piece.unseen for piece in pieces]),
        _join([piece.distances for piece in pieces]),
    )


def _join(pieces: Sequence[Floats | None]) -> Floats | None:
    known = [piece for piece in pieces if piece is not None]
    return np.concatenate(known) if len(known) == len(pieces) else None
