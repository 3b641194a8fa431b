"""What an import would change about labels and answers; writes nothing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from mlcore.group_naming import GroupProposal, fold
from mlcore.import_answers import Names, Rules, chunks, weigh
from storage.labels import list_groups, list_labels
from storage.projects import Project
from storage.records import Label


@dataclass(frozen=True, slots=True)
class Forecast:
    """What the statements of an import come to.

    `filled` counts pictures already here that would get answers; `unused` names
    would be made for nothing: every picture that carries one has another answer.
    """

    conflicts: int
    filled: int
    groups: list[GroupProposal]
    new_labels: list[str]
    new_groups: list[str]
    unused: list[str]


def foresee(
    project: Project,
    statements: Mapping[int, Names],
    names: Sequence[str],
    groups: Sequence[GroupProposal],
    fresh_ids: Iterable[int],
) -> Forecast:
    """Weigh what is stated against the answers there are, label by label.

    `fresh_ids` are images that this import brings; `names` every name it states.
    """
    labels = list_labels(project)
    rules = _rules_after(project, labels, names, groups)
    conflicts, gaps, given = _weigh_all(project, statements, rules, set(fresh_ids))
    known = {fold(label.name) for label in labels}
    new = [x for x in names if fold(x) not in known and rules.ids[fold(x)] in given]
    kept = known | {fold(name) for name in new}
    trimmed = _trim(groups, kept)
    here = {fold(group.name) for group in list_groups(project)}
    return Forecast(
        conflicts=conflicts,
        filled=sum(gap or bool(new) for gap in gaps),
        groups=trimmed,
        new_labels=new,
        new_groups=[x.name for x in trimmed if fold(x.name) not in here],
        unused=[x for x in names if fold(x) not in kept],
    )


def _weigh_all(
    project: Project, statements: Mapping[int, Names], rules: Rules, fresh: set[int]
) -> tuple[int, list[bool], set[int]]:
    """Conflicts, of each picture already here whether it has gaps, labels given."""
    conflicts = 0
    gaps: list[bool] = []
    given: set[int] = set()
    for chunk in chunks(statements):
        for row in weigh(project, chunk, rules):
            conflicts += row.is_conflict
            given |= row.yes
            if row.image_id not in fresh:
                gaps.append(row.has_gap)
    return conflicts, gaps, given


def _rules_after(
    project: Project,
    labels: Sequence[Label],
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
            exclusive |= {ids[fold(x)]: group.name for x in group.labels}
    return Rules(ids, exclusive, len(labels))


def _trim(groups: Sequence[GroupProposal], kept: set[str]) -> list[GroupProposal]:
    """The proposals without the labels that will not be made."""
    trimmed = [
        replace(group, labels=tuple(x for x in group.labels if fold(x) in kept))
        for group in groups
    ]
    return [group for group in trimmed if group.labels]
