"""A combination of labels, its tier, and the coverage a project has. Pure values.

Measures: t-way coverage CC_t = |D_t| / |U_t| over combinations of t labels.
"""

import math
from dataclasses import dataclass

from storage.records import Group

TRACE_BELOW = 5
# The main partner is seen at least this many times as often as all others together.
MANY_TIMES = 5


@dataclass(frozen=True, slots=True)
class Combination:
    """One label from each of t groups, and how many images show them together.

    `label_ids` and `names` stand in group order. `expected` is the number one would
    see were the groups independent, among images where all t groups are answered.
    """

    label_ids: tuple[int, ...]
    names: tuple[str, ...]
    count: int
    expected: float
    tier: str

    @property
    def key(self) -> str:
        """Sorted label ids joined by a comma."""
        return ",".join(map(str, sorted(self.label_ids)))

    @property
    def chance(self) -> float:
        """Poisson probability of `count` or fewer images if `expected` were true."""
        return poisson_at_most(self.count, self.expected)

    def as_json(self) -> dict[str, object]:
        """Return names, count and expected, the latter to one decimal."""
        return {
            "labels": list(self.names),
            "count": self.count,
            "expected": round(self.expected, 1),
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
class Coverage:
    """What a project's labelled images show; `coverage` is None if nothing can be.

    `missing` and `thin` start with the combination one would most expect to see.
    `cells` holds every combination, impossible ones too.
    """

    strength: int
    groups: tuple[Group, ...]
    images: int
    possible: int
    present: int
    coverage: float | None
    missing: list[Combination]
    thin: list[Combination]
    cells: tuple[Combination, ...] = ()
    degrees: tuple[Degree, ...] = ()
    thin_below: int = 30

    def as_json(self) -> dict[str, object]:
        """Return the JSON of the `coverage` command."""
        return {
            "strength": self.strength,
            "groups": [_group_as_json(group) for group in self.groups],
            "possible": self.possible,
            "present": self.present,
            "coverage": self.coverage,
            "missing": [c.as_json() for c in self.missing],
            "thin": [c.as_json() for c in self.thin],
        }


def tier_of(count: int, thin_below: int) -> str:
    """Return missing, trace (1 to 4), thin or fine: one picture is not coverage."""
    if count == 0:
        return "missing"
    if count >= thin_below:
        return "fine"
    return "trace" if count < TRACE_BELOW else "thin"


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
