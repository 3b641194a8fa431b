"""Having a run converted in a process of its own, once. No TensorFlow here."""

import contextlib
import os
import subprocess
import sys
from pathlib import Path

from mlcore.engine_files import engine_place, is_wanted
from mlcore.errors import PredictionError
from mlcore.model_json import config_of, read_model_json
from storage.home import home_dir

ROOT = Path(__file__).resolve().parent.parent
LOG_NAME = "engine.log"
_writers: "list[subprocess.Popen[bytes]]" = []


def needs_engine(run_dir: Path) -> bool:
    """Whether a run could be converted and was not yet."""
    if not is_wanted():
        return False
    try:
        model_json = read_model_json(run_dir)
        config = config_of(run_dir, model_json)
        place = engine_place(run_dir, model_json, config)
    except (PredictionError, KeyError):
        return False
    return place.find() is None and not place.failure.exists()


def start_writer(run_dir: Path) -> bool:
    """Start the conversion unless one goes on or none is needed; whether it did.

    It outlives this process: what it makes serves the next one.
    """
    _writers[:] = [writer for writer in _writers if writer.poll() is None]
    if _writers or not needs_engine(run_dir):
        return False
    # A data folder that is gone wants nothing any more.
    with contextlib.suppress(OSError), (home_dir() / LOG_NAME).open("wb") as log:
        _writers.append(
            subprocess.Popen(
                [sys.executable, "-m", "mlcore.engine_writer", str(run_dir)],
                cwd=ROOT,
                env={**os.environ, "UNSEEN_HOME": str(home_dir())},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        )
        return True
    return False
