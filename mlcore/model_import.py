"""A model's zip becomes a run of another project: numbers only, each file verified.

The zip is a stranger's until it is proved: names, sizes and digests are those of its
manifest, the network is one of ours, and nothing in it is ever run or unpickled.
"""

import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mlcore.errors import BadArchive, PredictionError
from mlcore.label_changes import label_changes
from mlcore.model_about import ABOUT_NAME
from mlcore.model_json import MODEL_NAME, config_of, encode, read_model_json
from mlcore.model_labels import fit_labels
from mlcore.model_numbers import check_numbers
from mlcore.model_package import EXPECTED_NAME, RUN_FOLDER
from mlcore.model_steps import IMPORT_STEPS
from mlcore.model_unpacking import open_package
from mlcore.training_view import view_of_model
from storage.files import digest_file, write_durably
from storage.projects import Project, runs_dir
from storage.run_imports import IMPORTED, adopt_run
from storage.runs import list_runs, run_dir

OnProgress = Callable[[int, int], None]
IsCancelled = Callable[[], bool]
# Other processors round differently; more means other weights or another network.
TOLERANCE = 1e-3
ORIGIN = ("project", "run", "made_at")
NAMED_AT_MOST = 100
FIGURES = {"exact_match": "exact match", "left_out": "never-shown combinations"}


@dataclass(frozen=True, slots=True)
class ModelImport:
    """A run that came in: from where, how its labels differ, and whether it answers.

    `difference` is the largest of any probability on `pictures` test pictures;
    `problem` says why it cannot answer on this computer, "" if it can. With `is_known`
    the same model was here already, as that run, and nothing was made.
    """

    run_id: str
    origin: str
    labels: str
    pictures: int = 0
    difference: float = 0.0
    problem: str = ""
    is_known: bool = False

    def as_json(self) -> dict[str, Any]:
        """Plain values, as they are kept and printed."""
        return asdict(self)


def import_model(
    project: Project,
    source: Path,
    *,
    shown: str = "",
    on_progress: OnProgress = lambda done, total: None,
    is_cancelled: IsCancelled = lambda: False,
) -> ModelImport | None:
    """Make a run of the zip `source`, unless it is here already; None when cancelled.

    `shown` is what messages call the file. Raises `BadArchive` naming the file in the
    zip that is not as its manifest says, and `PredictionError` where its model cannot
    be one of ours; nothing is left behind then.
    """
    shown = shown or source.name
    runs_dir(project).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=project.folder, prefix=".model-") as place:
        unpacked = Path(place) / "zip"
        on_progress(0, len(IMPORT_STEPS))
        if not open_package(source, unpacked, shown, is_cancelled):
            return None
        facts = _check_model(unpacked / RUN_FOLDER, shown)
        if known := _find_known(project, unpacked):
            return known
        on_progress(1, len(IMPORT_STEPS))
        trial = _try_out(unpacked, facts)
        if is_cancelled():
            return None
        on_progress(2, len(IMPORT_STEPS))
        return _take_over(project, unpacked, facts, trial)


def _check_model(draft: Path, shown: str) -> dict[str, Any]:
    try:
        facts = read_model_json(draft)
        config_of(draft, facts)
        view_of_model(facts)
        check_numbers(draft, facts)
    except PredictionError as error:
        raise BadArchive(f"The model in “{shown}” cannot be used: {error}") from error
    return facts


def _find_known(project: Project, unpacked: Path) -> ModelImport | None:
    """The run that the same model became before, as long as it is there."""
    digest = _digest_model(unpacked)
    for run in list_runs(project):
        if run.recipe != IMPORTED or not run.is_usable:
            continue
        try:
            facts = read_model_json(run_dir(project, run.run_id))
        except PredictionError:
            continue  # a damaged one is best brought in again
        origin = facts.get("imported", {})
        if origin.get("digest") == digest:
            where = f"{origin['project']}, {origin['run']}"
            labels = label_changes(project, facts).sentence()
            return ModelImport(run.run_id, where, labels, is_known=True)
    return None


def _digest_model(unpacked: Path) -> str:
    """SHA-256 of the model.json that came: it has the digests of the model's files."""
    return digest_file(unpacked / RUN_FOLDER / MODEL_NAME)


def _try_out(unpacked: Path, facts: Mapping[str, Any]) -> tuple[int, float, str]:
    """Answer the test pictures here: how many, how far off, or why it cannot."""
    from mlcore.model_trial import answer_pictures, what_is_missing

    draft = unpacked / RUN_FOLDER
    if problem := what_is_missing(draft, facts):
        return 0, 0.0, problem
    try:
        expected = json.loads((unpacked / EXPECTED_NAME).read_text("utf-8"))
        difference = answer_pictures(draft, unpacked, expected)
    except (PredictionError, LookupError, TypeError, ValueError) as error:
        raise BadArchive(
            f"The model in the zip cannot answer its own test pictures: {error}. "
            "Nothing was taken from it."
        ) from error
    if difference > TOLERANCE:
        raise BadArchive(
            "The model does not answer its own test pictures as it did where it was "
            f"made: probabilities differ by up to {difference:.4f}. Export it again."
        )
    return len(expected), difference, ""


def _take_over(
    project: Project,
    unpacked: Path,
    facts: dict[str, Any],
    trial: tuple[int, float, str],
) -> ModelImport:
    origin = _read_origin(unpacked)
    kept = origin | {"digest": _digest_model(unpacked)}
    fitted = fit_labels(project, facts) | {"imported": kept}
    # A path of somebody else's computer is none of ours.
    fitted["config"] = {**fitted["config"], "weights_file": None}
    draft = unpacked / RUN_FOLDER
    write_durably(draft / MODEL_NAME, encode(fitted))
    where = f"{origin['project']}, {origin['run']}"
    message = f"Imported from {where}{_read_figures(unpacked)}"
    run = adopt_run(project, draft, config=fitted["config"], message=message)
    labels = label_changes(project, fitted)
    return ModelImport(run.run_id, where, labels.sentence(), *trial)


def _read_origin(unpacked: Path) -> dict[str, str]:
    try:
        about = json.loads((unpacked / ABOUT_NAME).read_text("utf-8"))
        return {key: str(about["from"][key])[:NAMED_AT_MOST] for key in ORIGIN}
    except (LookupError, TypeError, ValueError) as error:
        raise BadArchive(
            f"{ABOUT_NAME} in the zip does not say where the model is from."
        ) from error


def _read_figures(unpacked: Path) -> str:
    """What was measured where it was trained, to stand behind its origin, or ""."""
    origin = json.loads((unpacked / ABOUT_NAME).read_text("utf-8"))["from"]
    found = []
    for key, words in FIGURES.items():
        share = origin.get(key)
        if isinstance(share, float | int) and 0 <= share <= 1:
            found.append(f"{words} {share * 100:.1f} %")
    return f"; where it was trained: {', '.join(found)}" if found else ""
