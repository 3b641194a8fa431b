"""The shopping list: what is advised and what people want, as one list."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from mlcore.combinations import Coverage
from mlcore.group_offers import GroupOffer, is_inside
from mlcore.left_out import LeftOutStudy
from mlcore.shopping import Advice
from mlcore.shopping_evidence import advise
from mlcore.shopping_targets import Target, count_pictures, list_targets
from storage.label_sets import list_impossible, make_key
from storage.labels import list_labels
from storage.projects import Project

# How many are advised where people ask for no more.
ADVISED = 8
# Where groups are offered, so many are looked through for pairs that can exist.
LOOKED_AT = 400


@dataclass(frozen=True, slots=True)
class Item:
    """`have` of `wanted` pictures in all; `had` when it came onto the list.

    `is_kept` says that a person put it there; `advice` says why, if it is advised.
    """

    label_ids: tuple[int, ...]
    names: tuple[str, ...]
    have: int
    wanted: int
    had: int
    is_kept: bool
    advice: Advice | None = None

    @property
    def key(self) -> str:
        """Sorted label ids joined by a comma."""
        return make_key(self.label_ids)

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to collect."""
        return self.have >= self.wanted

    @property
    def left(self) -> int:
        """Pictures still to collect."""
        return max(0, self.wanted - self.have)


def list_items(
    project: Project,
    found: Coverage,
    *,
    advised: int = ADVISED,
    study: LeftOutStudy | None = None,
    offers: Sequence[GroupOffer] = (),
) -> list[Item]:
    """The whole list: what helps most first, then other targets, done ones last.

    What is met in use, and what models fail at by the `study`, comes earlier. Pairs
    inside a group of `offers` are not advised: if it is one, they cannot exist.
    """
    targets = {target.key: target for target in list_targets(project)}
    barred = {make_key(ids) for ids in list_impossible(project)}
    items = []
    inside = sum(math.comb(len(offer.label_ids), 2) for offer in offers)
    pieces = advise(project, found, min(advised + inside, LOOKED_AT), study)
    open_pieces = [one for one in pieces if not is_inside(one.label_ids, offers)]
    for piece in open_pieces[:advised]:
        items.append(_advised(piece, targets.pop(piece.key, None)))
    kept = [t for key, t in targets.items() if key not in barred]
    items += _kept(project, kept)
    return sorted(items, key=lambda item: item.is_done)


def _advised(piece: Advice, target: Target | None) -> Item:
    return Item(
        label_ids=piece.label_ids,
        names=piece.names,
        have=piece.have,
        wanted=target.wanted if target else piece.have + piece.wanted,
        had=target.had if target else piece.have,
        is_kept=target is not None,
        advice=piece,
    )


def _kept(project: Project, targets: Sequence[Target]) -> list[Item]:
    if not targets:
        return []
    names = {label.label_id: label.name for label in list_labels(project)}
    return [
        Item(
            label_ids=target.label_ids,
            names=tuple(names[label_id] for label_id in target.label_ids),
            have=count_pictures(project, target.label_ids),
            wanted=target.wanted,
            had=target.had,
            is_kept=True,
        )
        for target in targets
    ]
