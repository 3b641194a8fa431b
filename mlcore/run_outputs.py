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
from mlcore.two_branch import settle_offset


def write_outputs(
    folder: Path, network: Network, snapshot: Snapshot, data: RunData, best_epoch: int
) -> pd.DataFrame:
    """Write all files of the model, model.json last; returns the predictions."""
    facts = {"best_epoch": best_epoch} | settle_offset(network, data)
    predictions = predict_held_out(network, snapshot, data)
    weights = {WEIGHTS_NAME: _weights_bytes(folder, network)}
    return write_model(folder, snapshot, weights, predictions, facts)


def predict_held_out(
    network: Network, snapshot: Snapshot, data: RunData
) -> pd.DataFrame:
    """image_id, split and one float32 column p<label_id> per label.

    Two branches also say how likely the combination is an unseen one.
    """
    rows, fusion = held_out_rows(snapshot, list(data.store.unreadable)), network.fusion
    width = len(snapshot.labels) * (2 if fusion else 1)
    pieces = [np.zeros((0, width), np.float32)]
    for batch in in_batches(rows, network.config.batch_size):
        pieces.append(network.predict_raw(data.store.batch(batch)))
    raw = np.concatenate(pieces)
    found = to_probabilities(network.fuse(raw), snapshot.output, snapshot.questions())
    unseen = fusion.unseen_share(raw) if fusion else None
    return tabulate(snapshot, rows, found, unseen)


def _weights_bytes(folder: Path, network: Network) -> bytes:
    # Keras writes in place; the bytes are written durably by the caller.
    temporary = folder / ".writing.weights.h5"
    try:
        network.model.save_weights(temporary)
        return temporary.read_bytes()
    finally:
        temporary.unlink(missing_ok=True)
