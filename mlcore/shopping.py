"""What to collect next, in the order that helps a model most. Pure.

A combination is recoverable by an additive model if seen combinations link its two
labels. So first comes what joins labels nothing links yet, then what gives a label
with a single partner a second one, then what one would most expect to see.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mlcore.combinations import Combination, Coverage

# Below this chance a free pair's absence is a gap in the data, not an accident.
GAP_CHANCE = 0.01


@dataclass(frozen=True, slots=True)
class Advice:
    """Collect `wanted` pictures of the labels; `only_with` says who is confounded."""

    label_ids: tuple[int, ...]
    names: tuple[str, ...]
    wanted: int
    have: int
    expected: float
    only_with: tuple[str, str] | None = None

    def sentence(self, show: Callable[[str], str] = str) -> str:
        """Return one plain sentence; every label name goes through `show`."""
        what = " ".join(map(show, self.names))
        pictures = "picture" if self.wanted == 1 else "pictures"
        more = " more" if self.have else ""
        text = f"Collect {self.wanted:,}{more} {pictures} of {what}: {self._state()}"
        if self.only_with:
            label, partner = map(show, self.only_with)
            text += f"; {label} appears only with {partner}"
        return text + "."

    def _state(self) -> str:
        if self.have:
            return f"only {self.have:,} so far"
        return f"none so far, about {self.expected:,.0f} expected"


def what_to_collect(coverage: Coverage, limit: int = 10) -> list[Advice]:
    """Return up to `limit` pieces of advice, most helpful first: missing, then thin.

    Missing pairs of free labels are named only where chance cannot explain them.
    """
    links = _Links(coverage)
    waiting = [c for c in coverage.missing if _is_gap(c, links.grouped)]
    ordered: list[Advice] = []
    while waiting and len(ordered) < limit:
        best = max(waiting, key=lambda c: (*links.gain(c), c.expected))
        waiting.remove(best)
        ordered.append(_advise(best, coverage.thin_below, links.only_partner(best)))
        links.add(best)
    thin = sorted(coverage.thin, key=lambda c: (c.tier != "trace", -c.expected))
    ordered += [_advise(c, coverage.thin_below, links.only_partner(c)) for c in thin]
    return ordered[:limit]


def _is_gap(combination: Combination, grouped: set[int]) -> bool:
    if grouped.issuperset(combination.label_ids):
        return True
    return combination.chance < GAP_CHANCE


def _advise(
    combination: Combination, thin_below: int, only_with: tuple[str, str] | None
) -> Advice:
    return Advice(
        label_ids=combination.label_ids,
        names=combination.names,
        wanted=max(thin_below - combination.count, 1),
        have=combination.count,
        expected=combination.expected,
        only_with=only_with,
    )


class _Links:
    """Which labels seen combinations link, and who has a single partner."""

    def __init__(self, coverage: Coverage) -> None:
        groups = [g for g in coverage.groups if g.rule != "any"]
        self._group_of = {
            label.label_id: g.group_id for g in groups for label in g.labels
        }
        self.grouped = set(self._group_of)
        self._parent: dict[tuple[object, int], int] = {}
        self._partners: dict[tuple[int, object], dict[int, str]] = {}
        for cell in coverage.cells:
            if cell.count:
                self.add(cell)

    def add(self, combination: Combination) -> None:
        """Treat the combination as collected."""
        for (a, _), (b, name) in _ordered_pairs(combination):
            if {a, b} <= self.grouped:
                self._partners.setdefault((a, self._group_of[b]), {})[b] = name
                table = self._table(a, b)
                self._parent[(table, self._root(table, a))] = self._root(table, b)

    def gain(self, combination: Combination) -> tuple[int, int]:
        """Return (links between unlinked labels, labels freed from one partner)."""
        joined = freed = 0
        for (a, _), (b, _) in _ordered_pairs(combination):
            table = self._table(a, b)
            joined += self._root(table, a) != self._root(table, b)
            freed += len(self._partners_of(a, b)) == 1
        return joined, freed

    def only_partner(self, combination: Combination) -> tuple[str, str] | None:
        """Return a label of the combination and its single partner, if it has one."""
        for (a, name), (b, _) in _ordered_pairs(combination):
            partners = self._partners_of(a, b)
            if len(partners) == 1 and b not in partners:
                return name, next(iter(partners.values()))
        return None

    def _partners_of(self, label_id: int, other_id: int) -> dict[int, str]:
        return self._partners.get((label_id, self._group_of.get(other_id)), {})

    def _table(self, a: int, b: int) -> frozenset[int | None]:
        # A free label has no group; its own negative id keeps its links apart.
        return frozenset(self._group_of.get(x, -x) for x in (a, b))

    def _root(self, table: object, label_id: int) -> int:
        while (table, label_id) in self._parent:
            following = self._parent[(table, label_id)]
            if following == label_id:
                break
            label_id = following
        return label_id


def _ordered_pairs(
    combination: Combination,
) -> Sequence[tuple[tuple[int, str], tuple[int, str]]]:
    labels = list(zip(combination.label_ids, combination.names, strict=True))
    return [(a, b) for a in labels for b in labels if a is not b]
