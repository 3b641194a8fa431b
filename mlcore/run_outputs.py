"""What a network leaves after its epochs: weights, and predictions of held-out images.

The rest of the model's files are the same for every run: see model_outputs.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from mlcore.dataset import in_batches
from mlcore.epoch_scores import to_probabilities
from mlcore.model_json import WEIGHTS_NAME
from mlcore.model_outputs import held_out_rows, tabulate, write_model
from mlcore.network import Network
from mlcore.snapshot import Snapshot
from mlcore.training import RunData


def write_outputs(
    folder: Path, network: Network, snapshot: Snapshot, data: RunData, best_epoch: int
) -> pd.DataFrame:
    """Write all files of the model, model.json last; returns the predictions."""
    predictions = predict_held_out(network, snapshot, data)
    weights = {WEIGHTS_NAME: _weights_bytes(folder, network)}
    facts = {"best_epoch": best_epoch}
    return write_model(folder, snapshot, weights, predictions, facts)


def predict_held_out(
    network: Network, snapshot: Snapshot, data: RunData
) -> pd.DataFrame:
    """image_id, split and one float32 column p<label_id> per label."""
    rows = held_out_rows(snapshot, list(data.store.unreadable))
    logits = [np.zeros((0, len(snapshot.labels)), np.float32)]
    for batch in in_batches(rows, network.config.batch_size):
        logits.append(network.predict(data.store.batch(batch)))
    probabilities = to_probabilities(
        np.concatenate(logits), snapshot.output, snapshot.questions()
    )
    return tabulate(snapshot, rows, probabilities)


def _weights_bytes(folder: Path, network: Network) -> bytes:
    # Keras writes in place; the bytes are written durably by the caller.
    temporary = folder / ".writing.weights.h5"
    try:
        network.model.save_weights(temporary)
        return temporary.read_bytes()
    finally:
        temporary.unlink(missing_ok=True)
