"""What a trained run leaves: weights, model.json, saved predictions, totals."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlcore.dataset import in_batches
from mlcore.epoch_scores import Floats, to_probabilities
from mlcore.model_json import (
    MODEL_NAME,
    PREDICTIONS_NAME,
    WEIGHTS_NAME,
    describe_model,
    encode,
)
from mlcore.network import Network
from mlcore.snapshot import Snapshot
from mlcore.training import RunData
from storage.files import write_durably, write_many_durably

HELD_OUT = ("validation", "test")


def write_outputs(
    folder: Path, network: Network, snapshot: Snapshot, data: RunData, best_epoch: int
) -> pd.DataFrame:
    """Write all files of the model, model.json last; returns the predictions."""
    predictions = predict_held_out(network, snapshot, data)
    files = {
        WEIGHTS_NAME: _weights_bytes(folder, network),
        PREDICTIONS_NAME: _parquet_bytes(predictions),
    }
    write_many_durably([(folder / name, content) for name, content in files.items()])
    # Last: a folder with model.json is a complete model.
    model_json = describe_model(snapshot, best_epoch, files)
    write_durably(folder / MODEL_NAME, encode(model_json))
    return predictions


def predict_held_out(
    network: Network, snapshot: Snapshot, data: RunData
) -> pd.DataFrame:
    """image_id, split and one float32 column p<label_id> per label."""
    rows = held_out_rows(snapshot, data)
    logits = [np.zeros((0, len(snapshot.labels)), np.float32)]
    for batch in in_batches(rows, network.config.batch_size):
        logits.append(network.predict(data.store.batch(batch)))
    probabilities = to_probabilities(np.concatenate(logits), snapshot.output)
    frame = snapshot.images.loc[rows, ["image_id", "split"]].reset_index(drop=True)
    names = [f"p{label.label_id}" for label in snapshot.labels]
    return pd.concat([frame, pd.DataFrame(probabilities, columns=names)], axis=1)


def held_out_rows(snapshot: Snapshot, data: RunData) -> npt.NDArray[np.intp]:
    """Readable rows of validation and test, in the order of the snapshot."""
    is_held_out = snapshot.images["split"].isin(HELD_OUT).to_numpy().copy()
    is_held_out[list(data.store.unreadable)] = False
    return np.flatnonzero(is_held_out)


def remove_outputs(folder: Path) -> None:
    """Remove the model of a discarded run; its log and frozen data stay."""
    for name in (MODEL_NAME, WEIGHTS_NAME, PREDICTIONS_NAME):
        (folder / name).unlink(missing_ok=True)


def _weights_bytes(folder: Path, network: Network) -> bytes:
    # Keras writes in place; the bytes are written durably by the caller.
    temporary = folder / ".writing.weights.h5"
    try:
        network.model.save_weights(temporary)
        return temporary.read_bytes()
    finally:
        temporary.unlink(missing_ok=True)


def _parquet_bytes(frame: pd.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.to_parquet(buffer, index=False)
    return buffer.getvalue()


def probabilities_of(predictions: pd.DataFrame, snapshot: Snapshot) -> Floats:
    """The probability columns as float32 (n, L), in the order of the labels."""
    names = [f"p{label.label_id}" for label in snapshot.labels]
    return predictions[names].to_numpy(np.float32)


def answers_of(predictions: pd.DataFrame, snapshot: Snapshot) -> Any:
    """int8 (n, L) frozen answers of the predicted images, row by row."""
    places = pd.Index(snapshot.images["image_id"]).get_indexer(predictions["image_id"])
    return snapshot.y[places]
