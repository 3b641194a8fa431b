"""What would settle an image that breaks the rule of a group, and settling it."""

import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from mlcore.health_acts import Done
from storage.answers import answer_many
from storage.images import get_images
from storage.labels import list_groups
from storage.projects import Project
from storage.records import Group, Image
from storage.rule_breaks import RuleBreak, last_yes, list_rule_breaks
from storage.scores import scores_of

# A model is sure of one label of a group when it says this of it and no more than
# that of any other.
SURE_FROM = 0.9
OTHERS_BELOW = 0.5


@dataclass(frozen=True, slots=True)
class Choice:
    """A label that could be the one to keep.

    `is_newest` where its yes is newer than the others'; `probability` is the model's.
    """

    label_id: int
    name: str
    is_newest: bool = False
    probability: float | None = None


@dataclass(frozen=True, slots=True)
class Repair:
    """An image, the group whose rule it breaks, and the labels to choose from.

    Those are its yes labels, or all of the group where it has none.
    """

    image: Image
    group: Group
    is_crowded: bool
    choices: tuple[Choice, ...]

    @property
    def newest(self) -> int | None:
        """The label with the newest yes; None where two are as new."""
        return next((x.label_id for x in self.choices if x.is_newest), None)

    @property
    def sure(self) -> int | None:
        """The label the model is sure of; None without one."""
        said = [(x.probability or 0.0, x.label_id) for x in self.choices]
        (most, label_id), *others = sorted(said, reverse=True)
        is_sure = most >= SURE_FROM and all(p < OTHERS_BELOW for p, _ in others)
        return label_id if is_sure else None


def find_repairs(project: Project, image_ids: Collection[int]) -> list[Repair]:
    """Return what would settle these images, in their order; one for each broken
    group."""
    breaks = list_rule_breaks(project, image_ids)
    ids = list(dict.fromkeys(x.image_id for x in breaks))
    images = {image.image_id: image for image in get_images(project, ids)}
    groups = {group.group_id: group for group in list_groups(project)}
    newest = last_yes(project, ids)
    scores = scores_of(project, ids)
    return [
        _plan(
            x,
            images[x.image_id],
            groups[x.group_id],
            newest[x.image_id],
            scores[x.image_id].probabilities if x.image_id in scores else {},
        )
        for x in breaks
    ]


def _plan(
    found: RuleBreak,
    image: Image,
    group: Group,
    batches: Mapping[int, int],
    probabilities: Mapping[int, float],
) -> Repair:
    labels = [x for x in group.labels if not found.yes or x.label_id in found.yes]
    said = sorted((batches.get(i, 0) for i in found.yes), reverse=True)
    last = said[0] if len(said) > 1 and said[0] > said[1] else None
    choices = tuple(
        Choice(
            x.label_id,
            x.name,
            last is not None and batches.get(x.label_id) == last,
            probabilities.get(x.label_id),
        )
        for x in labels
    )
    return Repair(image, group, bool(found.yes), choices)


def settle(project: Project, chosen: Iterable[tuple[int, int]], *, who: str) -> Done:
    """Say yes to a label of an image, for each such pair; its group's others are no."""
    images: dict[int, list[int]] = {}
    for image_id, label_id in chosen:
        images.setdefault(label_id, []).append(image_id)
    batch_ids = []
    for label_id, image_ids in images.items():
        batch_ids.append(uuid.uuid4().hex)
        answer_many(
            project, image_ids, {label_id: True}, who=who, batch_id=batch_ids[-1]
        )
    return Done(len({i for ids in images.values() for i in ids}), tuple(batch_ids))
