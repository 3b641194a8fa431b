"""How many pictures each label has, and where a network would learn too little."""

from collections import Counter
from dataclasses import dataclass

from storage.health_rows import answer_tallies
from storage.images import progress
from storage.label_sets import label_sets
from storage.labels import list_groups, list_labels
from storage.projects import Project
from storage.records import Group
from storage.splits import SPLITS

VERY_FEW = 5
FEW = 50
MOST_UNEQUAL = 10


@dataclass(frozen=True, slots=True)
class LabelTally:
    """Images of one label; `unknown` counts labelled images without its answer.

    `by_split` holds the yes images of train, validation and test.
    """

    label_id: int
    name: str
    group: str
    yes: int
    no: int
    unknown: int
    by_split: tuple[int, int, int]

    @property
    def verdict(self) -> str:
        """none, very few (under 5), few (under 50), or ""."""
        if not self.yes:
            return "none"
        if self.yes < VERY_FEW:
            return "very few"
        return "few" if self.yes < FEW else ""


@dataclass(frozen=True, slots=True)
class Imbalance:
    """One of two answers that compete is much rarer: `ratio` times.

    `group` is "" for a free label, and then `often` is "no" or "yes" to `rare`.
    """

    group: str
    rare: str
    often: str
    ratio: float


def tally_labels(project: Project) -> list[LabelTally]:
    """Every label with its counts, in the project's order."""
    answered = answer_tallies(project)
    labelled = progress(project).labelled
    groups = {group.group_id: group.name for group in list_groups(project)}
    splits = [_yes_counts(project, split) for split in SPLITS]
    found = []
    for label in list_labels(project):
        yes, no = answered.get(label.label_id, (0, 0))
        found.append(
            LabelTally(
                label.label_id,
                label.name,
                groups.get(label.group_id, "") if label.group_id else "",
                yes,
                no,
                labelled - yes - no,
                (
                    splits[0][label.label_id],
                    splits[1][label.label_id],
                    splits[2][label.label_id],
                ),
            )
        )
    return found


def _yes_counts(project: Project, split: str) -> Counter[int]:
    found: Counter[int] = Counter()
    for label_set in label_sets(project, split=split):
        for label_id in label_set.label_ids:
            found[label_id] += label_set.count
    return found


def find_imbalances(project: Project, tallies: list[LabelTally]) -> list[Imbalance]:
    """Labels of one exclusive group, or yes and no of another, over 1:10 apart."""
    by_id = {tally.label_id: tally for tally in tallies}
    exclusive = [group for group in list_groups(project) if group.rule != "any"]
    in_group = {label.label_id for group in exclusive for label in group.labels}
    found = [_within(group, by_id) for group in exclusive]
    found += [_yes_to_no(t) for i, t in by_id.items() if i not in in_group]
    return sorted((x for x in found if x), key=lambda x: -x.ratio)


def _within(group: Group, tallies: dict[int, LabelTally]) -> Imbalance | None:
    members = [tallies[x.label_id] for x in group.labels if tallies[x.label_id].yes]
    if len(members) < 2:
        return None
    rare = min(members, key=lambda tally: tally.yes)
    often = max(members, key=lambda tally: tally.yes)
    ratio = often.yes / rare.yes
    if ratio <= MOST_UNEQUAL:
        return None
    return Imbalance(group.name, rare.name, often.name, ratio)


def _yes_to_no(tally: LabelTally) -> Imbalance | None:
    few, many = sorted((tally.yes, tally.no))
    if not few or many / few <= MOST_UNEQUAL:
        return None
    return Imbalance("", tally.name, "no" if tally.no == many else "yes", many / few)
