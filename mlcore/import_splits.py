"""Splits that a source names, for pictures that have none yet."""

from collections.abc import Mapping

from mlcore.annotations import SPLITS
from storage.image_marks import move_to_split
from storage.projects import Project
from storage.splits import splits_of


def new_splits(project: Project, splits: Mapping[int, str]) -> dict[int, str]:
    """Return the splits of those images that have none; others keep theirs.

    Images that an import only would bring have ids the project does not know.
    """
    if not splits:
        return {}
    here = splits_of(project)
    return {x: split for x, split in splits.items() if here.get(x) is None}


def store_splits(
    project: Project, splits: Mapping[int, str], *, who: str, batch_id: str
) -> None:
    """Put images into the splits a source names, as part of its batch."""
    wanted = new_splits(project, splits)
    for split in SPLITS:
        ids = [image_id for image_id, named in wanted.items() if named == split]
        if ids:
            move_to_split(
                project, ids, split, who=who, batch_id=batch_id, kind="import"
            )
