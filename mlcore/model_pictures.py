"""Pictures that go along with an exported model, and what Unseen says of them.

Held-out ones come first: no model was trained on them.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pictures

from mlcore.dataset import Pixels, fit_image
from mlcore.decoding import open_rgb
from mlcore.errors import BadImage, TrainingError
from mlcore.images import render_jpeg
from mlcore.snapshot import load_snapshot
from storage.errors import StorageError
from storage.images import get_image, image_path, list_image_ids
from storage.projects import Project
from storage.runs import run_dir

TEST_AT_MOST = 20
# A photo above this goes along as a smaller copy, which is what both sides answer.
LARGE_BYTES = 2**20
SMALLER_PX = 1280
SPLITS = ("test", "validation", "train")


@dataclass(frozen=True, slots=True)
class TestPicture:
    """A picture of the zip: its name there, and the bytes of its file."""

    __test__ = False

    name: str
    data: bytes


def pick_pictures(project: Project, run_id: str, count: int) -> list[TestPicture]:
    """So many pictures at most, spread over what was held out; drawn ones if none."""
    found: list[TestPicture] = []
    for path in _spread(list(_files(project, run_id)), 3 * count):
        if len(found) == count:
            break
        if data := _readable(path):
            ending = "jpg" if path.stat().st_size > LARGE_BYTES else path.suffix[1:]
            found.append(TestPicture(f"test/{len(found) + 1:02}.{ending}", data))
    return found or [_draw(at) for at in range(3)]


def pixels_of(pictures: list[TestPicture], size_px: int) -> Pixels:
    """uint8 (n, s, s, 3) as a run is fed them."""
    return np.stack([fit_image(open_rgb(one.data), size_px) for one in pictures])


def read_training_pixels(
    project: Project, run_id: str, size_px: int, count: int
) -> Pixels:
    """uint8 (m, s, s, 3) of up to so many pictures the run was trained on."""
    files = list(_files(project, run_id, ("train", "validation", "test")))
    found = [data for path in _spread(files, count) if (data := _readable(path))]
    pictures = [TestPicture("", data) for data in found]
    return pixels_of(pictures or [_draw(at) for at in range(8)], size_px)


def _files(
    project: Project, run_id: str, splits: tuple[str, ...] = SPLITS
) -> Iterator[Path]:
    """Files of the first of these splits that has any; of the project if none has."""
    for image_id in _image_ids(project, run_id, splits):
        try:
            path = image_path(project, get_image(project, int(image_id)))
        except StorageError:
            continue  # deleted since
        if path.is_file():
            yield path


def _image_ids(project: Project, run_id: str, splits: tuple[str, ...]) -> list[int]:
    try:
        images = load_snapshot(run_dir(project, run_id)).images
    except TrainingError:  # an imported run
        return list_image_ids(project)
    for split in splits:
        found: list[int] = images.loc[images["split"] == split, "image_id"].tolist()
        if found:
            return found
    return []


def _spread(paths: list[Path], count: int) -> list[Path]:
    """So many of them, from all over the list, in an order that is all over too."""
    if not paths:
        return []
    places = np.linspace(0, len(paths) - 1, min(count, len(paths))).astype(int)
    order = np.random.default_rng(0).permutation(places)
    return [paths[at] for at in order.tolist()]


def _readable(path: Path) -> bytes | None:
    try:
        data = path.read_bytes()
        open_rgb(data)
        if len(data) > LARGE_BYTES:
            return render_jpeg(data, SMALLER_PX)
        return data
    except (BadImage, OSError):
        return None


def _draw(seed: int) -> TestPicture:
    chance: NDArray[Any] = np.random.default_rng(seed).integers(0, 256, (8, 8, 3))
    picture = Pictures.fromarray(chance.astype(np.uint8)).resize((96, 64))
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return TestPicture(f"test/{seed + 1:02}.png", buffer.getvalue())
