"""Exports as COCO JSON with categories of whole images, no boxes.

`neg_category_ids` is LVIS's word for "somebody looked and it is not there"; a
category that is in neither list is unknown.
"""

from collections.abc import Iterator
from itertools import count
from typing import Any

from mlcore.annotations import FORMATS
from mlcore.export_json import write_object
from mlcore.export_outlet import Outlet
from mlcore.export_rows import Dataset, Row


def write_coco(dataset: Dataset, outlet: Outlet) -> None:
    """Write images, categories and annotations."""
    numbers = {label.name: place for place, label in enumerate(dataset.labels, 1)}
    groups = dataset.group_names()
    categories = (
        {
            "id": numbers[label.name],
            "name": label.name,
            "supercategory": groups.get(label.label_id, ""),
        }
        for label in dataset.labels
    )
    fields = {
        "images": (_image_of(row, numbers) for row in dataset.rows()),
        "annotations": _annotations(dataset, numbers),
        "categories": categories,
    }
    with outlet.open_text(FORMATS["coco"].file_name) as file:
        write_object(file, fields)


def _image_of(row: Row, numbers: dict[str, int]) -> dict[str, Any]:
    split = {"split": row.image.split} if row.image.split else {}
    return {
        "id": row.number,
        "file_name": row.path,
        "width": row.image.width_px,
        "height": row.image.height_px,
        **split,
        "neg_category_ids": [numbers[name] for name in row.no],
    }


def _annotations(dataset: Dataset, numbers: dict[str, int]) -> Iterator[dict[str, int]]:
    ids = count(1)
    for row in dataset.rows():
        for name in row.yes:
            yield {
                "id": next(ids),
                "image_id": row.number,
                "category_id": numbers[name],
            }
