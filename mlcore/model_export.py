"""A run taken away as a zip that proved itself: it runs elsewhere and says the same.

Loads TensorFlow when used; pages start it in a process of its own (model_jobs).
"""

import math
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlcore.export_outlet import draft_beside
from mlcore.exporting import ExportError
from mlcore.left_out import study_of_run
from mlcore.model_about import describe_export
from mlcore.model_formats import FORMATS, INT8_SAME_LABELS, TOLERANCE, ModelFormat
from mlcore.model_json import check_files, read_model_json
from mlcore.model_package import pack, write_pictures, write_run, write_texts
from mlcore.model_pictures import (
    TEST_AT_MOST,
    TestPicture,
    pick_pictures,
    pixels_of,
    read_training_pixels,
)
from mlcore.model_proof import Proof, prove
from mlcore.model_steps import EXPORT_STEPS
from mlcore.novelty import NOVELTY_NAME
from mlcore.prediction_service import usable_run_dir
from mlcore.quiet import import_tensorflow
from mlcore.readings import predict_one
from mlcore.training_view import view_of_model
from storage.database import now_text
from storage.projects import Project
from storage.records import Run
from storage.runs import get_run

OnProgress = Callable[[int, int], None]
IsCancelled = Callable[[], bool]


class _Cancelled(Exception):
    """Ends an export from inside; nothing is left behind."""


@dataclass(frozen=True, slots=True)
class ModelExport:
    """A zip that was made: its format, size, and the proof that it answers the same."""

    format_key: str
    size_bytes: int
    tolerance: float
    proof: Proof

    def as_json(self) -> dict[str, Any]:
        """Plain values, as they are kept and printed."""
        return {
            "format": self.format_key,
            "bytes": self.size_bytes,
            "tolerance": self.tolerance,
            **self.proof.as_json(),
        }


def export_model(
    project: Project,
    run_id: str,
    format_key: str,
    target: Path,
    on_progress: OnProgress = lambda done, total: None,
    is_cancelled: IsCancelled = lambda: False,
) -> ModelExport | None:
    """Write the run as a zip in `FORMATS[format_key]`; None when cancelled.

    The zip appears only after its own script, by itself, answered test pictures as
    Unseen does. Raises `ExportError` where it did not or `target` exists, and
    `PredictionError` where a file of the run was changed.
    """
    work = _Export(project, run_id, FORMATS[format_key], on_progress, is_cancelled)
    try:
        with draft_beside(target) as draft:
            return work.write(draft)
    except _Cancelled:
        return None


class _Export:
    """One export under way."""

    def __init__(
        self,
        project: Project,
        run_id: str,
        form: ModelFormat,
        on_progress: OnProgress,
        is_cancelled: IsCancelled,
    ) -> None:
        self.project, self.run_id, self.form = project, run_id, form
        self.on_progress, self.is_cancelled = on_progress, is_cancelled
        self.run_dir = usable_run_dir(project, run_id)
        self.facts = read_model_json(self.run_dir)
        self.done = 0

    def write(self, draft: Path) -> ModelExport:
        """Make the zip `draft` and prove it."""
        with tempfile.TemporaryDirectory(dir=draft.parent, prefix=".model-") as place:
            folder, unpacked = Path(place, "folder"), Path(place, "unpacked")
            folder.mkdir()
            expected, tolerance = self._fill(folder)
            self._step("Packing the zip")
            pack(folder, draft)
            self._step("Running its script by itself")
            with zipfile.ZipFile(draft) as archive:
                archive.extractall(unpacked)
            proof = prove(unpacked, self.form.runtime, expected, self.is_cancelled)
        if proof is None:
            raise _Cancelled
        self._judge(proof, tolerance)
        self.on_progress(len(EXPORT_STEPS), len(EXPORT_STEPS))
        return ModelExport(self.form.key, draft.stat().st_size, tolerance, proof)

    def _fill(self, folder: Path) -> tuple[list[dict[str, Any]], float]:
        """Put everything into the folder; what is expected, and how exactly."""
        self._step("Reading the run")
        check_files(self.run_dir, self.facts)
        write_run(folder, self.run_dir, self.facts)
        self._step("Building one model of it")
        import_tensorflow()
        from mlcore.model_forms import write_form
        from mlcore.whole_model import build_whole_model

        model = build_whole_model(self.run_dir)
        self._step("Writing the file")
        write_form(self.form.key, model, folder, self._calibrate)
        self._step("Answering test pictures")
        pictures = pick_pictures(self.project, self.run_id, TEST_AT_MOST)
        expected = self._expect(pictures)
        write_pictures(folder, pictures, expected)
        write_texts(folder, self._describe(TOLERANCE), self.form)
        tolerance = TOLERANCE
        if self.form.is_rounded:
            tolerance = self._measure(folder, expected)
            write_texts(folder, self._describe(tolerance), self.form)
        return expected, tolerance

    def _step(self, words: str) -> None:
        if self.is_cancelled():
            raise _Cancelled
        self.on_progress(EXPORT_STEPS.index(words), len(EXPORT_STEPS))

    def _calibrate(self, size_px: int, count: int) -> Any:
        return read_training_pixels(self.project, self.run_id, size_px, count)

    def _expect(self, pictures: list[TestPicture]) -> list[dict[str, Any]]:
        """What Unseen says of the test pictures, by the model as it was trained."""
        from mlcore.model_files import load_model

        view = view_of_model(self.facts)
        model = load_model(self.run_dir)
        said = model.read(pixels_of(pictures, int(self.facts["image_size_px"])))
        rows = []
        for at, (picture, row) in enumerate(
            zip(pictures, said.probabilities, strict=True)
        ):
            reading = predict_one(view, row, Path(picture.name), picture.name)
            found: dict[str, Any] = {
                "file": picture.name,
                "labels": reading.labels,
                "probabilities": dict(zip(view.names, map(float, row), strict=True)),
            }
            if said.unseen is not None:
                found["unseen"] = float(said.unseen[at])
            rows.append(found)
        return rows

    def _describe(self, tolerance: float) -> dict[str, Any]:
        run = get_run(self.project, self.run_id)
        origin = {
            "project": self.project.name,
            "run": run.run_id,
            "recipe": run.recipe,
            "trained_at": run.ended_at or run.created_at,
            "made_at": now_text(),
            **_measured(self.project, run),
        }
        model = {
            "format": self.form.key,
            "title": self.form.title,
            "words": self.form.words,
            "tolerance": tolerance,
        }
        return describe_export(self.facts, origin, model, self._far_above())

    def _far_above(self) -> float | None:
        """The distance from which a picture is like nothing in training, if known."""
        from mlcore.model_answers import FeatureAnswers

        if NOVELTY_NAME not in self.facts["files"]:
            return None
        novelty = FeatureAnswers(self.run_dir, self.facts).novelty
        return novelty.far_above if novelty else None

    def _measure(self, folder: Path, expected: list[dict[str, Any]]) -> float:
        """How far a rounded model may be off: what it is, rounded up."""
        proof = prove(folder, self.form.runtime, expected, self.is_cancelled)
        if proof is None:
            raise _Cancelled
        return math.ceil((proof.difference + TOLERANCE) * 100) / 100

    def _judge(self, proof: Proof, tolerance: float) -> None:
        enough = INT8_SAME_LABELS if self.form.is_rounded else 1.0
        if proof.difference > tolerance or proof.same < enough * proof.pictures:
            raise ExportError(
                f"{self.form.title} does not answer as Unseen does: on "
                f"{proof.pictures} pictures probabilities differ by up to "
                f"{proof.difference:.4f} (allowed: {tolerance:g}), and "
                f"{proof.same} have the same labels (wanted: "
                f"{math.ceil(enough * proof.pictures)}). Nothing was made; choose "
                "another format."
            )


def _measured(project: Project, run: Run) -> dict[str, float]:
    """What is known of how good it is, for whoever has none of its pictures."""
    study = study_of_run(project, run)
    exact = run.metrics.get("val_exact_match", run.metrics.get("exact_match"))
    found = {"exact_match": exact, "left_out": study.share if study else None}
    return {key: float(value) for key, value in found.items() if value is not None}
