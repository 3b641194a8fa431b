"""The sample project: rendered clothes in six of nine combinations.

Black dress, black shirt and red jeans are kept out of the project and lie beside it
as pictures no model trained on it has ever seen.
"""

import hashlib
import io
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image as PillowImage

from mlcore.sample_drawing import SIZE_PX, draw_picture
from storage.answers import set_many
from storage.files import write_many_durably
from storage.images import add_images
from storage.labels import list_groups, set_group
from storage.projects import Project, create_project, delete_project, project_names
from storage.records import NewImage

SEED = 20
WHO = "sample pictures"
COLOURS = ("black", "blue", "red")
GARMENTS = ("dress", "jeans", "shirt")
SHOWN = (
    ("black", "jeans"),
    ("blue", "dress"),
    ("blue", "jeans"),
    ("blue", "shirt"),
    ("red", "dress"),
    ("red", "shirt"),
)
KEPT_OUT = (("black", "dress"), ("black", "shirt"), ("red", "jeans"))
EACH = 60
# Left for a person to try the Label page on.
UNLABELLED_EACH = 2
KEPT_OUT_EACH = 12
FOLDER = "samples"
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class SamplePicture:
    """A picture no sample run was trained on, and what it shows."""

    path: Path
    truth: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Drawn:
    combination: tuple[str, str]
    number: int
    data: bytes

    @property
    def is_labelled(self) -> bool:
        return self.number >= UNLABELLED_EACH


def create_sample_project(
    name: str = "Sample clothes", *, on_progress: Progress | None = None
) -> Project:
    """Make, fill and open a project of 360 pictures, 348 of them labelled.

    If the name is taken a number is added. The same pictures come every time.
    Nothing stays behind if it fails.
    """
    project = create_project(_free_name(name))
    try:
        _fill(project, on_progress)
    except BaseException:
        project.db.close()
        delete_project(project.name)
        raise
    return project


def sample_pictures(project: Project) -> list[SamplePicture]:
    """Return the never-seen pictures of a sample project, [] in any other."""
    paths = sorted((project.folder / FOLDER).glob("*.jpg"))
    return [SamplePicture(path, tuple(path.stem.split("-")[:2])) for path in paths]


def draw_sample(combination: tuple[str, str], number: int) -> bytes:
    """Return JPEG number `number` of a combination; the same ones every time."""
    colour, garment = combination
    places = (COLOURS.index(colour), GARMENTS.index(garment))
    random = np.random.default_rng([SEED, *places, number])
    return _encode(draw_picture(garment, colour, random))


def _fill(project: Project, on_progress: Progress | None) -> None:
    wanted = [(c, n) for n in range(EACH) for c in SHOWN]
    kept_out = [(c, n) for c in KEPT_OUT for n in range(KEPT_OUT_EACH)]
    drawn = list(_draw_all(wanted + kept_out, on_progress))
    for group, names in (("colour", COLOURS), ("garment", GARMENTS)):
        set_group(project, group, list(names), "exactly-one", who=WHO)
    _store(project, drawn[: len(wanted)])
    write_many_durably(
        (_kept_out_path(project, picture), picture.data)
        for picture in drawn[len(wanted) :]
    )


def _draw_all(
    wanted: list[tuple[tuple[str, str], int]], on_progress: Progress | None
) -> Iterator[_Drawn]:
    # Two threads: Pillow and numpy let go of the interpreter for most of the work.
    with ThreadPoolExecutor(2) as pool:
        pictures = pool.map(lambda want: draw_sample(*want), wanted)
        for done, (want, data) in enumerate(zip(wanted, pictures, strict=True), 1):
            yield _Drawn(*want, data)
            if on_progress:
                on_progress(done, len(wanted))


def _store(project: Project, drawn: list[_Drawn]) -> None:
    batch_id = uuid.uuid4().hex
    rows = [(_describe(p, n), p.data) for n, p in enumerate(drawn, start=1)]
    report = add_images(project, rows, who=WHO, batch_id=batch_id)
    ids = {
        label.name: label.label_id
        for group in list_groups(project)
        for label in group.labels
    }
    answers = [
        (report.added[new.sha256], frozenset(ids[name] for name in p.combination))
        for (new, _), p in zip(rows, drawn, strict=True)
        if p.is_labelled
    ]
    set_many(project, answers, who=WHO, batch_id=batch_id)


def _describe(picture: _Drawn, number: int) -> NewImage:
    return NewImage(
        sha256=hashlib.sha256(picture.data).hexdigest(),
        name=f"clothes-{number:03}.jpg",
        ext="jpg",
        width_px=SIZE_PX,
        height_px=SIZE_PX,
        size_bytes=len(picture.data),
        source="sample pictures",
    )


def _kept_out_path(project: Project, picture: _Drawn) -> Path:
    colour, garment = picture.combination
    file_name = f"{colour}-{garment}-{picture.number + 1:02}.jpg"
    return project.folder / FOLDER / file_name


def _free_name(name: str) -> str:
    taken = {existing.casefold() for existing in project_names()}
    names = [name, *(f"{name} {number}" for number in range(2, len(taken) + 3))]
    return next(free for free in names if free.casefold() not in taken)


def _encode(picture: PillowImage.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=92)
    return buffer.getvalue()
