"""What runs say of new pictures is remembered; of doubtful ones people are asked.

Remembering is a project's setting, on unless somebody switched it off. No tensorflow.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from mlcore.model_json import read_model_json
from mlcore.predictions import (
    FAR,
    PERHAPS_UNSEEN,
    PLAUSIBLE,
    RARE,
    Prediction,
    write_share,
)
from mlcore.scoring_readings import read_scores
from mlcore.training_view import TrainingView, view_of_model
from storage.classified import Classified, remember_classified
from storage.database import immediate
from storage.doubted import Doubted, put_doubted, put_doubted_readings
from storage.files import digest_file
from storage.project_settings import read_setting, write_setting
from storage.projects import Project
from storage.runs import run_dir
from storage.scores import put_scores, scoring_run

REMEMBER = "remember_classified"


def is_remembering(project: Project) -> bool:
    """Whether what is classified from now on is remembered."""
    return bool(read_setting(project, REMEMBER, True))


def set_remembering(project: Project, remember: bool) -> None:
    """Switch remembering on or off; what is remembered stays."""
    write_setting(project, REMEMBER, remember)


def view_of_run(project: Project, run_id: str) -> TrainingView:
    """The labels and training images of a run; `PredictionError` without a model."""
    return view_of_model(read_model_json(run_dir(project, run_id)))


def remember(
    project: Project, run_id: str, found: Mapping[str, Prediction], *, who: str
) -> int:
    """Remember what a run said of pictures, by their sha256; returns how many.

    Unreadable pictures are left out.
    """
    if not is_remembering(project):
        return 0
    ids = label_ids_of(view_of_run(project, run_id))
    rows = [
        _as_row(sha256, run_id, one, ids, who)
        for sha256, one in found.items()
        if not one.error
    ]
    return remember_classified(project, rows)


def remember_files(
    project: Project,
    run_id: str,
    found: Sequence[tuple[Path, Prediction]],
    *,
    who: str,
) -> int:
    """`remember` for files that were just read; one that is gone is left out."""
    read: dict[str, Prediction] = {}
    for path, one in found:
        with suppress(OSError):
            read[digest_file(path)] = one
    return remember(project, run_id, read, who=who)


def label_ids_of(view: TrainingView) -> dict[str, int]:
    """The ids of a run's labels, by their names then."""
    return {label.name: label.label_id for label in view.labels}


def _as_row(
    sha256: str, run_id: str, one: Prediction, ids: Mapping[str, int], who: str
) -> Classified:
    return Classified(
        sha256=sha256,
        name=one.name,
        run_id=run_id,
        who=who,
        reading=tuple(ids[name] for name in one.labels),
        labels=tuple(one.labels),
        is_seen=one.combination_seen,
        is_doubtful=one.is_doubtful,
        unseen_share=one.unseen_share,
        probabilities={ids[name]: one.probabilities[name] for name in one.labels},
    )


def ask_about(
    project: Project,
    run_id: str,
    found: Mapping[int, Prediction],
    *,
    who: str,
    batch_id: str,
) -> None:
    """Ask people to look at these images, with what the run reads as suggestion."""
    view = view_of_run(project, run_id)
    ids = label_ids_of(view)
    rows = [
        Doubted(i, run_id, doubt_reason(one), one.doubt, batch_id)
        for i, one in found.items()
    ]
    with immediate(project.db):
        put_doubted(project, rows, who=who)
        readings = {i: [ids[x] for x in one.labels] for i, one in found.items()}
        put_doubted_readings(project, run_id, readings)
        _suggest(project, run_id, view, found)


def _suggest(
    project: Project, run_id: str, view: TrainingView, found: Mapping[int, Prediction]
) -> None:
    if not found or scoring_run(project) not in (None, run_id):
        return  # the run that suggests everywhere else does so here, too
    said = [[one.probabilities[name] for name in view.names] for one in found.values()]
    put_scores(project, run_id, read_scores(view, run_id, [*found], np.array(said)))


def doubt_reason(one: Prediction) -> str:
    """Why a person should look, in a few words: “read as black jeans; …”."""
    said = one.separator.join(one.combination) or ", ".join(one.labels)
    if not said:
        return "nothing was read in it"
    if FAR in one.doubts:
        return f"read as {said}; unlike anything in training"
    if not one.combination_seen:
        return f"read as {said}, which was never in training"
    if rivals := _rivals(one):
        verb = "was" if len(rivals) == 1 else "were"
        return f"read as {said}; {' and '.join(rivals)} {verb} never in training"
    if RARE in one.doubts:
        return f"read as {said}, seen only {one.seen_count} × in training"
    label, share = _closest(one)
    return f"read as {said}; {label} {write_share(share)}"


def _rivals(one: Prediction, at_most: int = 2) -> Sequence[str]:
    """Combinations training lacks that the picture may show instead."""
    enough = 0.0 if PERHAPS_UNSEEN in one.doubts else PLAUSIBLE
    likely = [
        one.separator.join(other.labels)
        for other in one.alternatives
        if not other.seen and other.probability >= enough
    ]
    return (likely[:1] or one.missing)[:at_most]


def _closest(one: Prediction) -> tuple[str, float]:
    """The label whose probability is closest to one half."""
    return min(one.probabilities.items(), key=lambda item: abs(item[1] - 0.5))
