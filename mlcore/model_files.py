"""Loading a trained model: allow-listed network, checked weights, no code."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from mlcore.calibration import read_temperatures, temper
from mlcore.config import TrainConfig
from mlcore.dataset import Pixels, in_batches
from mlcore.epoch_scores import Floats, to_probabilities
from mlcore.errors import PredictionError
from mlcore.feature_model import read_spec
from mlcore.features import make_extractor
from mlcore.head_questions import Question, ask
from mlcore.model_answers import FeatureAnswers, ModelAnswers, join_answers
from mlcore.model_json import WEIGHTS_NAME, check_files, config_of, read_model_json
from mlcore.novelty import Novelty
from mlcore.two_branch_fusion import read_fusion
from mlcore.two_branch_network import build_network

BATCH = 32


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


def load_model(run_dir: Path) -> LoadedModel:
    """The model of a run folder; PredictionError if any of it was changed."""
    model_json = read_model_json(run_dir)
    config = config_of(run_dir, model_json)
    check_files(run_dir, model_json)
    if config.network == "features":
        answers = FeatureAnswers(run_dir, model_json)
        spec = read_spec(run_dir, model_json, config)
        extractor = make_extractor(spec, config.weights_file)
        return LoadedModel(model_json, lambda x: answers(extractor(x)), answers.novelty)
    return LoadedModel(model_json, _load_network(run_dir, model_json, config))


def _load_network(
    run_dir: Path, model_json: dict[str, Any], config: TrainConfig
) -> Callable[[Pixels], ModelAnswers]:
    keras.config.set_dtype_policy("float32")
    output, questions = model_json["output"], _read_questions(model_json)
    fusion = read_fusion(model_json, questions)
    labels, plan = len(model_json["labels"]), fusion.plan if fusion else None
    model = build_network(config, labels, 1, plan)
    try:
        model.load_weights(run_dir / WEIGHTS_NAME)
    except (OSError, ValueError, KeyError) as error:
        raise PredictionError(
            f"The weights of run {run_dir.name} do not fit its network: {error}"
        ) from error
    size = config.image_size_px
    signature = [tf.TensorSpec((None, size, size, 3), tf.uint8)]

    def logits(images: Any) -> Any:
        return model(tf.cast(images, tf.float32), training=False)

    compiled: Any = tf.function(logits, signature)
    temperatures = read_temperatures(model_json)

    def answer(images: Pixels) -> ModelAnswers:
        raw = np.asarray(compiled(images))
        fused = fusion.logits(raw) if fusion else raw
        found = temper(temperatures, to_probabilities(fused, output, questions))
        return ModelAnswers(found, fusion.unseen_share(raw) if fusion else None)

    return answer


def _read_questions(model_json: dict[str, Any]) -> list[Question]:
    groups = [_Group(g["rule"], tuple(g["label_ids"])) for g in model_json["groups"]]
    return ask([label["label_id"] for label in model_json["labels"]], groups)
