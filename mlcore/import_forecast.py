"""What an import would change about labels and answers; writes nothing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from mlcore.annotations import Statement
from mlcore.group_naming import GroupProposal, fold
from mlcore.import_answers import Rules, Weighed, chunks, weigh
from storage.images import get_images
from storage.labels import list_groups, list_labels
from storage.projects import Project

LISTED_CONFLICTS = 200


@dataclass(frozen=True, slots=True)
class Conflict:
    """One picture that carries other answers: what is here, what the source says."""

    picture: str
    here: tuple[str, ...]
    says: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Forecast:
    """What the statements of an import come to.

    `filled` counts pictures already here that would get answers, `known` those
    whose answers are the same already; `unused` names would be made for nothing:
    every picture that carries one has another answer.
    """

    conflicts: int
    listed: list[Conflict]
    filled: int
    known: int
    groups: list[GroupProposal]
    new_labels: list[str]
    new_groups: list[str]
    unused: list[str]


def foresee(
    project: Project,
    statements: Mapping[int, Statement],
    names: Sequence[str],
    groups: Sequence[GroupProposal],
    *,
    fresh_ids: Iterable[int],
    overwrite: bool,
) -> Forecast:
    """Weigh what is stated against the answers there are, label by label.

    `fresh_ids` are images that this import brings; `names` every name it states.
    """
    rules = _rules_after(project, names, groups)
    tally = _Tally(rules, set(fresh_ids))
    for chunk in chunks(statements):
        for row in weigh(project, chunk, rules, overwrite=overwrite):
            tally.take(row)
    known = {fold(label.name) for label in list_labels(project)}
    new = [
        x for x in names if fold(x) not in known and rules.ids[fold(x)] in tally.given
    ]
    kept = known | {fold(name) for name in new}
    trimmed = _trim(groups, kept)
    here = {fold(group.name) for group in list_groups(project)}
    # A new label is an open question on every picture that is answered as a whole.
    filled = tally.filled + (tally.whole if new else 0)
    return Forecast(
        conflicts=tally.conflicts,
        listed=_list_conflicts(project, tally.listed, rules),
        filled=filled,
        known=tally.same_partly + (0 if new else tally.same_wholly),
        groups=trimmed,
        new_labels=new,
        new_groups=[x.name for x in trimmed if fold(x.name) not in here],
        unused=[x for x in names if fold(x) not in kept],
    )


@dataclass(slots=True)
class _Tally:
    """Counts over the pictures already here; `given` are labels that get used.

    `whole` are pictures without gaps that are answered as a whole, `same_…` those
    of which just the same is said.
    """

    rules: Rules
    fresh_ids: set[int]
    conflicts: int = 0
    filled: int = 0
    whole: int = 0
    same_wholly: int = 0
    same_partly: int = 0
    given: set[int] = field(default_factory=set)
    listed: list[Weighed] = field(default_factory=list)

    def take(self, row: Weighed) -> None:
        named = self.rules.ids_of(row.statement.no)
        used = {x for x, said in row.cells.items() if said or x in named}
        self.given |= used
        self.conflicts += bool(row.conflicts)
        if row.conflicts and len(self.listed) < LISTED_CONFLICTS:
            self.listed.append(row)
        if row.image_id in self.fresh_ids:
            return
        # Labels below 0 are new ones: a mere no makes none of them.
        if used or any(label > 0 for label in row.cells):
            self.filled += 1
        elif row.statement.is_complete:
            self.whole += 1
            self.same_wholly += not row.conflicts
        else:
            self.same_partly += not row.conflicts


def _rules_after(
    project: Project, names: Sequence[str], groups: Sequence[GroupProposal]
) -> Rules:
    """The rules once the labels and groups are made; new labels get ids below 0."""
    now = Rules.of(project)
    ids = dict(now.ids)
    for name in names:
        ids.setdefault(fold(name), -len(ids) - 1)
    exclusive = dict(now.exclusive)
    for group in groups:
        if group.rule != "any":
            exclusive |= {
                ids[fold(x)]: group.name for x in group.labels if fold(x) in ids
            }
    return Rules(ids, exclusive, now.implications)


def _list_conflicts(
    project: Project, rows: Sequence[Weighed], rules: Rules
) -> list[Conflict]:
    labels = {label.label_id: label.name for label in list_labels(project)}
    ids = [row.image_id for row in rows]
    pictures = {image.image_id: image.name for image in get_images(project, ids)}
    return [
        Conflict(
            pictures[row.image_id],
            _words({x: not said for x, said in row.conflicts.items()}, labels),
            _words(row.conflicts, labels),
        )
        for row in rows
        if row.image_id in pictures
    ]


def _words(cells: Mapping[int, bool], labels: Mapping[int, str]) -> tuple[str, ...]:
    yes = tuple(labels[x] for x, said in cells.items() if said and x in labels)
    return yes or tuple(f"not {labels[x]}" for x in cells if x in labels)


def _trim(groups: Sequence[GroupProposal], kept: set[str]) -> list[GroupProposal]:
    """The proposals without the labels that will not be made."""
    trimmed = [
        replace(group, labels=tuple(x for x in group.labels if fold(x) in kept))
        for group in groups
    ]
    return [group for group in trimmed if group.labels]
