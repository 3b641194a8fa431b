"""Features of pictures outside a project, from the predictor's process.

The caller's end loads no TensorFlow; the child's end does where no run that looks at
pictures in this way was converted.
"""

import base64
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mlcore.errors import BadImage, PredictionError
from mlcore.feature_spec import FeatureSpec
from mlcore.feature_views import Extractor

Floats = npt.NDArray[np.float32]
AT_ONCE = 32
OTHER_WEIGHTS = (
    "The pretrained network is not the one that looked at this project's pictures. "
    "Train a run of the recipe quick, then try again."
)


def features_of(
    spec: FeatureSpec,
    weights_file: str | None,
    paths: Sequence[Path],
    *,
    made_with: str = "",
) -> list[Floats | str]:
    """The features of each file, or the reason why there are none, in order.

    PredictionError when the predictor cannot answer, or when its weights are not those
    with the fingerprint `made_with`.
    """
    from mlcore.prediction_service import ask_child

    found: list[Floats | str] = []
    for start in range(0, len(paths), AT_ONCE):
        part = [str(path.resolve()) for path in paths[start : start + AT_ONCE]]
        wish = {"spec": asdict(spec), "weights_file": weights_file, "paths": part}
        wish["made_with"] = made_with
        answer = ask_child({"features": wish})
        found += [_unpack(row) for row in answer["features"]]
    return found


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """What the child answers to such a request; MLError as in prediction."""
    from mlcore.features import fingerprint

    wish = request["features"]
    spec = FeatureSpec(**wish["spec"])
    if wish["made_with"] not in ("", fingerprint(spec, wish["weights_file"])):
        raise PredictionError(OTHER_WEIGHTS)
    read = [_read(Path(path), spec.size_px) for path in wish["paths"]]
    pictures = [found for found in read if not isinstance(found, str)]
    rows: Floats = np.zeros((0, 0), np.float32)
    if pictures:
        rows = _load_extractor(spec, wish["weights_file"])(np.stack(pictures))
    known = iter(rows)
    features = [one if isinstance(one, str) else _pack(next(known)) for one in read]
    return {"id": request["id"], "features": features}


def _load_extractor(spec: FeatureSpec, weights_file: str | None) -> Extractor:
    """The engine of a network that was converted, else TensorFlow."""
    from mlcore.engine import load_extractor

    found = load_extractor(spec, weights_file)
    if found is None:
        from mlcore.features import make_extractor
        from mlcore.quiet import import_tensorflow

        import_tensorflow()
        found = make_extractor(spec, weights_file)
    return found


def _read(path: Path, size_px: int) -> npt.NDArray[np.uint8] | str:
    """The pixels the network is fed, or the reason there are none."""
    from mlcore.fitted_pictures import read_fitted
    from storage.home import load_settings

    try:
        return read_fitted(path, size_px, load_settings())
    except BadImage as error:
        return str(error)


def _pack(row: Floats) -> dict[str, str]:
    # JSON numbers would be five times as long.
    return {"f4": base64.b64encode(row.astype("<f4").tobytes()).decode()}


def _unpack(row: dict[str, str] | str) -> Floats | str:
    if isinstance(row, str):
        return row
    try:
        return np.frombuffer(base64.b64decode(row["f4"]), "<f4").astype(np.float32)
    except (KeyError, ValueError) as error:
        raise PredictionError("The predictor's answer cannot be read.") from error
