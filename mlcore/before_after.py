"""The same pictures before and after training again: did labelling them help?

The pictures are those a run doubted and people labelled since. A run is right of one
when it says what the people say to every question they answered: a group of which some
label is yes, or all are no where the rule allows that. Where they answered none, or
left labels open, nothing is judged. No tensorflow.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mlcore import jobs, prediction_service
from mlcore.classified import label_ids_of, view_of_run
from mlcore.config import TrainConfig
from mlcore.errors import MLError, PredictionError, TrainingError
from mlcore.evaluation import HeldOut, load_held_out
from mlcore.judging import Question, expected_answers, is_right, questions_of
from mlcore.measured import MEASURED
from mlcore.paired_tests import ALPHA, mcnemar_exact
from mlcore.snapshot import UNKNOWN, YES, load_snapshot
from storage.answers import answers_of
from storage.doubted import (
    Doubted,
    doubted_readings_of,
    list_labelled_doubted,
    put_doubted_readings,
)
from storage.images import get_images, image_path
from storage.labels import list_labels
from storage.projects import Project, open_project
from storage.records import Image, Run
from storage.runs import list_runs, run_dir

SHOWN_AT_MOST = 500


@dataclass(frozen=True, slots=True)
class PictureChange:
    """What two runs read in one picture, and what people said of it.

    `after` and `is_right` are None until the later run has looked; was and is right are
    None, too, where people answered no question. `part` is where the picture was when
    the later run learned: train, validation, test, or "" for nowhere.
    """

    image_id: int
    name: str
    sha256: str
    run_before: str
    before: tuple[str, ...]
    after: tuple[str, ...] | None
    said: tuple[str, ...]
    is_judged: bool
    was_right: bool | None
    is_right: bool | None
    part: str

    @property
    def is_trained_on(self) -> bool:
        """Whether the later run learned from this very picture."""
        return self.part == "train"


@dataclass(frozen=True, slots=True)
class HeldOutChange:
    """How many of the pictures both runs held out are entirely right.

    `p` is McNemar's: how often chance alone makes two runs differ as much.
    """

    images: int
    before: int
    after: int
    p: float = 0.0

    @property
    def is_chance(self) -> bool:
        """Whether chance explains the difference."""
        return self.p >= ALPHA


@dataclass(frozen=True, slots=True)
class BeforeAfter:
    """The pictures; those the later run did not learn from come first.

    `base` is the run just before: what it reads is what was known before. Of pictures
    in `unread` it was not asked yet; what an older run read stands in for it there.
    """

    run: Run
    rows: tuple[PictureChange, ...]
    base: Run | None = None
    unread: tuple[int, ...] = ()

    @property
    def missing(self) -> list[int]:
        """Images the later run has not looked at."""
        return [row.image_id for row in self.rows if row.after is None]

    @property
    def judged(self) -> list[PictureChange]:
        """Those of which people answered something that can be right or wrong."""
        return [row for row in self.rows if row.is_judged]

    @property
    def unlearned(self) -> list[PictureChange]:
        """Those that say something: judged, and the run did not learn from them."""
        return [row for row in self.judged if not row.is_trained_on]

    @property
    def base_run(self) -> str:
        """The run just before; without its model, the newest that was in doubt."""
        if self.base:
            return self.base.run_id
        return max((row.run_before for row in self.rows), default="")


def compare_doubted(project: Project, run: Run) -> BeforeAfter:
    """What `run` and the run just before it read in the pictures that were doubted."""
    earlier = [r for r in list_runs(project) if r.number < run.number]
    known = {r.run_id for r in earlier}
    found = list_labelled_doubted(project, SHOWN_AT_MOST)
    found = [one for one in found if one.run_id in known]
    if not found:
        return BeforeAfter(run, ())
    ids = [one.image_id for one in found]
    usable = [r.run_id for r in earlier if r.is_usable]
    reader = _Reader(
        names={label.label_id: label.name for label in list_labels(project)},
        readings=doubted_readings_of(project, ids),
        answers=answers_of(project, ids),
        parts=_parts_of(project, run),
        questions=questions_of(project),
        earlier=usable,
    )
    images = {image.image_id: image for image in get_images(project, ids)}
    rows = [reader.read(images[one.image_id], one, run.run_id) for one in found]
    base = next((r for r in earlier if r.is_usable and _has_model(project, r)), None)
    unread = [i for i in ids if base and (i, base.run_id) not in reader.readings]
    return BeforeAfter(run, tuple(sorted(rows, key=_place_of)), base, tuple(unread))


def _has_model(project: Project, run: Run) -> bool:
    try:
        view_of_run(project, run.run_id)
    except PredictionError:
        return False
    return True


def _place_of(row: PictureChange) -> tuple[bool, bool, bool]:
    """What says something first, and of that first what changed."""
    return row.is_trained_on, not row.is_judged, row.was_right == row.is_right


@dataclass(frozen=True, slots=True)
class _Reader:
    """`earlier` are the usable runs before, the newest first."""

    names: Mapping[int, str]
    readings: Mapping[tuple[int, str], frozenset[int]]
    answers: Mapping[int, Mapping[int, bool]]
    parts: Mapping[int, str]
    questions: Sequence[Question]
    earlier: Sequence[str]

    def read(self, image: Image, doubted: Doubted, run_id: str) -> PictureChange:
        answers = self.answers[image.image_id]
        expected = expected_answers(answers, self.questions)
        run_before = self._run_before(doubted)
        before = self.readings.get((image.image_id, run_before), frozenset())
        after = self.readings.get((image.image_id, run_id))
        return PictureChange(
            image_id=image.image_id,
            name=image.name,
            sha256=image.sha256,
            run_before=run_before,
            before=self._name(before),
            after=None if after is None else self._name(after),
            said=self._name(i for i, is_yes in answers.items() if is_yes),
            is_judged=bool(expected),
            was_right=is_right(before, expected),
            is_right=None if after is None else is_right(after, expected),
            part=self.parts.get(image.image_id, ""),
        )

    def _run_before(self, doubted: Doubted) -> str:
        """The newest run before that has read it; else that which was in doubt."""
        read = (r for r in self.earlier if (doubted.image_id, r) in self.readings)
        return next(read, doubted.run_id)

    def _name(self, label_ids: Iterable[int]) -> tuple[str, ...]:
        wanted = set(label_ids)
        return tuple(name for i, name in self.names.items() if i in wanted)


def _parts_of(project: Project, run: Run) -> dict[int, str]:
    try:
        images = load_snapshot(run_dir(project, run.run_id)).images
    except TrainingError:
        return {}
    drawn = images[images["split"].notna()]
    return dict(zip(drawn["image_id"].tolist(), drawn["split"].tolist(), strict=True))


def count_right(rows: Sequence[PictureChange]) -> tuple[int, int]:
    """How many of these were right before, and how many are after."""
    return sum(bool(row.was_right) for row in rows), sum(
        bool(row.is_right) for row in rows
    )


def read_pictures(
    project_name: str,
    run_id: str,
    image_ids: Sequence[int],
    on_progress: Callable[[int, int], None] | None = None,
) -> None:
    """Let a run look at doubted images and keep what it reads.

    In one that cannot be read it reads no label.
    """
    with open_project(project_name) as project:
        images = get_images(project, image_ids)
        paths = [image_path(project, image) for image in images]
        found = prediction_service.classify(
            project_name, run_id, paths, on_progress=on_progress
        )
        # As the run calls them: a label may have another name by now.
        ids = label_ids_of(view_of_run(project, run_id))
        readings = {
            image.image_id: [ids[name] for name in one.labels]
            for image, one in zip(images, found, strict=True)
        }
        put_doubted_readings(project, run_id, readings)


def held_out_change(project: Project, before: str, after: str) -> HeldOutChange | None:
    """Exact match of two runs on the pictures neither learned from; None without such.

    Of labels that only one of them knows nothing is asked; pictures with no other
    answer do not count.
    """
    try:
        old, new = (load_held_out(project, run_id) for run_id in (before, after))
    except MLError:
        return None
    if MEASURED in (old.split, new.split):
        return None  # what it trained on elsewhere nobody knows
    _, at_old, at_new = np.intersect1d(
        old.image_ids, new.image_ids, return_indices=True
    )
    known = {label.label_id for label in old.labels}
    shared = [label.label_id for label in new.labels if label.label_id in known]
    y = new.y[at_new][:, _columns(new, shared)]
    is_asked = y != UNKNOWN
    counts = is_asked.any(axis=1)
    if not counts.any():
        return None
    was, now = [
        (~is_asked | (said == (y == YES)))[counts].all(axis=1)
        for said in (
            one.decide()[rows][:, _columns(one, shared)]
            for one, rows in ((old, at_old), (new, at_new))
        )
    ]
    p = mcnemar_exact(int((now & ~was).sum()), int((was & ~now).sum()))
    return HeldOutChange(int(counts.sum()), int(was.sum()), int(now.sum()), p)


def _columns(held_out: HeldOut, label_ids: Sequence[int]) -> list[int]:
    place = {label.label_id: at for at, label in enumerate(held_out.labels)}
    return [place[label_id] for label_id in label_ids]


def train_again(project: Project) -> str:
    """Queue a run with the settings of the newest usable one; its id.

    TrainingError says what is missing; nothing is queued then.
    """
    usable = next((run for run in list_runs(project) if run.is_usable), None)
    if usable is None:
        raise TrainingError("There is no finished run to train again. Start one first.")
    return jobs.submit(project.name, TrainConfig.from_json(usable.config))
