"""Leave each combination out in turn, and choose by that how heads weigh evidence.

The honest question is what happens with a combination that training never showed; it
is asked of each one that can be spared, and the answers choose. What is told of a
combination is always chosen by the others.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mlcore.combination_table import CombinationTable
from mlcore.head_solver import Doubles
from mlcore.joint_fit import JointFitting, KeptGroups, Rows, TermFit, Views
from mlcore.joint_views import ALL, views_of

Flags = npt.NDArray[np.bool_]

# Seen combinations may lose this much of exact match to the unseen.
SEEN_LOSS = 0.004
LIFTS = np.round(np.arange(-4.0, 4.01, 0.05), 2)
LEFT_OUT_AT_MOST = 24
# Fewer pictures elsewhere teach nothing of a label.
ELSEWHERE_AT_LEAST = 5
ASKED_AT_MOST = 1000


@dataclass(frozen=True, slots=True)
class Weighing:
    """How evidence is weighed: which kinds, fitted to combinations too, what lift."""

    structure: str
    is_joint: bool
    lift: float


# What held up over data sets, for where nothing can be left out.
USUAL_LIFT = -0.2


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of n pictures: how far the best unseen combination leads the best seen one.

    With them, whether each of the two would be right.
    """

    lead: Doubles
    is_seen_right: Flags
    is_unseen_right: Flags

    def right(self, lift: float) -> int:
        """How many are answered exactly right with that lift."""
        is_unseen = self.lead + lift > 0
        chosen = np.where(is_unseen, self.is_unseen_right, self.is_seen_right)
        return int(chosen.sum())


@dataclass(frozen=True, slots=True)
class Trial:
    """One combination left out: outcomes of its pictures and of those that stayed in.

    Outcomes by (structure, is joint); `plain_…` is what heads by group answer.
    """

    combination: tuple[int, ...]
    left_out: dict[tuple[str, bool], Outcome]
    stayed: dict[tuple[str, bool], Outcome]
    images: int
    stayed_images: int
    plain_right: int
    plain_stayed_right: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a combination is not left out: column `column` is on `images` others only.

    Without a column there were enough others that tell more.
    """

    column: int | None = None
    images: int = 0


def find_removable(
    table: CombinationTable,
    counts: npt.NDArray[np.intp],
    most: int = LEFT_OUT_AT_MOST,
) -> tuple[list[int], dict[int, Refusal]]:
    """Places of seen combinations that can be left out, and why the others cannot.

    `counts` (K,) are the pictures of each. Of more than `most`, those that share the
    most labels with what is missing, then those with the most pictures.
    """
    refused: dict[int, Refusal] = {}
    removable: list[int] = []
    for place in np.flatnonzero(table.seen).tolist():
        least, at = min(_count_elsewhere(table, counts, place))
        if least >= ELSEWHERE_AT_LEAST:
            removable.append(place)
        else:
            value = int(table.combinations[place, at])
            columns = table.questions[at].columns
            column = columns[value] if value < len(columns) else None
            refused[place] = Refusal(column, least)
    missing = table.combinations[~table.seen]

    def rank(place: int) -> tuple[int, int]:
        shared = (missing == table.combinations[place]).sum()
        return -int(shared), -int(counts[place])

    removable.sort(key=rank)
    refused |= dict.fromkeys(removable[most:], Refusal())
    return removable[:most], refused


def _count_elsewhere(
    table: CombinationTable, counts: npt.NDArray[np.intp], place: int
) -> list[tuple[int, int]]:
    """(pictures of other combinations with the value, its group) for each group."""
    values = enumerate(table.combinations[place])
    return [
        (int(counts[table.combinations[:, at] == v].sum() - counts[place]), at)
        for at, v in values
    ]


def try_without(
    fitting: JointFitting,
    table: CombinationTable,
    place: int,
    train: Rows,
    asked: Rows,
) -> Trial:
    """Fit `train` without one combination; ask of it, and of those `asked` of others.

    Pictures of the combination itself are all new to the fit, those to train on too.
    """
    combination = table.combinations[place]
    is_it: Flags = np.all(np.equal(fitting.values, combination), axis=1)
    is_known: Flags = np.all(fitting.values >= 0, axis=1)
    both = np.union1d(train, asked)
    left_out = _some(both[is_it[both]])
    stayed = _some(asked[~is_it[asked] & is_known[asked]])
    rows = train[~is_it[train]]
    rest = table.without(combination.tolist())
    found = [_Asking(fitting, rest, group) for group in (left_out, stayed)]
    for structure in structures_of(fitting):
        for views in views_of(structure, fitting.is_colour):
            for one in found:
                one.needs(structure, views)
    kept: KeptGroups = {}
    for views in dict.fromkeys(v for one in found for v in one.wanted):
        plain = fitting.fit_plain(rows, views, kept)
        joint = fitting.fit_joint(rows, views, rest)
        for one in found:
            one.add(views, plain, joint)
    outcomes = [one.outcomes() for one in found]
    right = [one.count_plain_right() for one in found]
    return Trial(
        tuple(combination.tolist()),
        outcomes[0],
        outcomes[1],
        len(left_out),
        len(stayed),
        right[0],
        right[1],
    )


def structures_of(fitting: JointFitting) -> tuple[str, ...]:
    """The kinds of evidence worth trying: without colour-like groups, one."""
    return ("one", "three") if any(fitting.is_colour) else ("one",)


class _Asking:
    """What the fits say of some pictures."""

    def __init__(self, fitting: JointFitting, table: CombinationTable, rows: Rows):
        self.fitting, self.table, self.rows = fitting, table, rows
        self.truth = table.places_of(fitting.values[rows])
        self.wanted: dict[Views, list[str]] = {}
        self.sums: dict[tuple[str, bool], Doubles] = {}
        self.plain: TermFit | None = None

    def needs(self, structure: str, views: Views) -> None:
        self.wanted.setdefault(views, []).append(structure)

    def add(self, views: Views, plain: TermFit, joint: TermFit) -> None:
        if set(views) == {ALL}:
            self.plain = plain
        by_group = self.fitting.weigh(plain, self.rows, self.table)
        together = self.fitting.weigh(joint, self.rows, self.table)
        for structure in self.wanted[views]:
            self._sum((structure, False), by_group)
            self._sum((structure, True), by_group + together)

    def _sum(self, key: tuple[str, bool], scores: Doubles) -> None:
        self.sums[key] = self.sums.get(key, 0.0) + scores

    def outcomes(self) -> dict[tuple[str, bool], Outcome]:
        kinds = Counter(s for names in self.wanted.values() for s in names)
        return {
            key: self._judge(scores / (kinds[key[0]] * (1 + key[1])))
            for key, scores in self.sums.items()
        }

    def _judge(self, scores: Doubles) -> Outcome:
        seen, unseen = (
            np.where(mask, scores, -np.inf)
            for mask in (self.table.seen, ~self.table.seen)
        )
        return Outcome(
            unseen.max(axis=1) - seen.max(axis=1),
            seen.argmax(axis=1) == self.truth,
            unseen.argmax(axis=1) == self.truth,
        )

    def count_plain_right(self) -> int:
        assert self.plain is not None, "every structure has a term that sees all"
        evidence = self.fitting.evidence(self.plain, self.rows)
        said = np.stack([part.argmax(axis=1) for part in evidence], axis=1)
        return int((said == self.fitting.values[self.rows]).all(axis=1).sum())


def _some(rows: Rows) -> Rows:
    return rows[:: -(-len(rows) // ASKED_AT_MOST)] if len(rows) else rows


def choose_weighing(trials: Sequence[Trial], structures: Sequence[str]) -> Weighing:
    """What is best on left-out combinations and costs the others next to nothing."""
    usual = Weighing(structures[-1], True, USUAL_LIFT)
    if not trials:
        return usual
    floor = sum(t.plain_stayed_right for t in trials) - SEEN_LOSS * sum(
        t.stayed_images for t in trials
    )
    best, most = usual, (-np.inf, -np.inf)
    for key in trials[0].left_out:
        for lift in LIFTS.tolist():
            stayed = sum(t.stayed[key].right(lift) for t in trials)
            shares = [t.left_out[key].right(lift) / max(1, t.images) for t in trials]
            # Where nothing keeps what was seen, what keeps most of it.
            worth = (min(0.0, stayed - floor), float(np.mean(shares)))
            if worth > most:
                best, most = Weighing(*key, lift), worth
    return best
