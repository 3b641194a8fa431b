"""What to collect next, in the order that helps a model most. Pure.

A model that adds up evidence per label can work out a combination if seen combinations
pin it down. So first comes what adds most to what can be worked out, then what gives
a label with a single partner a second one, then what one would expect to see, or
see predicted, most often and most often wrong.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from mlcore.combinations import Combination, Coverage
from mlcore.shopping_links import Links

# Beyond these the one most expected is not what helps most, but close to it.
CANDIDATES_AT_MOST = 2_000
NAMED_AT_MOST = 3

Show = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why to collect it: links, second-partner, predicted, error, expected or thin.

    `names` are the labels it speaks of, `number` how many, or the share for error.
    """

    kind: str
    names: tuple[str, ...] = ()
    number: float = 0.0

    def words(self, show: Show = str) -> str:
        """Return it in a few words; every label name goes through `show`."""
        names = [show(name) for name in self.names]
        count = f"{round(self.number):,}"
        words = {
            "links": f"nothing links {' and '.join(names)} yet",
            "second-partner": " appears only with ".join(names),
            "predicted": f"predicted {count} times"
            if self.number > 1
            else "predicted once",
            "error": f"about {self.number:.0%} of those like it are wrong",
            "expected": f"none so far, about {count} expected"
            if self.number >= 1
            else "none so far",
            "thin": f"only {count} so far",
        }[self.kind]
        return words

    def as_json(self) -> dict[str, object]:
        """Return the reason as data."""
        number = round(self.number, 3)
        return {"kind": self.kind, "labels": list(self.names), "number": number}


@dataclass(frozen=True, slots=True)
class Advice:
    """Collect `wanted` pictures of the labels; `only_with` says who is confounded.

    `links` says that it adds to what can be worked out from the seen combinations.
    `recoverable` says that those pin it down already (free labels always are: nothing
    is said of them); `pinning` names the fewest that
    do, where two groups are all there is.
    """

    label_ids: tuple[int, ...]
    names: tuple[str, ...]
    wanted: int
    have: int
    expected: float
    only_with: tuple[str, str] | None = None
    reasons: tuple[Reason, ...] = ()
    links: bool = False
    recoverable: bool = False
    pinning: tuple[tuple[str, ...], ...] = ()
    error: float | None = None
    predicted: int = 0

    @property
    def key(self) -> str:
        """Sorted label ids joined by a comma."""
        return ",".join(map(str, sorted(self.label_ids)))

    @property
    def pinned_by(self) -> int | None:
        """How many seen combinations pin it down, None if that is not known."""
        return len(self.pinning) or None

    def sentence(self, show: Show = str) -> str:
        """Return one plain sentence; every label name goes through `show`."""
        what = " ".join(map(show, self.names))
        pictures = "picture" if self.wanted == 1 else "pictures"
        more = " more" if self.have else ""
        text = f"Collect {self.wanted:,}{more} {pictures} of {what}: {self._state()}"
        if self.only_with:
            label, partner = map(show, self.only_with)
            text += f"; {label} appears only with {partner}"
        return text + "."

    def note(self, show: Show = str) -> str:
        """Return what else to know, in one sentence; "" where there is nothing."""
        if self.links:
            return "Nothing seen so far tells a model what it looks like."
        if not self.recoverable:
            return ""
        others = [" ".join(map(show, names)) for names in self.pinning]
        if not others:
            return (
                "The recipe “Unseen combinations” can do without: the seen "
                "combinations pin it down."
            )
        named = ", ".join(others[:NAMED_AT_MOST])
        more = len(others) - NAMED_AT_MOST
        named += f" and {more} more" if more > 0 else ""
        return (
            "The recipe “Unseen combinations” can do without: "
            f"{len(others)} others pin it down ({named})."
        )

    def as_json(self) -> dict[str, object]:
        """Return everything as data, with the sentence."""
        return {
            "labels": list(self.names),
            "wanted": self.wanted,
            "have": self.have,
            "expected": round(self.expected, 1),
            "reasons": [reason.as_json() for reason in self.reasons],
            "links": self.links,
            "recoverable": self.recoverable,
            "pinned_by": [list(names) for names in self.pinning],
            "sentence": self.sentence(),
        }

    def _state(self) -> str:
        if self.have:
            return f"only {self.have:,} so far"
        return f"none so far, about {self.expected:,.0f} expected"


@dataclass(frozen=True)
class Experience:
    """What is known of combinations from use: how often wrong, how often predicted."""

    errors: Mapping[str, float] = field(default_factory=dict)
    predicted: Mapping[str, int] = field(default_factory=dict)

    def error(self, found: Combination) -> float | None:
        """Return the share wrong: its own, else of those that share a label with it."""
        if found.key in self.errors:
            return self.errors[found.key]
        ids = {str(label_id) for label_id in found.label_ids}
        alike = [e for key, e in self.errors.items() if ids & set(key.split(","))]
        known = alike or list(self.errors.values())
        return sum(known) / len(known) if known else None

    def weight(self, found: Combination) -> float:
        """Return how much is wrong without it: how often it comes, times the error.

        It comes as often as one expects it among the labelled images, and as it was
        predicted.
        """
        error = self.error(found)
        often = found.expected + self.predicted.get(found.key, 0)
        return often * (1.0 if error is None else error)


def what_to_collect(
    coverage: Coverage,
    limit: int = 10,
    *,
    errors: Mapping[str, float] | None = None,
    predicted: Mapping[str, int] | None = None,
) -> list[Advice]:
    """Return up to `limit` pieces of advice, most helpful first: missing, then thin.

    `errors` (share wrong) and `predicted` (how often) are by combination key. Missing
    pairs with a free label are named only where chance cannot explain them.
    """
    known = Experience(errors or {}, predicted or {})
    ordered = list(_order_missing(coverage, limit, known))
    thin = sorted(
        coverage.thin[:CANDIDATES_AT_MOST] if len(ordered) < limit else [],
        key=lambda c: (c.tier != "trace", -known.weight(c)),
    )
    links = Links(coverage, thin)
    for place, cell in enumerate(thin[: limit - len(ordered)]):
        ordered.append(_advise(coverage, cell, links, place, known))
    return ordered


def fewest_new(coverage: Coverage) -> int | None:
    """Return how many new combinations an additive model needs to work out all others.

    1 + Σ(v - 1) - rank of the seen ones; None while no image answers every group.
    """
    return coverage.span.needed if coverage.span else None


def _order_missing(coverage: Coverage, limit: int, known: Experience) -> list[Advice]:
    """Take, again and again, what helps most once the ones before are collected."""
    waiting = coverage.gaps[:CANDIDATES_AT_MOST]
    links = Links(coverage, waiting)
    weights = np.array([known.weight(found) for found in waiting])
    is_open = np.ones(len(waiting), bool)
    ordered: list[Advice] = []
    while is_open.any() and len(ordered) < limit:
        keys = (-weights, -links.freed(), ~links.adds(), ~is_open)
        best = int(np.lexsort(keys)[0])
        ordered.append(_advise(coverage, waiting[best], links, best, known))
        links.collect(best)
        is_open[best] = False
    return ordered


def _advise(
    coverage: Coverage, cell: Combination, links: Links, place: int, known: Experience
) -> Advice:
    only_with = links.only_partner(place)
    adds = bool(links.adds()[place])
    is_new = not cell.count
    return Advice(
        label_ids=cell.label_ids,
        names=cell.names,
        wanted=max(coverage.thin_below - cell.count, 1),
        have=cell.count,
        expected=cell.expected,
        only_with=only_with,
        reasons=tuple(_list_reasons(cell, adds, only_with, known)),
        links=adds and is_new,
        recoverable=is_new and cell.is_grouped and links.was_pinned(place),
        pinning=links.pinned_by(place) if is_new else (),
        error=known.error(cell),
        predicted=known.predicted.get(cell.key, 0),
    )


def _list_reasons(
    cell: Combination,
    adds: bool,
    only_with: tuple[str, str] | None,
    known: Experience,
) -> Sequence[Reason]:
    found = [Reason("links", cell.names)] if adds and not cell.count else []
    if only_with:
        found.append(Reason("second-partner", only_with))
    if times := known.predicted.get(cell.key, 0):
        found.append(Reason("predicted", cell.names, times))
    error = known.error(cell)
    if error is not None:
        found.append(Reason("error", cell.names, error))
    kind, number = ("thin", cell.count) if cell.count else ("expected", cell.expected)
    return [*found, Reason(kind, cell.names, number)]
