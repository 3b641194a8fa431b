"""What an import states about labels, weighed against what people answered."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Rules:
    """Label ids by folded name, group names of labels whose yes forbids others."""

    ids: Mapping[str, int]
    exclusive: Mapping[int, str]
    label_count: int

    @classmethod
    def of(cls, project: Project) -> "Rules":
        """The rules as the project has them now."""
        labels = list_labels(project)
        exclusive = {
            label.label_id: group.name
            for group in list_groups(project)
            if group.rule != "any"
            for label in group.labels
        }
        ids = {fold(label.name): label.label_id for label in labels}
        return cls(ids, exclusive, len(labels))


@dataclass(frozen=True, slots=True)
class Weighed:
    """What one image would be told: all its yes labels, if it has open questions."""

    image_id: int
    yes: frozenset[int]
    has_gap: bool
    is_conflict: bool


def store_answers(
    project: Project, statements: Mapping[int, Names], *, who: str, batch_id: str
) -> None:
    """Fill what is unknown, overwrite nothing; names without a label are skipped."""
    rules = Rules.of(project)
    for chunk in chunks(statements):
        # One transaction: nobody can answer between our look and our write.
        with immediate(project.db):
            weighed = weigh(project, chunk, rules)
            rows = [(row.image_id, row.yes) for row in weighed if row.has_gap]
            if rows:
                set_many(project, rows, who=who, batch_id=batch_id)


def chunks(statements: Mapping[int, Names]) -> Iterator[dict[int, Names]]:
    """Yield the statements, some thousand images at a time."""
    rows = iter(statements.items())
    while chunk := dict(islice(rows, CHUNK_IMAGES)):
        yield chunk


def weigh(
    project: Project, statements: Mapping[int, Names], rules: Rules
) -> Iterator[Weighed]:
    """Weigh what is stated of each image against its answers."""
    answered = answers_of(project, statements)
    for image_id, names in statements.items():
        known = answered[image_id]
        stated = {rules.ids[fold(name)] for name in names if fold(name) in rules.ids}
        yield Weighed(
            image_id,
            _fill(known, stated, rules.exclusive),
            has_gap=len(known) < rules.label_count,
            is_conflict=any(said != (x in stated) for x, said in known.items()),
        )


def _fill(
    known: Mapping[int, bool], stated: set[int], exclusive: Mapping[int, str]
) -> frozenset[int]:
    """The yes labels once every unknown one is answered as far as rules allow."""
    yes = {label for label, said in known.items() if said}
    taken = {exclusive[label] for label in yes if label in exclusive}
    unknown = stated - known.keys()
    return frozenset(yes | {x for x in unknown if exclusive.get(x) not in taken})
