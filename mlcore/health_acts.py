"""What one click does about a finding; all of it can be undone."""

import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from mlcore.duplicate_families import (
    Family,
    best_first,
    differ_in_labels,
    members_of,
)
from storage.image_marks import move_to_split
from storage.images import delete_images
from storage.projects import Project


@dataclass(frozen=True, slots=True)
class Done:
    """How many images an act changed, and the batches that an undo takes back."""

    images: int
    batch_ids: tuple[str, ...]


def surplus_copies(project: Project, families: Iterable[Family]) -> list[int]:
    """The images to delete so that the best of each family stays.

    Families whose labels differ are left alone: a person has to settle them.
    """
    families = list(families)
    images = members_of(project, families)
    surplus: list[int] = []
    for family in families:
        members = best_first(images[i] for i in family if i in images)
        if not differ_in_labels(members):
            surplus += [image.image_id for image in members[1:]]
    return surplus


def delete(project: Project, image_ids: Iterable[int], *, who: str) -> Done:
    """Delete images as one batch."""
    batch_id = uuid.uuid4().hex
    count = delete_images(project, image_ids, who=who, batch_id=batch_id)
    return Done(count, (batch_id,))


def plan_one_split(project: Project, families: Iterable[Family]) -> dict[int, str]:
    """The split in which most of its family is, for the images not in it.

    With as many in two splits the family trains: it was seen there anyway.
    """
    families = list(families)
    images = members_of(project, families)
    moves: dict[int, str] = {}
    for family in families:
        splits = {i: images[i].split for i in family if i in images}
        counts = Counter(split for split in splits.values() if split)
        if counts:
            wanted = max(counts, key=lambda split: (counts[split], split == "train"))
            moves |= {i: wanted for i, split in splits.items() if split != wanted}
    return moves


def into_one_split(project: Project, families: Iterable[Family], *, who: str) -> Done:
    """Move every family as a whole into the split in which most of it is."""
    moves = plan_one_split(project, families)
    batch_ids = []
    for split in sorted(set(moves.values())):
        ids = [image_id for image_id, wanted in moves.items() if wanted == split]
        batch_ids.append(uuid.uuid4().hex)
        move_to_split(project, ids, split, who=who, batch_id=batch_ids[-1])
    return Done(len(moves), tuple(batch_ids))
