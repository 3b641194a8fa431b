"""How far two people agree, label by label: Cohen's kappa."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, groupby

from storage.labels import list_labels
from storage.opinions import Opinion, opinions_of
from storage.projects import Project
from storage.records import Label

Pair = tuple[bool, bool]


@dataclass(frozen=True, slots=True)
class Agreement:
    """How two people agree on one label over `images` images both answered.

    `kappa` is None where it is not defined: both always said the same one thing.
    """

    label: Label
    images: int
    agreed: int
    kappa: float | None


def measure_agreement(project: Project) -> list[Agreement]:
    """The agreement on every label that some image has two opinions on."""
    said = opinions_of(project)
    found = []
    for label in list_labels(project):
        pairs = pair_opinions(said, label.label_id)
        if pairs:
            agreed = sum(one == other for one, other in pairs)
            found.append(Agreement(label, len(pairs), agreed, cohen_kappa(pairs)))
    return found


def pair_opinions(opinions: Sequence[Opinion], label_id: int) -> list[Pair]:
    """What each two people said of an image, by image and then by name."""
    pairs = []
    for _, group in groupby(opinions, key=lambda opinion: opinion.image_id):
        values = [x.values[label_id] for x in group if label_id in x.values]
        pairs += list(combinations(values, 2))
    return pairs


def cohen_kappa(pairs: Sequence[Pair]) -> float | None:
    """Agreement beyond chance, 1 at most: (p_o - p_e) / (1 - p_e).

    Cohen, "A coefficient of agreement for nominal scales", 1960. None without
    pairs and where chance alone would agree always.
    """
    total = len(pairs)
    if not total:
        return None
    observed = sum(one == other for one, other in pairs) / total
    first = sum(one for one, _ in pairs) / total
    second = sum(other for _, other in pairs) / total
    expected = first * second + (1 - first) * (1 - second)
    return None if expected == 1 else (observed - expected) / (1 - expected)


def describe_kappa(kappa: float | None) -> str:
    """The word for a kappa; limits by Fleiss, "Statistical methods", 1981."""
    if kappa is None:
        return "cannot tell"
    shown = round(kappa, 2)
    if shown > 0.75:
        return "excellent"
    return "fair" if shown >= 0.4 else "poor"
