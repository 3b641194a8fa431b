"""The heads of a run as files, and the pretrained network they need. No TensorFlow.

A head means nothing without the exact weights whose features it was fitted to: their
digest is kept in model.json and compared before every use.
"""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mlcore.backbones import digest_weights, fetch_backbone_weights, find_backbone
from mlcore.combination_table import groups_that_combine
from mlcore.config import TrainConfig
from mlcore.errors import PredictionError, WeightsError
from mlcore.feature_spec import FeatureSpec
from mlcore.head_questions import Question
from mlcore.heads import Heads, HeadSettings
from mlcore.joint_heads import JointHeads, as_arrays, from_arrays
from mlcore.model_json import HEADS_NAME


def spec_of(config: TrainConfig) -> FeatureSpec:
    """Which features a run with these settings looks at."""
    view = "both" if config.feature_head == "joint" else "rgb"
    if config.colour == "gray":
        view = "gray"
    return FeatureSpec(
        config.backbone, config.image_size_px, config.feature_depths, view
    )


def settings_of(config: TrainConfig) -> HeadSettings:
    """How a run with these settings fits its heads."""
    return HeadSettings(
        # Joint heads have linear ones beside them.
        kind="hidden" if config.feature_head == "hidden" else "linear",
        regularisation=config.regularisation,
        class_weights=config.class_weights,
        seed=config.seed,
        hidden_units=config.head_units,
        dropout=config.head_dropout,
    )


def heads_as_bytes(heads: Heads | JointHeads) -> bytes:
    """An .npz of the layers; what they answer is said by `heads_facts`."""
    arrays: dict[str, Any] = {}
    if isinstance(heads, JointHeads):
        arrays, heads = dict(as_arrays(heads)), heads.plain
    for at, (weights, bias) in enumerate(heads.layers):
        arrays[f"weights{at}"], arrays[f"bias{at}"] = weights, bias
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def heads_facts(
    heads: Heads | JointHeads, spec: FeatureSpec, digest: str
) -> dict[str, Any]:
    """What model.json says of a run with heads; `digest` is that of the backbone."""
    return {
        "backbone": {
            "name": spec.backbone,
            "size_px": spec.size_px,
            "depths": spec.depths,
            "view": spec.view,
            "features": spec.key,
            "weights_sha256": digest,
        },
        "questions": [
            {"kind": question.kind, "columns": list(question.columns)}
            for question in heads.questions
        ],
        "regularisation": list(heads.pulls),
    }


def read_heads(run_dir: Path, facts: Mapping[str, Any]) -> Heads | JointHeads:
    """The heads of a model folder whose files were checked; PredictionError if not."""
    try:
        arrays = _read_arrays(run_dir / HEADS_NAME)
        questions = tuple(
            Question(row["kind"], tuple(row["columns"])) for row in facts["questions"]
        )
        count = sum(name.startswith("weights") for name in arrays)
        layers = [(arrays[f"weights{at}"], arrays[f"bias{at}"]) for at in range(count)]
        plain = Heads(questions, tuple(layers))
        if "combinations" not in arrays:
            return plain
        return from_arrays(plain, groups_that_combine(questions), arrays)
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise PredictionError(
            f"The heads of run {run_dir.name} cannot be read: {error}. Train again."
        ) from error


def read_spec(
    run_dir: Path, facts: Mapping[str, Any], config: TrainConfig
) -> FeatureSpec:
    """The features a model needs; PredictionError if they are not to be had as then."""
    spec, wanted = spec_of(config), facts["backbone"]
    if spec.key != wanted["features"]:
        raise PredictionError(
            f"Run {run_dir.name} was trained on other features ({wanted['features']}) "
            f"than this version makes ({spec.key}). Train again."
        )
    try:
        path = fetch_backbone_weights(spec.backbone, config.weights_file)
    except WeightsError as error:
        raise PredictionError(f"Run {run_dir.name} cannot answer: {error}") from error
    if digest_weights(path) != wanted["weights_sha256"]:
        title = find_backbone(spec.backbone).title
        raise PredictionError(
            f"The weights of {title} in {path} are not those that run {run_dir.name} "
            "was trained with. Put that file back, or train again."
        )
    return spec


def _read_arrays(path: Path) -> dict[str, Any]:
    with path.open("rb") as file, np.load(file, allow_pickle=False) as table:
        return {name: np.asarray(table[name]) for name in table.files}
