"""A model from elsewhere answers its own test pictures here. Loads TensorFlow."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mlcore.dataset import fit_image
from mlcore.errors import BadArchive, BadImage, PredictionError
from mlcore.feature_model import read_spec
from mlcore.images import read_image
from mlcore.model_json import config_of
from mlcore.quiet import import_tensorflow
from storage.home import load_settings


def what_is_missing(run_dir: Path, facts: Mapping[str, Any]) -> str:
    """Why this computer cannot answer with a model whose files are sound; "" if it can.

    A head needs the very pretrained network it was fitted to, which is not in the zip.
    """
    config = config_of(run_dir, dict(facts))
    if config.network != "features":
        return ""
    try:
        read_spec(run_dir, facts, config)
    except PredictionError as error:
        return str(error)
    return ""


def answer_pictures(
    run_dir: Path, folder: Path, expected: Sequence[dict[str, Any]]
) -> float:
    """How far the probabilities are from `expected` at most.

    Raises `PredictionError` where the model cannot answer on this computer, and
    `BadArchive` for a picture that cannot be read.
    """
    import_tensorflow()
    from mlcore.model_files import load_model

    model = load_model(run_dir)
    names = [str(row["name"]) for row in model.model_json["labels"]]
    size = int(model.model_json["image_size_px"])
    known = {f"test/{path.name}": path for path in (folder / "test").iterdir()}
    pixels = [_read(known[row["file"]], row["file"], size) for row in expected]
    if not pixels:
        return 0.0
    said = model.read(np.stack(pixels)).probabilities
    wanted = [[row["probabilities"][name] for name in names] for row in expected]
    return float(np.abs(said - np.array(wanted)).max())


def _read(path: Path, name: str, size_px: int) -> Any:
    limits = load_settings()
    try:
        found = read_image(
            path.read_bytes(),
            max_bytes=limits.max_image_bytes,
            max_pixels=limits.max_image_pixels,
        )
        return fit_image(found.pixels, size_px)
    except BadImage as error:
        raise BadArchive(f"“{name}” in the zip: {error}") from error
