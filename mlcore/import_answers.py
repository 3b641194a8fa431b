"""What an import states about labels, weighed against what people answered."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from mlcore.group_naming import GroupProposal, columns_of, fold, propose
from storage.answers import answers_of, set_many
from storage.database import immediate
from storage.labels import (
    create_labels,
    label_counts,
    list_groups,
    list_labels,
    set_group,
)
from storage.projects import Project
from storage.records import Label

CHUNK_IMAGES = 2_000
Names = tuple[str, ...]


def propose_groups(
    project: Project, layout: str, stated: Iterable[Names], wanted_names: Sequence[str]
) -> list[GroupProposal]:
    """Return the groups an import with these label names would make or widen."""
    columns = columns_of(layout, stated)
    if not columns:
        return []
    counts = label_counts(project)
    used_free = [
        label
        for label in list_labels(project)
        if label.group_id is None and counts[label.label_id]
    ]
    groups = list_groups(project)
    return propose(columns, layout, wanted_names, groups, used_free)


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


def store_answers(
    project: Project, statements: Mapping[int, Names], *, who: str, batch_id: str
) -> int:
    """Fill what is unknown, overwrite nothing; returns images in conflict.

    The labels must exist. `statements` maps image ids to label names.
    """
    labels = list_labels(project)
    ids = {fold(label.name): label.label_id for label in labels}
    conflicts = 0
    for chunk in _chunks(statements):
        # One transaction: nobody can answer between our look and our write.
        with immediate(project.db):
            rows, against = _weigh(project, chunk, ids, labels)
            if rows:
                set_many(project, rows, who=who, batch_id=batch_id)
        conflicts += against
    return conflicts


def count_conflicts(project: Project, statements: Mapping[int, Names]) -> int:
    """Count the images whose answers an import would contradict; writes nothing."""
    labels = list_labels(project)
    ids = {fold(label.name): label.label_id for label in labels}
    for names in set(statements.values()):
        for name in names:
            ids.setdefault(fold(name), -len(ids) - 1)
    return sum(_weigh(project, chunk, ids, labels)[1] for chunk in _chunks(statements))


def _chunks(statements: Mapping[int, Names]) -> Iterator[dict[int, Names]]:
    rows = iter(statements.items())
    while chunk := dict(islice(rows, CHUNK_IMAGES)):
        yield chunk


def _weigh(
    project: Project,
    statements: Mapping[int, Names],
    ids: Mapping[str, int],
    labels: Sequence[Label],
) -> tuple[list[tuple[int, frozenset[int]]], int]:
    """Return the rows to state (all yes ids of an image) and images in conflict."""
    answered = answers_of(project, statements)
    exclusive = _exclusive_groups(project)
    rows, conflicts = [], 0
    for image_id, names in statements.items():
        known = answered[image_id]
        stated = {ids[fold(name)] for name in names}
        conflicts += any(said != (label in stated) for label, said in known.items())
        if len(known) < len(labels):
            rows.append((image_id, _fill(known, stated, exclusive)))
    return rows, conflicts


def _exclusive_groups(project: Project) -> dict[int, int]:
    """Group ids by label id, for groups in which one yes forbids the others."""
    return {
        label.label_id: group.group_id
        for group in list_groups(project)
        if group.rule != "any"
        for label in group.labels
    }


def _fill(
    known: Mapping[int, bool], stated: set[int], exclusive: Mapping[int, int]
) -> frozenset[int]:
    """The yes labels once every unknown one is answered as far as rules allow."""
    yes = {label for label, said in known.items() if said}
    taken = {exclusive[label] for label in yes if label in exclusive}
    unknown = stated - known.keys()
    return frozenset(yes | {x for x in unknown if exclusive.get(x) not in taken})
