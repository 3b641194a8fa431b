"""The files of a model, whatever trained it: predictions, totals, model.json.

No TensorFlow: weights come as bytes.
"""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlcore.calibration import (
    Temperature,
    ask_temperatures,
    fit_temperatures,
    temper,
    temperatures_as_json,
)
from mlcore.decisions import NamedLabel
from mlcore.metrics import evaluate
from mlcore.model_json import (
    HEADS_NAME,
    MODEL_NAME,
    PREDICTIONS_NAME,
    WEIGHTS_NAME,
    describe_model,
    encode,
)
from mlcore.novelty import NOVELTY_NAME
from mlcore.readings import limit_doubt
from mlcore.snapshot import Snapshot
from mlcore.thresholds import RunLimits, choose_limits
from mlcore.training_view import view_of_model
from storage.files import write_durably, write_many_durably

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.intp]

HELD_OUT = ("validation", "test")
UNSEEN_COLUMN = "unseen"
OUTPUT_NAMES = (WEIGHTS_NAME, HEADS_NAME, NOVELTY_NAME, PREDICTIONS_NAME)
TOTALS = (
    "binary_accuracy",
    "exact_match",
    "micro_f1",
    "macro_f1",
    "f2",
    "mean_average_precision",
)


def write_model(
    folder: Path,
    snapshot: Snapshot,
    weights: dict[str, bytes],
    predictions: pd.DataFrame,
    facts: dict[str, Any],
) -> pd.DataFrame:
    """Write all files of the model, model.json last; returns the predictions kept.

    `weights` are its files; `facts` go into model.json, best_epoch among them. How
    sure the run may be, and then its thresholds, are chosen here, on the validation
    images: what is returned, and written, is as sure as it may be.
    """
    temperatures = temperatures_for(predictions, snapshot)
    kept = _temper_table(predictions, temperatures, snapshot)
    files = weights | {PREDICTIONS_NAME: _parquet_bytes(kept)}
    write_many_durably([(folder / name, content) for name, content in files.items()])
    # Last: a folder with model.json is a complete model.
    chosen = limits_for(kept, snapshot).as_json()
    calm = {"temperatures": temperatures_as_json(temperatures, snapshot.labels)}
    model_json = describe_model(snapshot, facts | chosen | calm, files)
    limit = _doubt_limit(model_json, kept, snapshot)
    write_durably(folder / MODEL_NAME, encode(model_json | {"doubt_above": limit}))
    return kept


def temperatures_for(
    predictions: pd.DataFrame, snapshot: Snapshot
) -> list[Temperature]:
    """How sure the run may be, by its answers on the validation images."""
    judged = predictions[predictions["split"] == "validation"]
    return fit_temperatures(
        ask_temperatures(snapshot.labels, snapshot.groups, snapshot.output),
        answers_of(judged, snapshot),
        probabilities_of(judged, snapshot),
    )


def _temper_table(
    predictions: pd.DataFrame, found: Sequence[Temperature], snapshot: Snapshot
) -> pd.DataFrame:
    kept = predictions.copy()
    names = probability_columns(snapshot.labels)
    kept[names] = temper(found, probabilities_of(predictions, snapshot))
    return kept


def _doubt_limit(
    model_json: dict[str, Any], predictions: pd.DataFrame, snapshot: Snapshot
) -> float | None:
    """From which share of unseen readings a picture is doubted; None if unknown."""
    view = view_of_model(model_json)
    answers = answers_of(predictions, snapshot)
    is_seen = view.are_seen(answers == 1)
    held_out = probabilities_of(predictions, snapshot)[is_seen]
    return limit_doubt(view, held_out, unseen_of(predictions[is_seen]))


def limits_for(predictions: pd.DataFrame, snapshot: Snapshot) -> RunLimits:
    """What counts as yes as the settings ask, chosen on the validation images."""
    judged = predictions[predictions["split"] == "validation"]
    return choose_limits(
        answers_of(judged, snapshot),
        probabilities_of(judged, snapshot),
        snapshot.config,
    )


def probability_columns(labels: Sequence[NamedLabel]) -> list[str]:
    """The names of the columns of predictions, one a label."""
    return [f"p{label.label_id}" for label in labels]


def tabulate(
    snapshot: Snapshot,
    rows: Rows,
    probabilities: Floats,
    unseen: Floats | None = None,
) -> pd.DataFrame:
    """image_id, split and one float32 column p<label_id> per label, for these rows.

    `unseen` (n,) is what the model itself gives to combinations it was never shown.
    """
    frame = snapshot.images.loc[rows, ["image_id", "split"]].reset_index(drop=True)
    names = probability_columns(snapshot.labels)
    table = pd.concat([frame, pd.DataFrame(probabilities, columns=names)], axis=1)
    return table if unseen is None else table.assign(**{UNSEEN_COLUMN: unseen})


def unseen_of(predictions: pd.DataFrame) -> Floats | None:
    """The column of `tabulate`'s `unseen`, None where the model says nothing of it."""
    if UNSEEN_COLUMN not in predictions:
        return None
    return predictions[UNSEEN_COLUMN].to_numpy(np.float32)


def held_out_rows(snapshot: Snapshot, unreadable: list[int]) -> Rows:
    """Readable rows of validation and test, in the order of the snapshot."""
    is_held_out = snapshot.images["split"].isin(HELD_OUT).to_numpy().copy()
    is_held_out[unreadable] = False
    return np.flatnonzero(is_held_out)


def remove_outputs(folder: Path) -> None:
    """Remove the model of a discarded run; its log and frozen data stay."""
    for name in (MODEL_NAME, *OUTPUT_NAMES):
        (folder / name).unlink(missing_ok=True)


def _parquet_bytes(frame: pd.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.to_parquet(buffer, index=False)
    return buffer.getvalue()


def probabilities_of(predictions: pd.DataFrame, snapshot: Snapshot) -> Floats:
    """The probability columns as float32 (n, L), in the order of the labels."""
    return predictions[probability_columns(snapshot.labels)].to_numpy(np.float32)


def answers_of(predictions: pd.DataFrame, snapshot: Snapshot) -> Any:
    """int8 (n, L) frozen answers of the predicted images, row by row."""
    places = pd.Index(snapshot.images["image_id"]).get_indexer(predictions["image_id"])
    return snapshot.y[places]


def summarise(predictions: pd.DataFrame, snapshot: Snapshot) -> dict[str, Any]:
    """Totals on the test images if there are any, else on validation."""
    split = "test" if (predictions["split"] == "test").any() else "validation"
    held_out = predictions[predictions["split"] == split]
    if not len(held_out):
        return {}
    evaluation = evaluate(
        answers_of(held_out, snapshot),
        probabilities_of(held_out, snapshot),
        snapshot.labels,
        limits_for(predictions, snapshot).limits,
        snapshot.output,
        snapshot.groups,
    )
    totals: dict[str, Any] = {name: getattr(evaluation, name) for name in TOTALS}
    return {"split": split, "images": len(held_out), **totals}
