"""Tiny projects and configs for tests of training: 12 px pictures, a few weights."""

import hashlib
import io
import time
from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image

from mlcore.config import TrainConfig
from storage.answers import set_many
from storage.groups import set_group
from storage.images import add_images
from storage.labels import create_labels, list_labels
from storage.projects import Project, create_project, open_project
from storage.records import NewImage, Run
from storage.runs import get_run

WHO = "tester"
COLOURS = {"red": (220, 30, 30), "blue": (30, 30, 220)}
SHAPES = ("tall", "wide")
SIZE_PX = 12

TINY = TrainConfig(
    image_size_px=SIZE_PX,
    conv_blocks="4 8",
    first_pool_px=2,
    head_units=8,
    epochs=3,
    batch_size=8,
    rotation_deg=5.0,
)


def draw(colour: str, shape: str, seed: int) -> bytes:
    """A PNG of a bar on noise: the colour and the direction can be learned."""
    noise = np.random.default_rng(seed).integers(90, 160, (SIZE_PX, SIZE_PX, 3))
    picture = noise.astype(np.uint8)
    bar = np.s_[1:-1, 4:8] if shape == "tall" else np.s_[4:8, 1:-1]
    picture[bar] = COLOURS[colour]
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG")
    return buffer.getvalue()


def add_pictures(project: Project, pictures: Sequence[bytes]) -> list[int]:
    """Store pictures; their ids in the given order."""
    batch = []
    for at, data in enumerate(pictures):
        sha256 = hashlib.sha256(data).hexdigest()
        new = NewImage(sha256, f"{at}.png", "png", SIZE_PX, SIZE_PX, len(data), "tests")
        batch.append((new, data))
    report = add_images(project, batch, who=WHO)
    ids = {**report.already, **report.added}
    return [ids[new.sha256] for new, _ in batch]


def make_project(name: str = "tiny", each: int = 8) -> str:
    """A project of `each` pictures for red/blue x tall/wide in two groups; its name."""
    with create_project(name) as project:
        set_group(project, "colour", list(COLOURS), "exactly-one", who=WHO)
        set_group(project, "shape", list(SHAPES), "exactly-one", who=WHO)
        fill(project, each)
    return name


def make_single_project(name: str = "single", each: int = 10) -> str:
    """Like `make_project`, but colour is the only group: one label a picture."""
    with create_project(name) as project:
        set_group(project, "colour", list(COLOURS), "exactly-one", who=WHO)
        fill(project, each)
    return name


def make_binary_project(name: str = "binary", each: int = 10) -> str:
    """One free label, `red`, on half of the pictures."""
    with create_project(name) as project:
        create_labels(project, ["red"], who=WHO)
        fill(project, each)
    return name


def fill(project: Project, each: int) -> None:
    """Add `each` pictures per colour and shape, labelled with what exists."""
    ids = {label.name: label.label_id for label in list_labels(project)}
    kinds = [(colour, shape) for colour in COLOURS for shape in SHAPES] * each
    pictures = [draw(*kind, seed) for seed, kind in enumerate(kinds)]
    rows = [
        (image_id, frozenset(ids[word] for word in kind if word in ids))
        for image_id, kind in zip(add_pictures(project, pictures), kinds, strict=True)
    ]
    set_many(project, rows, who=WHO, batch_id="fill")


def read_run(name: str, run_id: str) -> Run:
    """The run as it stands now."""
    with open_project(name) as project:
        return get_run(project, run_id)


def wait_for(
    name: str, run_id: str, is_there: Callable[[Run], bool], timeout_s: float = 120
) -> Run:
    """Poll until the run is as wanted; fails with its last state after the time."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        run = read_run(name, run_id)
        if is_there(run):
            return run
        time.sleep(0.05)
    raise AssertionError(f"waited {timeout_s} s in vain: {run}")


def is_over(run: Run) -> bool:
    """Whether the run needs nobody any more."""
    return not run.is_active
