"""A combination of labels, its tier, and the coverage a project has. Pure values.

Measures: t-way coverage CC_t = |D_t| / |U_t| over combinations of t labels.
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from storage.records import Group

if TYPE_CHECKING:
    from mlcore.coverage_cells import CellTable
    from mlcore.rank_test import SeenSets, Span

TRACE_BELOW = 5
# Unless a person sets it otherwise.
THIN_BELOW = 30
TIERS = ("missing", "trace", "thin", "fine", "impossible")
# Free labels that never meet are a gap only where chance would so seldom explain it:
# from three expected pictures on.
GAP_CHANCE = 0.05
# So many of a list are written out as JSON; the counts beside it are of all.
LISTED_AT_MOST = 10_000
# The main partner is seen at least this many times as often as all others together.
MANY_TIMES = 5


@dataclass(frozen=True, slots=True)
class Combination:
    """One label from each of t groups, and how many images show them together.

    `label_ids` and `names` stand in group order. `expected` is the number one would
    see were the groups independent, among images where all t groups are answered.
    `is_grouped` says that every label belongs to a group with a rule.
    """

    label_ids: tuple[int, ...]
    names: tuple[str, ...]
    count: int
    expected: float
    tier: str
    is_grouped: bool = True

    @property
    def key(self) -> str:
        """Sorted label ids joined by a comma."""
        return ",".join(map(str, sorted(self.label_ids)))

    @property
    def chance(self) -> float:
        """Poisson probability of `count` or fewer images if `expected` were true."""
        return poisson_at_most(self.count, self.expected)

    def as_json(self) -> dict[str, object]:
        """Return names, count, expected to one decimal, and Poisson's p."""
        return {
            "labels": list(self.names),
            "count": self.count,
            "expected": round(self.expected, 1),
            "chance": float(f"{self.chance:.3g}"),
        }


@dataclass(frozen=True, slots=True)
class Degree:
    """With which labels of another group a label occurs; (nearly) one = confounded.

    `partners` stand in group order with their `counts`; `main` is the most frequent.
    """

    label_id: int
    name: str
    group: str
    partners: tuple[str, ...]
    others: tuple[str, ...]
    counts: tuple[int, ...] = ()

    @property
    def is_confounded(self) -> bool:
        """True where a model cannot tell the label from its main partner.

        A trace of counter-examples beside many of the main partner does not teach
        the difference.
        """
        if len(self.partners) == 1:
            return bool(self.others)
        trace = self.total - self.main_count
        return trace < TRACE_BELOW and trace * MANY_TIMES <= self.main_count

    def as_json(self) -> dict[str, object]:
        """Return the label, its main partner, and how often it is with that one."""
        return {
            "label": self.name,
            "group": self.group,
            "with": self.main,
            "count": self.main_count,
            "of": self.total,
        }

    @property
    def total(self) -> int:
        """Images of the label on which the other group is answered."""
        return sum(self.counts)

    @property
    def main(self) -> str:
        """The partner it is seen with most."""
        places = range(len(self.counts))
        most = max(places, key=self.counts.__getitem__, default=0)
        return self.partners[most]

    @property
    def main_count(self) -> int:
        """Images with the main partner."""
        return max(self.counts, default=0)


@dataclass(frozen=True, slots=True)
class Table:
    """The combinations of some factors; all free labels are one, called FREE."""

    factors: tuple[str, ...]
    is_grouped: bool
    possible: int
    present: int
    missing: int
    thin: int

    def as_json(self) -> dict[str, object]:
        """Return the names and the figures."""
        return {
            "groups": list(self.factors),
            "possible": self.possible,
            "present": self.present,
            "thin": self.thin,
        }


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a project's labelled images show; `coverage` is None if nothing can be.

    `missing`, `gaps` and `thin` start with the combination one would most expect to
    see; `gaps` are those missing that neither chance nor a missing pair in them
    explains. `cells` holds every
    combination, impossible ones too. These are made when looked at: a slice of a long
    one costs little.
    """

    strength: int
    groups: tuple[Group, ...]
    images: int
    possible: int
    present: int
    coverage: float | None
    missing: Sequence[Combination]
    gaps: Sequence[Combination]
    thin: Sequence[Combination]
    cells: Sequence[Combination]
    degrees: Sequence[Degree]
    thin_below: int
    tables: Sequence[Table]
    numbers: "CellTable"
    seen: "SeenSets | None" = None

    @property
    def span(self) -> "Span | None":
        """What the seen combinations pin down; None where that is not known."""
        return self.seen.span if self.seen else None

    @property
    def grouped(self) -> tuple[int, int]:
        """(present, possible) of combinations between groups with a rule only."""
        own = [table for table in self.tables if table.is_grouped]
        return sum(t.present for t in own), sum(t.possible for t in own)

    def find(self, label_ids: Collection[int]) -> Combination | None:
        """Return what is known of one combination, in whatever order its labels."""
        row = self.numbers.find(label_ids)
        return None if row is None else self.numbers.at(row)

    def as_json(self) -> dict[str, object]:
        """Return the JSON of the `coverage` command."""
        return {
            "strength": self.strength,
            "groups": [_group_as_json(group) for group in self.groups],
            "images": self.images,
            "possible": self.possible,
            "present": self.present,
            "coverage": self.coverage,
            "missing": [c.as_json() for c in self.missing[:LISTED_AT_MOST]],
            "thin": [c.as_json() for c in self.thin[:LISTED_AT_MOST]],
            "missing_count": len(self.missing),
            "gap_count": len(self.gaps),
            "thin_count": len(self.thin),
            "tables": [table.as_json() for table in self.tables],
            "confounded": [d.as_json() for d in self.degrees if d.is_confounded],
        }


def tier_of(count: int, thin_below: int) -> str:
    """Return missing, trace (1 to 4), thin or fine: one picture is not coverage."""
    if count == 0:
        return "missing"
    if count >= thin_below:
        return "fine"
    return "trace" if count < TRACE_BELOW else "thin"


def least_surprising() -> float:
    """Return the expected number from which seeing none is no accident."""
    return -math.log(GAP_CHANCE)


def is_surprising(count: int, expected: float) -> bool:
    """Return whether chance hardly explains so few where so many are expected."""
    return poisson_at_most(count, expected) < GAP_CHANCE


def poisson_at_most(count: int, expected: float) -> float:
    """Return the probability that a Poisson of mean `expected` is `count` or less."""
    if expected <= 0:
        return 1.0
    log_mean = math.log(expected)
    terms = (k * log_mean - expected - math.lgamma(k + 1) for k in range(count + 1))
    return min(1.0, math.fsum(math.exp(term) for term in terms))


def _group_as_json(group: Group) -> dict[str, object]:
    return {
        "name": group.name,
        "labels": [label.name for label in group.labels],
        "rule": group.rule,
    }
