"""Heat maps, at the end of the predictor's process: {"why": …} in, maps out."""

import base64
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from mlcore.dataset import Pixels
from mlcore.errors import BadImage, PredictionError
from mlcore.fitted_pictures import read_fitted
from mlcore.model_json import check_files, config_of, read_model_json
from mlcore.saliency_features import FeatureLight
from mlcore.saliency_maps import Evidence, to_heat
from storage.home import load_settings


class Light(Protocol):
    """What shows where a run finds what it says."""

    def explain(self, picture: Pixels, columns: list[int]) -> list[Evidence]:
        """The evidence for each label."""


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """What the child answers: a map for each of the columns; MLError as a sentence."""
    wish = request["why"]
    run_dir = Path(wish["run_dir"])
    described = run_dir / "model.json"
    changed_ns = described.stat().st_mtime_ns if described.exists() else 0
    light, size_px, has_colours = _load(run_dir, changed_ns)
    picture = _read(Path(wish["path"]), size_px)
    found = light.explain(picture, list(wish["columns"]))
    maps = [
        {
            "heat": base64.b64encode(_heat(one)).decode(),
            "colour_share": round(one.colour_share, 4) if has_colours else None,
        }
        for one in found
    ]
    return {"id": request["id"], "maps": maps}


# A model written anew in the same folder is another one.
@lru_cache(maxsize=2)
def _load(run_dir: Path, _changed_ns: int) -> tuple[Light, int, bool]:
    facts = read_model_json(run_dir)
    config = config_of(run_dir, facts)
    check_files(run_dir, facts)
    from mlcore.quiet import import_tensorflow

    import_tensorflow()
    if config.network == "features":
        light = FeatureLight.of_run(run_dir, facts, config)
        return light, config.image_size_px, light.spec.has_colours
    from mlcore.saliency_networks import NetworkLight

    return NetworkLight(run_dir, facts, config), config.image_size_px, False


def _read(path: Path, size_px: int) -> Pixels:
    try:
        return read_fitted(path, size_px, load_settings())
    except BadImage as error:
        raise PredictionError(f"This picture cannot be read: {error}") from error


def _heat(one: Evidence) -> bytes:
    return to_heat(one.network + one.colours).tobytes()
