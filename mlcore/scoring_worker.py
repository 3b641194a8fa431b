"""The process that scores: `python -m mlcore.scoring_worker PROJECT RUN_ID`.

It gives way to training: it ends when a run waits or trains, and is started again
afterwards. Everything it has scored by then is in the database.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mlcore import side_process
from mlcore.errors import TrainingError
from mlcore.feature_scoring import Answered, FeatureScorer
from mlcore.model_json import MODEL_NAME, read_model_json
from mlcore.prediction_service import usable_run_dir
from mlcore.quiet import import_tensorflow
from mlcore.scoring import scoring_folder
from mlcore.scoring_pictures import read_chunks
from mlcore.scoring_readings import read_scores, unreadable_score
from mlcore.scoring_runs import training_elsewhere, training_here, wanted_run
from mlcore.training_view import TrainingView, view_of_model
from mlcore.worker import explain
from storage.images import count_images
from storage.projects import Project, open_project
from storage.runs import run_dir
from storage.scores import ImageScore, count_unscored, put_scores, unscored_ids

Answers = Callable[[Sequence[int]], Iterator[Answered]]

# Written together: one transaction and one sync of the disk.
SCORES_AT_ONCE = 500
WRITE_EVERY_S = 2.0
STATUS_EVERY_S = 0.5
LOOK_EVERY_S = 1.0
LOOK_ELSEWHERE_EVERY_S = 10.0
IDS_AT_ONCE = 20_000


@dataclass(slots=True)
class Progress:
    """Writes how far the process is, at most twice a second."""

    folder: Path
    run_id: str
    done: int
    total: int
    began_at: float = field(default_factory=time.monotonic)
    scored: int = 0
    written_at: float = 0.0

    def add(self, count: int) -> None:
        """Count images that were scored."""
        self.scored += count
        if time.monotonic() - self.written_at >= STATUS_EVERY_S:
            self.write("running")

    def write(self, state: str, message: str = "") -> None:
        """Say how far it is, whatever the time."""
        self.written_at = time.monotonic()
        seconds = self.written_at - self.began_at
        per_s = self.scored / seconds if self.scored and seconds > 0 else None
        done = self.done + self.scored
        left = max(self.total - done, 0)
        status = {
            "run_id": self.run_id,
            "pid": os.getpid(),
            "state": state,
            "done": done,
            "total": max(self.total, done),
            "message": message,
            "per_s": per_s,
            "left_s": left / per_s if per_s else None,
        }
        side_process.write_status(self.folder, status)


@dataclass(slots=True)
class Watch:
    """Looks now and then for a reason to end early."""

    project: Project
    run_id: str
    looked_at: float = 0.0
    looked_elsewhere_at: float = 0.0
    described_ns: int = 0

    def reason_to_end(self) -> tuple[str, str] | None:
        """The state to end in and a sentence; None to go on."""
        if side_process.is_cancelled(scoring_folder(self.project)):
            return "cancelled", "Cancelled."
        now = time.monotonic()
        if now - self.looked_at < LOOK_EVERY_S:
            return None
        self.looked_at = now
        run = wanted_run(self.project)
        if run is None or run.run_id != self.run_id:
            return "waiting", "Another run suggests from now on."
        if self._is_described_anew():
            return "waiting", "Its thresholds have changed."
        busy = training_here(self.project)
        if not busy and now - self.looked_elsewhere_at > LOOK_ELSEWHERE_EVERY_S:
            busy = training_elsewhere(self.project.name)
            self.looked_elsewhere_at = now
        return ("waiting", busy) if busy else None

    def _is_described_anew(self) -> bool:
        """A person may keep other thresholds with the run at any time."""
        path = run_dir(self.project, self.run_id) / MODEL_NAME
        before, self.described_ns = self.described_ns, path.stat().st_mtime_ns
        return before not in (0, self.described_ns)


@dataclass(slots=True)
class Scorer:
    """A loaded run that scores chunks of pictures and stores the scores in batches."""

    project: Project
    run_id: str
    answer: Answers
    view: TrainingView
    progress: Progress
    waiting: list[ImageScore] = field(default_factory=list)
    stored_at: float = field(default_factory=time.monotonic)

    def score_all(self, watch: Watch) -> tuple[str, str]:
        """Score until no image is left, also such as come in meanwhile."""
        if reason := watch.reason_to_end():
            return reason
        while ids := unscored_ids(self.project, self.run_id, IDS_AT_ONCE):
            for answered in self.answer(ids):
                self.score(answered)
                if reason := watch.reason_to_end():
                    self.store()
                    return reason
            self.store()
        return "done", ""

    def score(self, found: Answered) -> None:
        """Score some images; store when enough or enough time has gathered."""
        rows = found.probabilities
        self.waiting += read_scores(self.view, self.run_id, found.image_ids, rows)
        self.waiting += [unreadable_score(self.run_id, i) for i in found.unreadable]
        since = time.monotonic() - self.stored_at
        if len(self.waiting) >= SCORES_AT_ONCE or since > WRITE_EVERY_S:
            self.store()
        self.progress.add(len(found.image_ids) + len(found.unreadable))

    def store(self) -> None:
        """Write what has gathered."""
        put_scores(self.project, self.run_id, self.waiting)
        self.waiting = []
        self.stored_at = time.monotonic()


def main(project_name: str, run_id: str) -> int:
    """Score the images of a project with one run; returns the exit status."""
    side_process.give_way()
    with open_project(project_name) as project:
        progress = begin(project, run_id)
        state, message = side_process.end_of(
            lambda: work(project, run_id, progress), explain
        )
        progress.write(state, message)
    return 1 if state == "failed" else 0


def begin(project: Project, run_id: str) -> Progress:
    """Say that the process is there, before the slow part."""
    total = count_images(project)
    done = total - count_unscored(project, run_id)
    progress = Progress(scoring_folder(project), run_id, done, total)
    progress.write("running", "Loading the model.")
    return progress


def work(project: Project, run_id: str, progress: Progress) -> tuple[str, str]:
    """Load the run and score; the state it ended in and a sentence."""
    folder = usable_run_dir(project, run_id)
    watch = Watch(project, run_id)
    if reason := watch.reason_to_end():
        return reason
    facts = read_model_json(folder)
    answer = open_answers(project, folder, facts)
    progress.began_at = time.monotonic()
    scorer = Scorer(project, run_id, answer, view_of_model(facts), progress)
    try:
        return scorer.score_all(watch)
    except TrainingError as error:
        # A run has begun to compute the features of the same pictures.
        return "waiting", str(error)


def open_answers(project: Project, folder: Path, facts: dict[str, Any]) -> Answers:
    """What answers for image ids: heads on stored features, else a loaded network."""
    if facts["architecture"] == "features":
        return FeatureScorer(project, folder, facts).answer
    # Imported here: TensorFlow takes seconds, and its lack is a sentence too.
    import_tensorflow()
    from mlcore.model_files import load_model

    model, size_px = load_model(folder), int(facts["image_size_px"])

    def answer(image_ids: Sequence[int]) -> Iterator[Answered]:
        for chunk in read_chunks(project, image_ids, size_px):
            found = model.predict(chunk.pixels)
            yield Answered(chunk.image_ids, found, chunk.unreadable)

    return answer


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
