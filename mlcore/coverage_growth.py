"""How coverage grew as answers arrived. Pure."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from storage.records import Group

Arrival = tuple[str, tuple[int, ...], int]


@dataclass(frozen=True, slots=True)
class Growth:
    """At the end of `when`: labelled images, combinations present, on enough images."""

    when: str
    images: int
    present: int
    fine: int


def grow(
    arrivals: Iterable[Arrival],
    groups: Sequence[Group],
    *,
    strength: int = 2,
    thin_below: int = 30,
    impossible: Collection[tuple[int, ...]] = (),
) -> list[Growth]:
    """Return one entry for each time in `arrivals`, which come oldest first.

    Counted are combinations between groups with a rule; without two such groups,
    those of all labels.
    """
    owner = {
        x.label_id: g.group_id for g in groups if g.rule != "any" for x in g.labels
    }
    has_groups = len(set(owner.values())) >= strength
    barred = [frozenset(ids) for ids in impossible]
    counts: Counter[tuple[int, ...]] = Counter()
    images = 0
    found: dict[str, Growth] = {}
    for when, label_ids, count in arrivals:
        images += count
        ids = sorted(i for i in label_ids if i in owner) if has_groups else label_ids
        for chosen in combinations(sorted(ids), strength):
            if _can_be(chosen, owner, barred):
                counts[chosen] += count
        found[when] = Growth(when, images, len(counts), _fine(counts, thin_below))
    return list(found.values())


def _fine(counts: Counter[tuple[int, ...]], thin_below: int) -> int:
    return sum(count >= thin_below for count in counts.values())


def _can_be(
    chosen: tuple[int, ...],
    owner: dict[int, int],
    barred: Sequence[frozenset[int]],
) -> bool:
    groups = [owner[i] for i in chosen if i in owner]
    if len(set(groups)) < len(groups):
        return False
    return not any(ids.issubset(chosen) for ids in barred)
