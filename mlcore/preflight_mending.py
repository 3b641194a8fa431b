"""Doing what a finding's remedy says to the data; each is one step to be undone."""

import uuid

from mlcore.findings import Remedy
from mlcore.splits import choose_validation
from storage.answers import answer_many
from storage.image_marks import move_to_split
from storage.images import list_image_ids
from storage.implications import fill_implied
from storage.projects import Project
from storage.records import Filter

HELD_OUT_FRACTION = 0.2
HELD_OUT_SEED = 42


def mend(project: Project, remedy: Remedy, *, who: str) -> int:
    """Do the remedy's act; returns how many pictures it concerned."""
    if remedy.act == "fill implied":
        return fill_implied(project, who=who)
    batch_id = uuid.uuid4().hex
    if remedy.act == "hold out":
        chosen = choose_validation(project, HELD_OUT_FRACTION, HELD_OUT_SEED)
        return move_to_split(project, chosen, "validation", who=who, batch_id=batch_id)
    wanted = Filter(state="labelled", unknown_ids=remedy.label_ids)
    ids = list_image_ids(project, wanted)
    return answer_many(
        project, ids, {}, who=who, batch_id=batch_id, complete=remedy.label_ids
    )
