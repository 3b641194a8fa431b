"""A run's model around its network, whoever computes that: Keras or the engine.

What is more than a network (heads, questions, temperatures, what is unusual) is the
same numpy code for both. No TensorFlow.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from mlcore.calibration import read_temperatures, temper
from mlcore.config import TrainConfig
from mlcore.dataset import Pixels, in_batches
from mlcore.epoch_scores import Floats, exact_probabilities
from mlcore.errors import PredictionError
from mlcore.feature_model import read_spec
from mlcore.feature_views import look_by_views
from mlcore.head_questions import Question, ask
from mlcore.model_answers import FeatureAnswers, ModelAnswers, join_answers
from mlcore.novelty import Novelty
from mlcore.two_branch_fusion import read_fusion

BATCH = 32
# uint8 pictures (n, s, s, 3) to what the network makes of them (n, d).
Network = Callable[[Pixels], Floats]


class _Group(NamedTuple):
    rule: str
    label_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A model ready to answer; `model_json` is what its folder says about it.

    `novelty` judges the distances it measures, if it measures any.
    """

    model_json: dict[str, Any]
    answer: Callable[[Pixels], ModelAnswers]
    novelty: Novelty | None = None

    def predict(self, images: Pixels) -> Floats:
        """float32 (n, L) probabilities of uint8 pictures (n, size, size, 3).

        `size` is model_json["image_size_px"]; make pictures with
        `dataset.fit_image`.
        """
        return self.read(images).probabilities

    def read(self, images: Pixels) -> ModelAnswers:
        """All it says of pictures as `predict` takes them."""
        size = int(self.model_json["image_size_px"])
        if images.dtype != np.uint8 or images.shape[1:] != (size, size, 3):
            raise PredictionError(
                f"This model wants uint8 pictures of {size}x{size}x3; "
                f"got {images.dtype} {images.shape[1:]}."
            )
        pieces = [
            self.answer(images[rows])
            for rows in in_batches(np.arange(len(images)), BATCH)
        ]
        return join_answers(pieces, len(self.model_json["labels"]))


def assemble_model(
    run_dir: Path, model_json: dict[str, Any], config: TrainConfig, network: Network
) -> LoadedModel:
    """The model of a run folder whose files were checked, around its network.

    Of a run on features that is the pretrained network.
    """
    if config.network == "features":
        spec = read_spec(run_dir, model_json, config)
        look = look_by_views(spec, network)
        answers = FeatureAnswers(run_dir, model_json)
        return LoadedModel(model_json, lambda x: answers(look(x)), answers.novelty)
    return LoadedModel(model_json, answer_by_logits(model_json, network))


def answer_by_logits(
    model_json: Mapping[str, Any], network: Network
) -> Callable[[Pixels], ModelAnswers]:
    """What a trained network's logits mean."""
    output, questions = model_json["output"], read_questions(model_json)
    fusion = read_fusion(model_json, questions)
    temperatures = read_temperatures(model_json)

    def answer(images: Pixels) -> ModelAnswers:
        raw = network(images)
        fused = fusion.logits(raw) if fusion else raw
        exact = exact_probabilities(fused.astype(np.float64), output, questions)
        found = temper(temperatures, exact)
        return ModelAnswers(found, fusion.unseen_share(raw) if fusion else None)

    return answer


def read_questions(model_json: Mapping[str, Any]) -> list[Question]:
    """What is asked of a picture: each group that excludes, each other label."""
    groups = [_Group(g["rule"], tuple(g["label_ids"])) for g in model_json["groups"]]
    return ask([label["label_id"] for label in model_json["labels"]], groups)
