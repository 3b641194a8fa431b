"""Results as files: a table as CSV, pictures with their labels drawn on them."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlcore.predictions import Prediction
    from pages.parts.classify_batch import Picture

    # what was read in a picture, and the labels a person saved (None: nobody did)
    Row = tuple[Picture, Prediction, Sequence[str] | None]

TABLE_NAME = "results.csv"
# Excel takes UTF-8 without this mark for the machine's old code page.
BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"


def results_csv(rows: Sequence[Row]) -> bytes:
    """Return one line per picture: labels, warnings, every label's probability."""
    from mlcore.result_tables import write_results

    out = io.StringIO(newline="")
    out.write(BYTE_ORDER_MARK)
    saved = [saved for _, _, saved in rows]
    write_results(out, [found for _, found, _ in rows], saved_as=saved)
    return out.getvalue().encode()


def results_json(rows: Sequence[Row], about: Mapping[str, str]) -> bytes:
    """Return what `classify --json` prints of each picture, and what was saved."""
    found = [
        prediction.as_json()
        | {"path": picture.name, "saved_as": None if saved is None else list(saved)}
        for picture, prediction, saved in rows
    ]
    whole = {**about, "pictures": found}
    return json.dumps(whole, ensure_ascii=False, allow_nan=False, indent=1).encode()


def drawn_picture(
    picture: Picture, prediction: Prediction, saved: Sequence[str] | None = None
) -> bytes:
    """Return the picture with its labels drawn on it, as an image file."""
    from mlcore.drawing import draw_labels

    return draw_labels(picture.path, prediction, saved)


def drawn_zip(rows: Sequence[Row]) -> bytes:
    """Return a zip of results.csv and all readable pictures with labels drawn."""
    out = io.BytesIO()
    # pictures are compressed already
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(TABLE_NAME, results_csv(rows))
        for picture, prediction, saved in rows:
            if not prediction.error:
                drawn = drawn_picture(picture, prediction, saved)
                archive.writestr(drawn_name(picture, drawn), drawn)
    return out.getvalue()


def drawn_name(picture: Picture, drawn: bytes) -> str:
    """Return a file name that is unique in the batch and safe on every system."""
    stem = PurePosixPath(picture.name.replace("\\", "/")).stem
    kept = "".join(c if c.isalnum() or c in " -_." else "_" for c in stem)
    ending = "png" if drawn.startswith(b"\x89PNG") else "jpg"
    return f"{picture.number:04d} {kept[:80].strip('. ') or 'picture'}.{ending}"
