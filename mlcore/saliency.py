"""Why a run said so: where in a picture the evidence for a label lies. No TensorFlow.

The predictor's process draws the maps; they are kept in the project's folder `why`,
from which anything may be deleted at any time.
"""

import base64
import binascii
import io
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image as PillowImage

from mlcore.errors import PredictionError
from mlcore.model_json import read_model_json
from mlcore.prediction_service import ask_child, usable_run_dir
from mlcore.saliency_maps import GRID, Pixels
from storage.files import explained_disk
from storage.projects import Project
from storage.records import Run

FOLDER_NAME = "why"
# About 20 kB each.
KEPT_AT_MOST = 2000
# To be raised when the same picture gives other maps.
VERSION = 2
# Magma's bright half: readable on dark and on light pictures, in colour and in print.
LOW, HIGH = np.array([142, 45, 127]), np.array([252, 230, 120])
FAINTEST, STRONGEST = 0.22, 0.82


@dataclass(frozen=True, slots=True)
class Heat:
    """Where a label's evidence lies: uint8 (GRID, GRID), 255 is the strongest place.

    `colour_share` is the part of it that is colour alone; None where nobody knows.
    """

    label_id: int
    values: Pixels
    colour_share: float | None


def explain(
    project: Project, run: Run, path: Path, sha256: str, label_ids: Sequence[int]
) -> list[Heat]:
    """Return a map for each label that the run knows, drawing those not kept yet.

    Raises `PredictionError` if the run or the picture cannot be used. The first one
    takes some seconds, until the model is loaded.
    """
    folder = usable_run_dir(project, run.run_id)
    facts = read_model_json(folder)
    columns = {row["label_id"]: at for at, row in enumerate(facts["labels"])}
    wanted = [i for i in dict.fromkeys(label_ids) if i in columns]
    kept_at = project.folder / FOLDER_NAME / run.run_id / f"{sha256}.json"
    mark = f"{VERSION}-{(folder / 'model.json').stat().st_mtime_ns}"
    maps = _read_kept(kept_at, mark)
    missing = [i for i in wanted if str(i) not in maps]
    if missing:
        places = [columns[i] for i in missing]
        wish = {"run_dir": str(folder), "path": str(path.resolve()), "columns": places}
        drawn = ask_child({"why": wish})["maps"]
        maps |= {str(i): one for i, one in zip(missing, drawn, strict=True)}
        _keep(kept_at, {"mark": mark, "maps": maps})
    return [_as_heat(i, maps[str(i)]) for i in wanted]


def paint(heat: Heat) -> str:
    """Return a map as the address of a see-through PNG to lay over the picture."""
    share = heat.values.astype(np.float64) / 255
    found = np.zeros((GRID, GRID, 4), np.uint8)
    found[..., :3] = LOW + (HIGH - LOW) * share[..., None]
    seen = np.clip((share - FAINTEST) / (1 - FAINTEST), 0, 1)
    found[..., 3] = np.round(255 * STRONGEST * seen)
    buffer = io.BytesIO()
    PillowImage.fromarray(found, "RGBA").save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def _as_heat(label_id: int, one: Mapping[str, Any]) -> Heat:
    try:
        data = base64.b64decode(one["heat"])
        values = np.frombuffer(data, np.uint8).reshape(GRID, GRID)
    except (binascii.Error, ValueError, KeyError, TypeError) as error:
        raise PredictionError("A kept heat map is damaged; delete “why”.") from error
    return Heat(label_id, values, one["colour_share"])


def _read_kept(path: Path, mark: str) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text("utf-8"))
        return dict(found["maps"]) if found["mark"] == mark else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _keep(path: Path, found: dict[str, Any]) -> None:
    partial = path.with_name(f".{secrets.token_hex(4)}.tmp")
    with explained_disk():
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(json.dumps(found), "utf-8")
        partial.replace(path)
    others = [p for p in path.parent.parent.rglob("*.json") if p != path]
    if len(others) >= KEPT_AT_MOST:
        others.sort(key=lambda p: p.stat().st_mtime)
        for old in others[: len(others) - KEPT_AT_MOST + 1]:
            old.unlink(missing_ok=True)
