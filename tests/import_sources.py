"""Folders to import, and what a project says afterwards."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from storage.answers import answers_of
from storage.images import list_images
from storage.labels import (
    list_groups,
    list_labels,
)
from storage.projects import Project

ME = {"who": "me"}

Fill = Callable[..., Path]


def picture(number: int, format: str = "PNG") -> bytes:
    file = io.BytesIO()
    colour = (number % 256, number // 256, 77)
    Image.new("RGB", (12, 10), colour).save(file, format)
    return file.getvalue()


@pytest.fixture
def fill(tmp_path: Path) -> Fill:
    """A function: file names (a number or bytes each) to a folder of them."""

    def build(files: dict[str, int | bytes | str], name: str = "in") -> Path:
        for path, content in files.items():
            place = tmp_path / name / path
            place.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, str):
                content = content.encode()
            data = picture(content) if isinstance(content, int) else content
            place.write_bytes(data)
        return tmp_path / name

    return build


def yes_names(project: Project) -> dict[str, set[str]]:
    names = {label.label_id: label.name for label in list_labels(project)}
    images = {image.image_id: image.name for image in list_images(project)}
    found = answers_of(project, images)
    return {
        images[image_id]: {names[label] for label, said in known.items() if said}
        for image_id, known in found.items()
    }


def groups(project: Project) -> dict[str, set[str]]:
    return {g.name: {x.name for x in g.labels} for g in list_groups(project)}


CLOTHES: dict[str, int | bytes | str] = {
    "red_dress/1.png": 1,
    "red_shirt/2.png": 2,
    "blue_dress/3.png": 3,
    "blue_jeans/4.png": 4,
}
