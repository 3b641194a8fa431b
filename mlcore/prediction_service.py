"""Classify pictures from any thread without loading a model in this process.

One long-lived child (`mlcore.predictor_process`) answers JSON lines. It starts when
somebody asks, ends itself when idle, and is started again when it died. Callers take
turns batch by batch, so two people classifying share it fairly.
"""

import atexit
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mlcore.errors import PredictionError
from mlcore.left_out import LeftOutStudy, study_of_run
from mlcore.left_out_answer import figures_like
from mlcore.model_json import read_model_json
from mlcore.predictions import Prediction
from mlcore.predictor_child import ChildGone, PredictorChild
from storage import projects, runs
from storage.projects import Project

BATCH = 32
# The first answer of a run that was not converted waits for TensorFlow to load, where
# other work keeps all cores busy a minute. A process that ends is noticed at once.
ANSWER_TIMEOUT_S = 180.0

_turn = threading.Lock()
_child: PredictorChild | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A picture somebody asks about: the path of a file, or the bytes of one."""

    name: str
    path: str = ""
    data: bytes | None = None

    @property
    def record(self) -> tuple[str, str, int | None]:
        """What the request says of it; its bytes follow the request."""
        size = None if self.data is None else len(self.data)
        return self.path or self.name, self.name, size


def classify(
    project_name: str,
    run_id: str,
    paths: Sequence[Path],
    *,
    on_progress: Callable[[int, int], None] | None = None,
    is_cancelled: Callable[[], bool] | None = None,
    names: Sequence[str] | None = None,
) -> list[Prediction]:
    """Return one prediction a path, in order; unreadable pictures carry an error.

    `names` are shown instead of file names. `on_progress(done, total)` is called
    after each batch of 32. When cancelled, what is done so far is returned. Raises
    `PredictionError` if the run cannot be used or the predictor keeps dying, and
    `StorageError` if project or run are unknown.
    """
    shown = list(names) if names is not None else [path.name for path in paths]
    if len(shown) != len(paths):
        raise ValueError(f"{len(paths)} paths but {len(shown)} names.")
    pairs = zip(paths, shown, strict=True)
    pictures = [Asked(name, str(path.resolve())) for path, name in pairs]
    folder, study = _find_run(project_name, run_id)
    found: list[Prediction] = []
    stop = is_cancelled or _never
    for batch in _batches(pictures):
        answer = _ask(folder, batch, stop)
        if answer is None:
            break
        found += [_with_figures(one, study) for one in answer]
        if on_progress:
            on_progress(len(found), len(pictures))
    return found


def classify_pictures(
    project_name: str, run_id: str, pictures: Sequence[Asked]
) -> list[Prediction]:
    """Like `classify`, of pictures that may be no files, all in one batch."""
    folder, study = _find_run(project_name, run_id)
    answer = _ask(folder, pictures, _never) or []
    return [_with_figures(one, study) for one in answer]


def _find_run(project_name: str, run_id: str) -> tuple[Path, LeftOutStudy | None]:
    with projects.open_project(project_name) as project:
        folder = usable_run_dir(project, run_id)
        return folder, study_of_run(project, runs.get_run(project, run_id))


def _with_figures(found: Prediction, study: LeftOutStudy | None) -> Prediction:
    if found.error:
        return found
    return replace(found, left_out=figures_like(study, found.unseen_combination))


def usable_run_dir(project: Project, run_id: str) -> Path:
    """Return the folder of a run that has a model; `PredictionError` if it has none."""
    run = runs.get_run(project, run_id)
    if not run.is_usable:
        raise PredictionError(
            f"Run {run_id} is {run.state} and has no model. Choose a finished run."
        )
    folder = runs.run_dir(project, run_id).resolve()
    read_model_json(folder)
    return folder


def shutdown_all() -> None:
    """End the predictor process, if there is one; the next question starts another."""
    global _child
    with _turn:
        if _child is not None:
            _child.close()
        _child = None


atexit.register(shutdown_all)


def _never() -> bool:
    return False


def _batches(pictures: Sequence[Asked]) -> Iterator[Sequence[Asked]]:
    for start in range(0, len(pictures), BATCH):
        yield pictures[start : start + BATCH]


def ask_child(
    request: Mapping[str, Any],
    is_cancelled: Callable[[], bool] = _never,
    data: Sequence[bytes] = (),
) -> dict[str, Any]:
    """Return what the predictor's process answers, {} when cancelled.

    `data` are the bytes that follow the request. One caller at a time. Raises
    `PredictionError` with its sentence, or when it keeps dying.
    """
    with _turn:
        if is_cancelled():
            return {}
        for attempt in (1, 2):
            try:
                child = _running_child()
                answer = child.ask(request, ANSWER_TIMEOUT_S, is_cancelled, data)
                break
            except ChildGone as gone:
                # It may have been idle and just left, so one death is forgiven.
                if attempt == 2:
                    raise PredictionError(str(gone)) from gone
    if answer is not None and "error" in answer:
        raise PredictionError(answer["error"])
    return answer or {}


def _ask(
    folder: Path, pictures: Sequence[Asked], is_cancelled: Callable[[], bool]
) -> list[Prediction] | None:
    """Return the batch's predictions, None when cancelled."""
    request = {"run_dir": str(folder), "pictures": [one.record for one in pictures]}
    data = [one.data for one in pictures if one.data is not None]
    answer = ask_child(request, is_cancelled, data)
    if not answer:
        return None
    return [Prediction.from_record(record) for record in answer["predictions"]]


def _running_child() -> PredictorChild:
    global _child
    if _child is None or not _child.is_alive():
        if _child is not None:
            _child.close()
        _child = PredictorChild()
    return _child
