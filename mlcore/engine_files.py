"""Where the network of a run is kept as ONNX, which answers without TensorFlow.

Such a file can be thrown away: it is made anew from the run's own files. Its name says
what it was made from and what it holds, so a changed one is not used. Runs on frozen
features share the file of their pretrained network.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlcore.config import TrainConfig
from mlcore.feature_model import spec_of
from mlcore.feature_spec import FeatureSpec
from mlcore.model_json import WEIGHTS_NAME
from storage.home import home_dir

# To be raised when the same run is to be converted anew.
VERSION = 1
# No project can have a name like this.
FOLDER_NAME = ".engines"
PREFIX = "engine-"
DIGITS = 16


@dataclass(frozen=True, slots=True)
class EnginePlace:
    """Where an engine belongs; `stem` is the start of its name."""

    folder: Path
    stem: str

    @property
    def failure(self) -> Path:
        """The file that says why it cannot be made; Keras answers then."""
        return self.folder / f"{self.stem}.failed.txt"

    def path_of(self, content: bytes) -> Path:
        """What a file of this content is called."""
        digest = hashlib.sha256(content).hexdigest()[:DIGITS]
        return self.folder / f"{self.stem}-{digest}.onnx"

    def find(self) -> Path | None:
        """The newest file made from the same run files; its content is unchecked."""
        found = list(self.folder.glob(f"{self.stem}-*.onnx"))
        return max(found, key=lambda path: path.stat().st_mtime_ns, default=None)

    def is_sound(self, path: Path) -> bool:
        """Whether the file holds what its name says."""
        return path == self.path_of(path.read_bytes())


def engine_place(
    run_dir: Path, facts: Mapping[str, Any], config: TrainConfig
) -> EnginePlace:
    """Where the engine of a run belongs whose files were checked."""
    if config.network != "features":
        made_from = [facts["files"][WEIGHTS_NAME], facts["config"]]
        text = json.dumps([*made_from, facts.get("branches")], sort_keys=True)
        digest = hashlib.sha256(text.encode()).hexdigest()[:DIGITS]
        return EnginePlace(run_dir, f"{PREFIX}v{VERSION}-{digest}")
    return backbone_place(spec_of(config), str(facts["backbone"]["weights_sha256"]))


def backbone_place(spec: FeatureSpec, weights_sha256: str) -> EnginePlace:
    """Where the engine of a pretrained network with these weights belongs."""
    # A picture and its gray self are looked at by the same network.
    view = "gray" if spec.view == "gray" else "rgb"
    choices = f"{spec.backbone}-{spec.size_px}px-{spec.depths}-{view}"
    stem = f"{PREFIX}v{VERSION}-{choices}-{weights_sha256[:DIGITS]}"
    return EnginePlace(home_dir() / FOLDER_NAME, stem)


def is_wanted() -> bool:
    """Whether runs are converted; UNSEEN_ENGINE=keras answers with Keras alone."""
    return os.environ.get("UNSEEN_ENGINE", "onnx") != "keras"
