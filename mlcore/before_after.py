"""The same pictures before and after training again: did labelling them help?

The pictures are those a run doubted and people labelled since. A run is right of one
when it says of every answered label what the people say. No tensorflow.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mlcore import jobs, prediction_service
from mlcore.classified import label_ids_of, view_of_run
from mlcore.config import TrainConfig
from mlcore.errors import MLError, TrainingError
from mlcore.evaluation import HeldOut, load_held_out
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

    `after` and `is_right` are None until the later run has looked. `part` is where the
    picture was when that run learned: train, validation, test, or "" for nowhere.
    """

    image_id: int
    name: str
    sha256: str
    run_before: str
    before: tuple[str, ...]
    after: tuple[str, ...] | None
    said: tuple[str, ...]
    was_right: bool
    is_right: bool | None
    part: str

    @property
    def is_trained_on(self) -> bool:
        """Whether the later run learned from this very picture."""
        return self.part == "train"


@dataclass(frozen=True, slots=True)
class HeldOutChange:
    """How many of the pictures both runs held out are entirely right."""

    images: int
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class BeforeAfter:
    """The pictures; those the later run did not learn from come first."""

    run: Run
    rows: tuple[PictureChange, ...]

    @property
    def missing(self) -> list[int]:
        """Images the later run has not looked at."""
        return [row.image_id for row in self.rows if row.after is None]

    @property
    def unlearned(self) -> list[PictureChange]:
        """Those that say something: the run did not learn from them."""
        return [row for row in self.rows if not row.is_trained_on]

    @property
    def base_run(self) -> str:
        """The newest of the runs that were in doubt."""
        return max((row.run_before for row in self.rows), default="")


def compare_doubted(project: Project, run: Run) -> BeforeAfter:
    """What `run` and runs before it read in the pictures that were doubted."""
    earlier = {r.run_id for r in list_runs(project) if r.number < run.number}
    found = list_labelled_doubted(project, SHOWN_AT_MOST)
    found = [one for one in found if one.run_id in earlier]
    ids = [one.image_id for one in found]
    reader = _Reader(
        names={label.label_id: label.name for label in list_labels(project)},
        readings=doubted_readings_of(project, ids),
        answers=answers_of(project, ids),
        parts=_parts_of(project, run) if ids else {},
    )
    images = {image.image_id: image for image in get_images(project, ids)}
    rows = [reader.read(images[one.image_id], one, run.run_id) for one in found]
    return BeforeAfter(run, tuple(sorted(rows, key=_place_of)))


def _place_of(row: PictureChange) -> tuple[bool, bool]:
    """What says something first, and of that first what changed."""
    return row.is_trained_on, row.was_right == row.is_right


@dataclass(frozen=True, slots=True)
class _Reader:
    names: Mapping[int, str]
    readings: Mapping[tuple[int, str], frozenset[int]]
    answers: Mapping[int, Mapping[int, bool]]
    parts: Mapping[int, str]

    def read(self, image: Image, doubted: Doubted, run_id: str) -> PictureChange:
        answers = self.answers[image.image_id]
        before = self.readings.get((image.image_id, doubted.run_id), frozenset())
        after = self.readings.get((image.image_id, run_id))
        return PictureChange(
            image_id=image.image_id,
            name=image.name,
            sha256=image.sha256,
            run_before=doubted.run_id,
            before=self._name(before),
            after=None if after is None else self._name(after),
            said=self._name(i for i, is_yes in answers.items() if is_yes),
            was_right=_is_right(before, answers),
            is_right=None if after is None else _is_right(after, answers),
            part=self.parts.get(image.image_id, ""),
        )

    def _name(self, label_ids: Iterable[int]) -> tuple[str, ...]:
        wanted = set(label_ids)
        return tuple(name for i, name in self.names.items() if i in wanted)


def _is_right(reading: frozenset[int], answers: Mapping[int, bool]) -> bool:
    return all((i in reading) == is_yes for i, is_yes in answers.items())


def _parts_of(project: Project, run: Run) -> dict[int, str]:
    try:
        images = load_snapshot(run_dir(project, run.run_id)).images
    except TrainingError:
        return {}
    drawn = images[images["split"].notna()]
    return dict(zip(drawn["image_id"].tolist(), drawn["split"].tolist(), strict=True))


def count_right(rows: Sequence[PictureChange]) -> tuple[int, int]:
    """How many of these were right before, and how many are after."""
    return sum(row.was_right for row in rows), sum(bool(row.is_right) for row in rows)


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

    Of labels that only one of them knows nothing is asked.
    """
    try:
        old, new = (load_held_out(project, run_id) for run_id in (before, after))
    except MLError:
        return None
    _, at_old, at_new = np.intersect1d(
        old.image_ids, new.image_ids, return_indices=True
    )
    if not len(at_new):
        return None
    known = {label.label_id for label in old.labels}
    shared = [label.label_id for label in new.labels if label.label_id in known]
    y = new.y[at_new][:, _columns(new, shared)]
    is_asked = y != UNKNOWN
    right = [
        int((~is_asked | (said == (y == YES))).all(axis=1).sum())
        for said in (
            one.decide()[rows][:, _columns(one, shared)]
            for one, rows in ((old, at_old), (new, at_new))
        )
    ]
    return HeldOutChange(len(at_new), *right)


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
