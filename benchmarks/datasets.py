"""The real data sets as projects: brought in as a person would, splits included."""

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.commands import call
from benchmarks.measure import find_data

AT_LEAST_FIVE = "at least 5"


def import_fashion(project: str, _: Path) -> None:
    """Photos of clothes: colour and garment from the folder names."""
    call("import", project, str(find_data("fashion")))


def import_satellite(project: str, _: Path) -> None:
    """Aerial photos with 17 labels from train.csv."""
    call("import", project, str(find_data("satellite")))


def import_cats_dogs(project: str, _: Path) -> None:
    """2,000 cats and 2,000 dogs to learn from; the folder test is the test split."""
    call("import", project, str(find_data("cats-dogs")))


def import_apparel(project: str, _: Path) -> None:
    """22 combinations of colour and garment as two label groups."""
    call("import", project, str(find_data("apparel")))


def import_apparel_classes(project: str, _: Path) -> None:
    """The same pictures with one class each: the folder's whole name."""
    call("import", project, str(find_data("apparel")), "--layout", "folders")


def import_mnist(project: str, scratch: Path) -> None:
    """70,000 digits; "at least 5" is a second label. The known test set is test."""
    folder = scratch / "mnist"
    with np.load(find_data("mnist") / "mnist.npz", allow_pickle=False) as digits:
        for split in ("train", "test"):
            _write_digits(folder / split, digits[f"x_{split}"], digits[f"y_{split}"])
    call("import", project, str(folder), "--layout", "csv-tags")


def _write_digits(folder: Path, pictures: np.ndarray, values: np.ndarray) -> None:
    folder.mkdir(parents=True)
    is_new = not (folder.parent / "labels.csv").exists()
    with (folder.parent / "labels.csv").open("a", newline="") as file:
        table = csv.writer(file)
        if is_new:
            table.writerow(["image_name", "tags", "split"])
        for at, (picture, value) in enumerate(zip(pictures, values, strict=True)):
            name = f"{folder.name}/{at:05d}.png"
            Image.fromarray(picture).save(folder.parent / name)
            table.writerow([name, _tags_of(int(value)), folder.name])


def _tags_of(value: int) -> str:
    digit = f"digit {value}"
    return f"{digit}, {AT_LEAST_FIVE}" if value >= 5 else digit


DATASETS: dict[str, Callable[[str, Path], None]] = {
    "fashion": import_fashion,
    "satellite": import_satellite,
    "cats-dogs": import_cats_dogs,
    "apparel": import_apparel,
    "apparel-classes": import_apparel_classes,
    "mnist": import_mnist,
}
