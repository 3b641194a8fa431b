"""Doing what a finding's remedy says to the data; each is one step to be undone."""

import uuid

from mlcore.findings import Remedy
from storage.answers import answer_many
from storage.images import list_image_ids
from storage.implications import fill_implied
from storage.projects import Project
from storage.records import Filter


def mend(project: Project, remedy: Remedy, *, who: str) -> int:
    """Do the remedy's act; returns how many pictures it concerned."""
    if remedy.act == "fill implied":
        return fill_implied(project, who=who)
    batch_id = uuid.uuid4().hex
    wanted = Filter(state="labelled", unknown_ids=remedy.label_ids)
    ids = list_image_ids(project, wanted)
    return answer_many(
        project, ids, {}, who=who, batch_id=batch_id, complete=remedy.label_ids
    )
