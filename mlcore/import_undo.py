"""Taking an import back: its pictures, its answers, and what it made for them."""

from collections.abc import Sequence
from dataclasses import dataclass

from mlcore.group_naming import fold
from storage.answers import undo
from storage.database import immediate
from storage.images import count_images
from storage.labels import (
    delete_group,
    delete_label,
    label_counts,
    list_groups,
    list_labels,
)
from storage.projects import Project


@dataclass(frozen=True, slots=True)
class Made:
    """What an import made: its batch of pictures and answers, labels, groups."""

    batch_id: str
    labels: Sequence[str]
    groups: Sequence[str]


def undo_import(project: Project, made: Made, *, who: str) -> int | None:
    """Take an import back; returns how many pictures went.

    None when it was taken back before. Its labels and groups go too unless they
    are in use by now.
    """
    with immediate(project.db):
        before = count_images(project)
        if undo(project, who=who, batch_id=made.batch_id) is None:
            return None
        _delete_unused(project, made, who)
        return before - count_images(project)


def _delete_unused(project: Project, made: Made, who: str) -> None:
    counts = label_counts(project)
    labels = {fold(name) for name in made.labels}
    for label in list_labels(project):
        if fold(label.name) in labels and not counts.get(label.label_id):
            delete_label(project, label.label_id, who=who)
    groups = {fold(name) for name in made.groups}
    for group in list_groups(project):
        if fold(group.name) in groups and not group.labels:
            delete_group(project, group.group_id, who=who)
