"""Example pictures of a report: what the run got wrong, and what it got right."""

from collections.abc import Callable, Sequence

import numpy as np

from mlcore.errors import MLError
from mlcore.images import thumbnail
from mlcore.mistakes import list_mistakes
from mlcore.report_figures import NO_LABELS, Measured
from mlcore.report_parts import Picture, Pictures, Section, Words
from storage.errors import StorageError
from storage.images import get_images
from storage.projects import Project

WRONG_SHOWN, RIGHT_SHOWN = 12, 12
OnPicture = Callable[[], None]


def examples_section(
    project: Project, measured: Measured, on_picture: OnPicture
) -> Section | None:
    """The gravest mistakes, then right answers: one of each combination first."""
    wrong = [m.image_id for m in list_mistakes(measured.held_out)[:WRONG_SHOWN]]
    right = _choose_right(measured)
    blocks: list[Words | Pictures] = []
    for title, ids, is_right in (("Wrong", wrong, False), ("Right", right, True)):
        found = _read(project, measured, ids, is_right, on_picture)
        if found:
            blocks += [Words(title, is_head=True), Pictures(tuple(found))]
    return Section("Examples", tuple(blocks)) if blocks else None


def _choose_right(measured: Measured) -> list[int]:
    y, said = measured.held_out.y, measured.said
    known = y >= 0
    is_right = ((said == (y == 1)) | ~known).all(axis=1) & known.any(axis=1)
    rows = np.flatnonzero(is_right)
    if not len(rows):
        return []
    _, place = np.unique(y[rows], axis=0, return_index=True)
    # then more of them, evenly over the rest
    spread = np.linspace(0, len(rows) - 1, RIGHT_SHOWN).round().astype(int)
    chosen = dict.fromkeys([*place.tolist(), *spread.tolist()])
    ids = measured.held_out.image_ids[rows]
    return [int(ids[at]) for at in list(chosen)[:RIGHT_SHOWN]]


def _read(
    project: Project,
    measured: Measured,
    ids: Sequence[int],
    is_right: bool,
    on_picture: OnPicture,
) -> list[Picture]:
    """Return what can be read; a picture deleted since is left out."""
    images = {image.image_id: image for image in get_images(project, ids)}
    rows = {int(i): row for row, i in enumerate(measured.held_out.image_ids)}
    found = []
    for image_id in ids:
        on_picture()
        if image_id not in images:
            continue
        try:
            jpeg = thumbnail(project, images[image_id]).read_bytes()
        except (MLError, StorageError, OSError):
            continue
        row = rows[image_id]
        said = _names(measured, measured.said[row])
        labelled = _names(measured, measured.held_out.y[row] == 1)
        found.append(Picture(jpeg, said, labelled, is_right))
    return found


def _names(measured: Measured, chosen: np.ndarray) -> str:
    labels = measured.held_out.labels
    names = [labels[at].name for at in np.flatnonzero(chosen)]
    return measured.separator.join(names) or NO_LABELS
