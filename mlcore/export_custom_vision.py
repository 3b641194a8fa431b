"""Exports as Azure Custom Vision answers GetTaggedImages and GetTags."""

import uuid
from collections import Counter
from typing import Any

from mlcore.annotations import FORMATS
from mlcore.export_json import write_list
from mlcore.export_outlet import Outlet
from mlcore.export_rows import Dataset, Row
from mlcore.vocabulary import TAGS_NAME

# Ids that stay the same from export to export.
SPACE = uuid.UUID("6f6d7a52-5f0e-4e6c-9c0d-0d2b8b1b7a11")


def write_custom_vision(dataset: Dataset, outlet: Outlet) -> None:
    """Write the pictures with their tags, and the tags with their counts."""
    counts: Counter[str] = Counter()
    with outlet.open_text(FORMATS["custom-vision"].file_name) as file:
        write_list(file, (_image_of(row, counts) for row in dataset.rows()))
    with outlet.open_text(TAGS_NAME) as file:
        write_list(
            file,
            (
                {
                    "id": _id_of(label.name),
                    "name": label.name,
                    "description": label.description or None,
                    "type": "Regular",
                    "imageCount": counts[label.name],
                }
                for label in dataset.labels
            ),
        )


def _image_of(row: Row, counts: Counter[str]) -> dict[str, Any]:
    counts.update(row.yes)
    image = row.image
    tags = [
        {"created": image.added_at, "tagId": _id_of(name), "tagName": name}
        for name in row.yes
    ]
    return {
        "id": _id_of(image.sha256),
        "created": image.added_at,
        "width": image.width_px,
        "height": image.height_px,
        "resizedImageUri": row.path,
        "thumbnailUri": row.path,
        "originalImageUri": row.path,
        "tags": tags,
        "regions": None,
    }


def _id_of(name: str) -> str:
    return str(uuid.uuid5(SPACE, name))
