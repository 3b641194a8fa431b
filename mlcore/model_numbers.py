"""The files of numbers of a model from elsewhere, looked into before they are read.

Weights can hold more than numbers: links to other files, other people's objects, a few
packed bytes that unfold to terabytes. All of it is refused by the name of the file.
"""

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlcore.errors import PredictionError
from mlcore.model_json import HEADS_NAME, MODEL_NAME, WEIGHTS_NAME, check_files
from mlcore.model_package import RUN_FILES
from mlcore.novelty import NOVELTY_NAME

# Far above the largest network there is to choose.
MOST_BYTES = 2 * 2**30
MOST_LABELS = 10_000


def check_numbers(folder: Path, facts: Mapping[str, Any]) -> None:
    """PredictionError unless a model folder holds plain numbers of a sane size."""
    names = set(facts["files"]) if isinstance(facts.get("files"), dict) else set()
    there = {path.name for path in folder.iterdir()}
    strange = (names - {*RUN_FILES}) | (there ^ {*names, MODEL_NAME})
    if strange:
        raise _refused(min(strange), "is no file of this model, or is missing")
    _check_labels([row["name"] for row in facts["labels"]])
    check_files(folder, dict(facts))
    for name in (HEADS_NAME, NOVELTY_NAME):
        if name in names:
            _check_arrays(folder / name)
    if WEIGHTS_NAME in names:
        _check_weights(folder / WEIGHTS_NAME)


def _check_labels(names: list[Any]) -> None:
    is_text = all(isinstance(name, str) and 0 < len(name) <= 500 for name in names)
    if not is_text or len({*names}) != len(names) or not 0 < len(names) <= MOST_LABELS:
        raise _refused(MODEL_NAME, "has no labels, one twice, or something else there")


def _check_arrays(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise _refused(path.name, f"cannot be read: {error}") from error
    # As we write them: arrays lie in it as they are.
    if any(member.compress_type != zipfile.ZIP_STORED for member in members):
        raise _refused(path.name, "is packed")
    if sum(member.file_size for member in members) > MOST_BYTES:
        raise _refused(path.name, "would unfold to gigabytes")


def _check_weights(path: Path) -> None:
    import h5py

    from mlcore.backbone_h5 import list_tensors

    try:
        with h5py.File(path, "r") as file:
            tensors = [(one.dtype.kind, one.nbytes) for one in list_tensors(file)]
    except (OSError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise _refused(path.name, f"cannot be read: {error}") from error
    if any(kind not in "fiu" for kind, _ in tensors):
        raise _refused(path.name, "holds something else than numbers")
    if sum(size for _, size in tensors) > MOST_BYTES:
        raise _refused(path.name, "would unfold to gigabytes")


def _refused(name: str, why: str) -> PredictionError:
    return PredictionError(f"{name} {why}. Nothing was taken from it.")
