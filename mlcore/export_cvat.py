"""Exports as CVAT's “CVAT for images 1.1”: tags of whole images."""

import re
from typing import TextIO
from xml.sax.saxutils import quoteattr

from mlcore.annotations import FORMATS
from mlcore.export_names import IMAGES
from mlcore.export_outlet import Outlet
from mlcore.export_rows import Dataset, Row

# What XML 1.0 has no way to write, not even as a reference.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_cvat(dataset: Dataset, outlet: Outlet) -> None:
    """Write annotations.xml; the pictures lie in images/, as CVAT's importer wants."""
    with outlet.open_text(FORMATS["cvat"].file_name) as file:
        file.write('<?xml version="1.0" encoding="utf-8"?>\n')
        file.write("<annotations>\n  <version>1.1</version>\n")
        _write_labels(file, dataset)
        for row in dataset.rows():
            file.write(_image_of(row))
        file.write("</annotations>\n")


def _attribute(text: str) -> str:
    return quoteattr(_NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text))


def _text(text: str) -> str:
    return _attribute(text)[1:-1]


def _write_labels(file: TextIO, dataset: Dataset) -> None:
    file.write("  <meta>\n    <task>\n")
    file.write(f"      <name>{_text(dataset.project.name)}</name>\n")
    file.write(f"      <size>{len(dataset.image_ids)}</size>\n      <labels>\n")
    for label in dataset.labels:
        colour = f"<color>{_text(label.colour)}</color>" if label.colour else ""
        file.write(
            f"        <label><name>{_text(label.name)}</name>{colour}"
            "<type>tag</type><attributes></attributes></label>\n"
        )
    file.write("      </labels>\n    </task>\n  </meta>\n")


def _image_of(row: Row) -> str:
    image = row.image
    subset = f" subset={_attribute(image.split)}" if image.split else ""
    head = (
        f'  <image id="{row.number - 1}" name={_attribute(_name_of(row))}{subset}'
        f' width="{image.width_px}" height="{image.height_px}">\n'
    )
    tags = [
        f'    <tag label={_attribute(name)} source="manual"></tag>\n'
        for name in row.yes
    ]
    return "".join([head, *tags, "  </image>\n"])


def _name_of(row: Row) -> str:
    # CVAT names a picture by its path below images/.
    return row.path.removeprefix(f"{IMAGES}/")
