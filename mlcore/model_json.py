"""model.json: what a model folder holds, readable without TensorFlow or pandas."""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlcore.config import TrainConfig
from mlcore.errors import ConfigError, PredictionError
from mlcore.thresholds import RunLimits, live_limits
from storage.files import digest_file

if TYPE_CHECKING:
    from mlcore.snapshot import Snapshot

MODEL_NAME = "model.json"
WEIGHTS_NAME = "weights.weights.h5"
HEADS_NAME = "heads.npz"
PREDICTIONS_NAME = "predictions.parquet"
FORMAT = 1
# "smallervggnet" is what earlier versions called a convnet.
ARCHITECTURES = ("convnet", "smallervggnet", "vgg16", "features")
PACKAGES = ("tensorflow", "keras", "numpy", "pillow")


def describe_model(
    snapshot: Snapshot, facts: dict[str, Any], files: dict[str, bytes]
) -> dict[str, Any]:
    """The content of model.json for these files (name to bytes).

    `facts` are added as they are: best_epoch, and what only this network has.
    """
    config = snapshot.config
    seen = snapshot.seen_combinations()
    return {
        "format": FORMAT,
        "architecture": config.network,
        "config": config.as_json(),
        "image_size_px": config.image_size_px,
        "preprocessing": "inside the network; feed uint8 RGB",
        "output": snapshot.output,
        "labels": [
            {"label_id": label.label_id, "name": label.name, "group": label.group}
            for label in snapshot.labels
        ],
        "groups": [
            {
                "group_id": group.group_id,
                "name": group.name,
                "rule": group.rule,
                "label_ids": list(group.label_ids),
            }
            for group in snapshot.groups
        ],
        **RunLimits(live_limits(config, len(snapshot.labels)), "fixed").as_json(),
        "seen": [
            {"label_ids": list(label_ids), "count": count}
            for label_ids, count in sorted(seen.items())
        ],
        "impossible": sorted(list(ids) for ids in snapshot.impossible),
        **facts,
        "snapshot_sha256": snapshot.sha256,
        "versions": {package: version(package) for package in PACKAGES},
        "files": {
            name: hashlib.sha256(data).hexdigest() for name, data in files.items()
        },
    }


def encode(model_json: dict[str, Any]) -> bytes:
    """The bytes of model.json."""
    return json.dumps(model_json, ensure_ascii=False, indent=1).encode()


def read_model_json(run_dir: Path) -> dict[str, Any]:
    """model.json of a run, its shape checked; PredictionError if it will not do."""
    try:
        found = json.loads((run_dir / MODEL_NAME).read_bytes())
    except OSError as error:
        raise PredictionError(
            f"Run {run_dir.name} has no model; choose a finished run."
        ) from error
    except ValueError as error:
        raise _damaged(run_dir, "model.json is not JSON") from error
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise _damaged(run_dir, "model.json has another format")
    if found.get("architecture") not in ARCHITECTURES:
        raise _damaged(run_dir, f"unknown network {found.get('architecture')!r}")
    return found


def config_of(run_dir: Path, model_json: dict[str, Any]) -> TrainConfig:
    """The settings of a model, validated again."""
    try:
        return TrainConfig.from_json(model_json["config"])
    except (ConfigError, KeyError, TypeError) as error:
        raise _damaged(run_dir, str(error)) from error


def check_files(run_dir: Path, model_json: dict[str, Any]) -> None:
    """PredictionError unless every file has the SHA-256 written in model.json."""
    files = model_json.get("files", {})
    needed = HEADS_NAME if model_json["architecture"] == "features" else WEIGHTS_NAME
    if needed not in files:
        raise _damaged(run_dir, f"{needed} is not listed")
    for name, expected in files.items():
        if "/" in name or "\\" in name or name.startswith("."):
            raise _damaged(run_dir, "a file lies outside the folder")
        _check_file(run_dir, name, expected)


def check_predictions(run_dir: Path, model_json: dict[str, Any]) -> None:
    """PredictionError if the saved predictions are not those of the training.

    Earlier versions did not write down what they were.
    """
    expected = model_json.get("files", {}).get(PREDICTIONS_NAME)
    if expected and (run_dir / PREDICTIONS_NAME).exists():
        _check_file(run_dir, PREDICTIONS_NAME, expected)


def _check_file(run_dir: Path, name: str, expected: str) -> None:
    try:
        found = digest_file(run_dir / name)
    except OSError as error:
        raise _damaged(run_dir, f"{name} cannot be read") from error
    if found != expected:
        raise _damaged(run_dir, f"{name} was changed after training")


def _damaged(run_dir: Path, why: str) -> PredictionError:
    return PredictionError(
        f"The model of run {run_dir.name} cannot be used: {why}. Train again."
    )
