"""What an import would change about labels and answers; writes nothing."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from mlcore.group_naming import GroupProposal, fold
from mlcore.import_answers import Rules, Weighed, chunks, weigh
from mlcore.import_names import Stated
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
    every picture that carries one has another answer. `open_questions` are groups,
    and labels in none, with the number of pictures of the source they stay open on.
    """

    conflicts: int
    listed: list[Conflict]
    filled: int
    known: int
    groups: list[GroupProposal]
    new_labels: list[str]
    new_groups: list[str]
    unused: list[str]
    open_questions: list[tuple[str, int]]


def foresee(
    project: Project,
    said: Stated,
    names: Sequence[str],
    groups: Sequence[GroupProposal],
    *,
    fresh_ids: Iterable[int],
    overwrite: bool,
) -> Forecast:
    """Weigh what is stated against the answers there are, label by label.

    `fresh_ids` are images that this import brings; `names` every name it states.
    """
    rules = _rules_after(project, said.vocabulary(), names, groups)
    tally = _Tally(rules, frozenset(rules.ids.values()), set(fresh_ids))
    for chunk in chunks(said.statements):
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
        open_questions=_name_questions(project, tally, rules, new, trimmed),
    )


@dataclass(slots=True)
class _Tally:
    """Counts over the pictures already here; `given` are labels that get used.

    `still_open` counts all pictures by the labels that stay unknown on them.
    `whole` are pictures without gaps that are answered as a whole, `same_…` those
    of which just the same is said.
    """

    rules: Rules
    label_ids: frozenset[int]
    fresh_ids: set[int]
    conflicts: int = 0
    filled: int = 0
    whole: int = 0
    same_wholly: int = 0
    same_partly: int = 0
    given: set[int] = field(default_factory=set)
    listed: list[Weighed] = field(default_factory=list)
    still_open: Counter[frozenset[int]] = field(default_factory=Counter)

    def take(self, row: Weighed) -> None:
        named = self.rules.ids_of(row.statement.no)
        used = {x for x, said in row.cells.items() if said or x in named}
        self.given |= used
        self.conflicts += bool(row.conflicts)
        self.still_open[self.label_ids.difference(row.known, row.cells)] += 1
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


def _name_questions(
    project: Project,
    tally: _Tally,
    rules: Rules,
    new_labels: Iterable[str],
    groups: Iterable[GroupProposal],
) -> list[tuple[str, int]]:
    """The questions that stay open on pictures, most pictures first."""
    asked = {label.label_id: label.name for label in list_labels(project)}
    asked |= {rules.ids[fold(name)]: name for name in new_labels}
    for here in list_groups(project):
        asked |= {label.label_id: here.name for label in here.labels}
    for group in groups:
        asked |= {rules.ids[fold(name)]: group.name for name in group.labels}
    counts: Counter[str] = Counter()
    for label_ids, pictures in tally.still_open.items():
        for name in {asked[x] for x in label_ids if x in asked}:
            counts[name] += pictures
    return sorted(counts.items(), key=lambda row: (-row[1], row[0]))


def _rules_after(
    project: Project,
    vocabulary: frozenset[str],
    names: Sequence[str],
    groups: Sequence[GroupProposal],
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
    spoken = frozenset(ids[name] for name in vocabulary if name in ids)
    return Rules(ids, exclusive, now.implications, spoken)


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
