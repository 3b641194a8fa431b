"""Exports whose folders speak: Hugging Face imagefolder, a folder per combination."""

import json

from mlcore.annotations import FORMATS
from mlcore.export_names import safe_name
from mlcore.export_outlet import Outlet
from mlcore.export_rows import Dataset, Row, place_flat, place_pictures
from mlcore.exporting import ExportError

UNASSIGNED = "unassigned"
SPLIT_FOLDERS = ("train", "validation", "test", UNASSIGNED)
SEPARATORS = ("_", "-", "+", ",", " ")


def place_by_split(dataset: Dataset) -> None:
    """Place below train/, validation/, test/; without any split at the top."""
    if not dataset.has_splits():
        place_pictures(dataset, lambda row: "")
    else:
        place_pictures(dataset, lambda row: f"{row.image.split or UNASSIGNED}/")


def place_by_combination(dataset: Dataset) -> None:
    """Place in a folder named by the labels that are yes, in the order of the groups.

    A picture without any lies at the top. Raises `ExportError` when every separator
    that an import understands is part of some label's name.
    """
    separator = folder_separator(dataset)

    def place(row: Row) -> str:
        return f"{separator.join(map(safe_name, row.yes))}/" if row.yes else ""

    place_flat(dataset, place)


def folder_separator(dataset: Dataset) -> str:
    """The sign between the labels of a folder's name: one that is in none of them."""
    names = [safe_name(label.name) for label in dataset.labels]
    for separator in SEPARATORS:
        if not any(separator in name for name in names):
            return separator
    raise ExportError(
        "Every sign that could stand between labels in a folder's name ("
        + " ".join(repr(sign) for sign in SEPARATORS)
        + ") is part of a label's name. Rename a label, or choose another format."
    )


def write_imagefolder(dataset: Dataset, outlet: Outlet) -> None:
    """Write one metadata.jsonl per split, beside its pictures."""
    name = FORMATS["imagefolder"].file_name
    if not dataset.has_splits():
        _write_metadata(dataset, outlet, name, None)
        return
    used = {row.image.split or UNASSIGNED for row in dataset.rows()}
    for split in SPLIT_FOLDERS:
        if split in used:
            _write_metadata(dataset, outlet, f"{split}/{name}", split)


def _write_metadata(
    dataset: Dataset, outlet: Outlet, name: str, split: str | None
) -> None:
    with outlet.open_text(name) as file:
        for row in dataset.rows():
            if split in (None, row.image.split or UNASSIGNED):
                file.write(json.dumps(_line_of(row, split), ensure_ascii=False) + "\n")


def _line_of(row: Row, split: str | None) -> dict[str, object]:
    return {
        "file_name": row.path.removeprefix(f"{split}/"),
        "labels": list(row.yes),
        "unknown": list(row.unknown),
    }


def write_nothing(dataset: Dataset, outlet: Outlet) -> None:
    """The folders themselves say it all."""
