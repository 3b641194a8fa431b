"""The labels and groups an import would make, and making them."""

from collections.abc import Iterable, Mapping, Sequence

from mlcore.annotations import GroupHint, Statement
from mlcore.group_naming import GroupProposal, columns_of, fold, propose
from mlcore.layouts import Reading
from storage.labels import (
    create_labels,
    label_counts,
    list_groups,
    list_labels,
    set_group,
)
from storage.projects import Project
from storage.records import Group, Label


def propose_groups(
    project: Project,
    reading: Reading,
    stated: Iterable[Statement],
    wanted_names: Sequence[str],
    renamed: Mapping[str, str | None],
) -> list[GroupProposal]:
    """Return the groups an import with these statements would make or widen.

    `renamed` gives labels of the source, by folded name, another name or none.
    """
    columns = columns_of(reading.layout, [said.yes for said in stated])
    hints = [_rename(hint, renamed) for hint in reading.groups]
    if not columns and not hints:
        return []
    counts = label_counts(project)
    used_free = [
        label
        for label in list_labels(project)
        if label.group_id is None and counts[label.label_id]
    ]
    groups = list_groups(project)
    if columns:
        return propose(columns, reading.layout, wanted_names, groups, used_free)
    return _propose_hinted(hints, groups, used_free)


def _rename(hint: GroupHint, renamed: Mapping[str, str | None]) -> GroupHint:
    labels = [renamed.get(fold(label), label) for label in hint.labels]
    kept = {fold(label): label for label in reversed(labels) if label}
    return GroupHint(hint.name, hint.rule, tuple(kept.values())[::-1])


def _propose_hinted(
    hints: Sequence[GroupHint], groups: Sequence[Group], used_free: Sequence[Label]
) -> list[GroupProposal]:
    """As `propose` with names and rules that a file gives."""
    names = [hint.name for hint in hints]
    columns = [list(hint.labels) for hint in hints]
    # "combinations" lets a group of one label pass: the file says it is one.
    proposals = propose(columns, "combinations", names, groups, used_free)
    rules = {fold(hint.name): hint.rule for hint in hints}
    here = {fold(group.name) for group in groups}
    return [
        x
        if fold(x.name) in here
        else GroupProposal(x.name, x.labels, rules.get(fold(x.name), x.rule))
        for x in proposals
    ]


def make_labels(
    project: Project, names: Sequence[str], groups: Iterable[GroupProposal], who: str
) -> None:
    """Make the groups and labels that are missing; what is there already stays."""
    existing = {g.name: tuple(x.name for x in g.labels) for g in list_groups(project)}
    for group in groups:
        if existing.get(group.name) != group.labels:
            set_group(project, group.name, group.labels, group.rule, who=who)
    known = {fold(label.name) for label in list_labels(project)}
    missing = [name for name in names if fold(name) not in known]
    if missing:
        create_labels(project, missing, who=who)
