"""A run without held-out pictures is measured on its project's labelled pictures."""

from collections.abc import Callable
from typing import Any

import numpy as np

from mlcore.errors import PredictionError
from mlcore.evaluation import load_held_out
from mlcore.imported_snapshot import is_imported
from mlcore.measured import MEASURED, Measured, keep_measured
from mlcore.measured_pictures import Chosen, choose_pictures
from mlcore.model_json import MODEL_NAME, encode, read_model_json
from mlcore.model_labels import refit_labels
from mlcore.model_outputs import tabulate
from mlcore.pixel_hashes import image_file
from mlcore.prediction_service import classify, usable_run_dir
from mlcore.predictions import Prediction
from mlcore.snapshot import Snapshot
from storage.database import now_text
from storage.files import write_durably
from storage.label_changes import history_end
from storage.projects import Project

OnProgress = Callable[[int, int], None]
IsCancelled = Callable[[], bool]


def measure_run(
    project: Project,
    run_id: str,
    *,
    on_progress: OnProgress = lambda done, total: None,
    is_cancelled: IsCancelled = lambda: False,
) -> Measured | None:
    """Let a run answer the labelled pictures and keep what it said; None if cancelled.

    What was measured before stays until then. Raises `PredictionError` where no
    picture can tell anything, or pictures were held out for that.
    """
    folder = usable_run_dir(project, run_id)
    _check_unmeasured(project, run_id)
    end = history_end(project)
    facts = _refit(project, run_id)
    chosen = choose_pictures(project, run_id, facts)
    images = chosen.snapshot.images
    if images.empty:
        raise PredictionError(_why_none(run_id, chosen))
    paths = [
        image_file(project, sha256, ext)
        for sha256, ext in zip(images["sha256"], images["ext"], strict=True)
    ]
    found = classify(
        project.name,
        run_id,
        paths,
        on_progress=on_progress,
        is_cancelled=is_cancelled,
    )
    # The last batch may be there when somebody cancels.
    if is_cancelled() or len(found) < len(paths):
        return None
    good = np.array([at for at, one in enumerate(found) if not one.error], np.intp)
    if not len(good):
        raise PredictionError(f"No labelled picture can be read: {found[0].error}")
    said = [found[at] for at in good]
    facts_kept = _describe(chosen, len(good), len(found) - len(good), end)
    table = tabulate(chosen.snapshot, good, _probabilities(said, chosen.snapshot))
    keep_measured(folder, chosen.snapshot, table, facts_kept)
    return facts_kept


def _check_unmeasured(project: Project, run_id: str) -> None:
    try:
        split = load_held_out(project, run_id).split
    except PredictionError:
        return
    if split != MEASURED:
        raise PredictionError(
            f"Run {run_id} kept {split} pictures, and they measure it already: "
            f"`evaluate {project.name} {run_id}`."
        )


def is_outdated(project: Project, run_id: str, measured: Measured) -> bool:
    """Whether measuring again would ask other pictures, or count other answers."""
    if history_end(project) == measured.history_end:
        return False
    facts = read_model_json(usable_run_dir(project, run_id))
    if is_imported(facts):
        facts = refit_labels(project, facts)
    now = choose_pictures(project, run_id, facts).snapshot
    return now.data_sha256() != measured.data_sha256


def _refit(project: Project, run_id: str) -> dict[str, Any]:
    """The run's model.json; labels made since it came are taken for those it knows."""
    folder = usable_run_dir(project, run_id)
    facts = read_model_json(folder)
    if not is_imported(facts):
        return facts
    fitted = refit_labels(project, facts)
    if fitted != facts:
        write_durably(folder / MODEL_NAME, encode(fitted))
    return fitted


def _probabilities(said: list[Prediction], snapshot: Snapshot) -> Any:
    names = [label.name for label in snapshot.labels]
    return np.array([[p.probabilities[n] for n in names] for p in said], np.float32)


def _describe(chosen: Chosen, images: int, unreadable: int, end: int) -> Measured:
    return Measured(
        made_at=now_text(),
        labelled=chosen.labelled,
        images=images,
        strange=chosen.strange,
        trained_on=chosen.trained_on,
        unreadable=unreadable,
        trained_as=chosen.trained_as,
        not_known=chosen.not_known,
        not_here=chosen.not_here,
        history_end=end,
        data_sha256=chosen.snapshot.data_sha256(),
    )


def _why_none(run_id: str, chosen: Chosen) -> str:
    if not chosen.labelled:
        return (
            "There is no labelled picture to measure on. Label some with the labels "
            f"of run {run_id} first."
        )
    if chosen.trained_on == chosen.labelled:
        return (
            f"Run {run_id} trained on every labelled picture of this project: none is "
            "left to measure it on. Label pictures it never saw."
        )
    known = ", ".join(label.name for label in chosen.snapshot.labels)
    return (
        f"None of the {chosen.labelled:,} labelled pictures says anything of the "
        f"labels that run {run_id} knows: {known}. Name labels alike, or label some."
    )
