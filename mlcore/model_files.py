"""Loading a trained model: allow-listed network, checked weights, no code."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from mlcore.config import TrainConfig
from mlcore.errors import PredictionError
from mlcore.feature_model import read_spec
from mlcore.features import load_backbone
from mlcore.model_json import WEIGHTS_NAME, check_files, config_of, read_model_json
from mlcore.model_reading import (
    LoadedModel,
    Network,
    assemble_model,
    read_questions,
)
from mlcore.two_branch_fusion import Fusion, read_fusion
from mlcore.two_branch_network import build_network

__all__ = ["LoadedModel", "load_model", "read_network", "read_questions"]


def load_model(run_dir: Path) -> LoadedModel:
    """The model of a run folder; PredictionError if any of it was changed."""
    model_json = read_model_json(run_dir)
    config = config_of(run_dir, model_json)
    check_files(run_dir, model_json)
    network = _compile_network(run_dir, model_json, config)
    return assemble_model(run_dir, model_json, config, network)


def read_network(
    run_dir: Path, model_json: dict[str, Any], config: TrainConfig
) -> tuple[keras.Model, Fusion | None]:
    """The trained network, from float32 pictures to logits, and what joins its two
    branches if it has them; the run's files were checked."""
    keras.config.set_dtype_policy("float32")
    fusion = read_fusion(model_json, read_questions(model_json))
    labels, plan = len(model_json["labels"]), fusion.plan if fusion else None
    model = build_network(config, labels, 1, plan)
    try:
        model.load_weights(run_dir / WEIGHTS_NAME)
    except (OSError, ValueError, KeyError) as error:
        raise PredictionError(
            f"The weights of run {run_dir.name} do not fit its network: {error}"
        ) from error
    return model, fusion


def _compile_network(
    run_dir: Path, model_json: dict[str, Any], config: TrainConfig
) -> Network:
    """The network of a run, or the pretrained one that its heads need."""
    if config.network == "features":
        spec = read_spec(run_dir, model_json, config)
        return load_backbone(spec, config.weights_file)
    model = read_network(run_dir, model_json, config)[0]
    size = config.image_size_px
    signature = [tf.TensorSpec((None, size, size, 3), tf.uint8)]

    def logits(images: Any) -> Any:
        return model(tf.cast(images, tf.float32), training=False)

    compiled: Any = tf.function(logits, signature)
    return lambda images: np.asarray(compiled(images))
