"""The proof of an exported model: its own script runs alone and answers the same.

A fresh process in the unpacked zip, with an empty environment: only the packages that
the README names can be imported, never Unseen.
"""

import json
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mlcore.errors import PredictionError
from mlcore.exporting import ExportError
from mlcore.model_scripts import Runtime

TIME_LIMIT_S = 300.0
LOOK_EVERY_S = 0.2
OURS = ("mlcore", "storage", "pages", "app", "benchmarks")
# Lets the script import the standard library and what is named; then runs it.
RUNNER = """
import runpy, sys
allowed, refused, site, pictures = {allowed!r}, {refused!r}, {site!r}, {pictures!r}
class OnlyThese:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        known = not allowed or top in allowed or top in sys.stdlib_module_names
        if top in refused or not known:
            raise ModuleNotFoundError("not allowed here: " + name, name=name)
sys.path[:0], sys.argv = ["."], ["predict.py", *pictures]
sys.path += site
sys.meta_path.insert(0, OnlyThese())
runpy.run_path("predict.py", run_name="__main__")
"""


@dataclass(frozen=True, slots=True)
class Proof:
    """How the script's answers compare with Unseen's on so many pictures.

    `difference` is the largest of any probability, `mean` the mean one; `same` counts
    pictures with the same labels.
    """

    pictures: int
    difference: float
    mean: float
    same: int
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """Plain values, as they are kept."""
        return asdict(self)


def prove(
    folder: Path,
    runtime: Runtime,
    expected: Sequence[dict[str, Any]],
    is_cancelled: Callable[[], bool],
) -> Proof | None:
    """Run predict.py of an unpacked zip on its pictures; None when cancelled.

    Raises `ExportError` when the script fails or leaves a picture out.
    """
    began = time.monotonic()
    answers = _run(folder, runtime, [row["file"] for row in expected], is_cancelled)
    if answers is None:
        return None
    if [row["file"] for row in answers] != [row["file"] for row in expected]:
        raise ExportError("predict.py in the zip left pictures out. Nothing was made.")
    gaps = [
        abs(found["probabilities"][name] - said)
        for found, row in zip(answers, expected, strict=True)
        for name, said in row["probabilities"].items()
    ]
    same = sum(
        set(found["labels"]) == set(row["labels"])
        for found, row in zip(answers, expected, strict=True)
    )
    seconds = round(time.monotonic() - began, 2)
    mean = sum(gaps) / max(1, len(gaps))
    return Proof(len(expected), max(gaps, default=0.0), mean, same, seconds)


def _run(
    folder: Path,
    runtime: Runtime,
    pictures: list[str],
    is_cancelled: Callable[[], bool],
) -> list[dict[str, Any]] | None:
    site = sorted({sysconfig.get_path(name) for name in ("purelib", "platlib")})
    code = RUNNER.format(
        allowed=runtime.modules, refused=OURS, site=site, pictures=pictures
    )
    # -I: no variables, no folder of the user; -S: no packages but those put in above.
    command = [sys.executable, "-I", "-S", "-c", code]
    said, log = folder / ".said", folder / ".log"
    with said.open("wb") as out, log.open("wb") as errors:
        child = subprocess.Popen(
            command,
            cwd=folder,
            env={},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=errors,
        )
        is_done = _wait(child, is_cancelled)
    if not is_done:
        return None
    lines = said.read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines if line.startswith("{")]
    if child.returncode:
        last = log.read_text("utf-8", "replace").strip().splitlines()[-1:]
        reasons = [row["error"] for row in rows if "error" in row][:1] or last
        raise ExportError(
            "predict.py in the zip failed by itself: "
            f"{' '.join(reasons) or 'no reason'}. Nothing was made."
        )
    return rows


def _wait(child: "subprocess.Popen[bytes]", is_cancelled: Callable[[], bool]) -> bool:
    """Wait for the end of the process; False when it was ended for a cancel."""
    ends = time.monotonic() + TIME_LIMIT_S
    while True:
        try:
            child.wait(LOOK_EVERY_S)
            return True
        except subprocess.TimeoutExpired:
            is_late = time.monotonic() > ends
            if not is_late and not is_cancelled():
                continue
        child.kill()
        child.wait()
        if is_late:
            raise PredictionError("predict.py in the zip took too long.")
        return False
