"""Plain sentences on why a prediction may be wrong. Pure.

The classic failure is silent: a network that saw black only on jeans answers "black
jeans" for a black dress, confidently, and that combination *was* in training. So
besides unseen combinations this warns of every label with a single partner.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlcore.cautions import Caution, list_and
from mlcore.combinations import TRACE_BELOW, Combination
from mlcore.novelty import Strangeness
from mlcore.only_partners import only_partners
from mlcore.predictions import (
    DOUBTS,
    FAR,
    PERHAPS_UNSEEN,
    PLAUSIBLE,
    RARE,
    UNSEEN,
    UNSURE,
    write_share,
)
from mlcore.training_view import TrainingView

Row = NDArray[np.floating]
NAMED_AT_MOST = 3
# Expected pictures from which seeing none is no accident (5 % by Poisson).
SURPRISING = 3.0
# A model sure of everything it was taught has a tiny limit. Where it weighs unseen
# combinations itself, one it gives less to is no reason to look.
NAMED_FROM = 0.1
GUESSING = " The model may be guessing."


@dataclass(frozen=True, slots=True)
class Reading:
    """Columns of one reading in group order, and its probability."""

    columns: tuple[int, ...]
    probability: float


@dataclass(frozen=True, slots=True)
class Said:
    """What a run says of a picture: the best reading, the others, best first.

    `unseen_share` is the probability of all readings that training never showed;
    `is_weighed` says that the model itself weighs them, having learnt to.
    """

    row: Row
    best: tuple[int, ...]
    others: Sequence[Reading]
    unseen_share: float
    novelty: Strangeness | None = None
    is_weighed: bool = False


def list_warnings(view: TrainingView, said: Said) -> list[Caution]:
    """Return warnings, the gravest first; none where nothing speaks against it."""
    best, row = said.best, said.row
    found = list(_far(said.novelty))
    found += _unseen(view, best, "" if said.is_weighed else GUESSING)
    found += only_partners(view, best, is_weighed=said.is_weighed)
    if view.count_images(best):
        found += _likely_unseen(view, said)
    if view.output == "sigmoid":
        found += _broken_rules(view, row)
    grave = [*DOUBTS, ""]
    return sorted(found, key=lambda caution: grave.index(caution.doubt))


def _far(novelty: Strangeness | None) -> Iterator[Caution]:
    if novelty is not None and novelty.far:
        yield Caution(
            "Not like anything it was trained on.",
            f"It is farther from the training pictures than "
            f"{write_share(novelty.percentile)} of held-out pictures are.",
            FAR,
        )


def _unseen(
    view: TrainingView, best: tuple[int, ...], verdict: str
) -> Iterator[Caution]:
    cells = [view.pair(a, b) for at, a in enumerate(best) for b in best[at + 1 :]]
    known = [cell for cell in cells if cell]
    for cell in [c for c in known if c.tier == "impossible"][:NAMED_AT_MOST]:
        named = view.separator.join(cell.names)
        headline = f"{named} is marked as a combination that cannot exist."
        yield Caution(headline, doubt=UNSEEN)
    unseen = [c for c in known if c.count == 0 and c.tier != "impossible"]
    for cell in sorted(unseen, key=lambda c: -c.expected)[:NAMED_AT_MOST]:
        yield _never_together(view, cell, verdict)
    for cell in [c for c in known if 0 < c.count < TRACE_BELOW][:NAMED_AT_MOST]:
        yield _hardly_together(view, cell)
    if known and all(c.count for c in known) and not view.count_images(best):
        yield from _never_all_together(view, best)


def _never_all_together(view: TrainingView, best: tuple[int, ...]) -> Iterator[Caution]:
    """Warn of a whole reading that is new; with many groups most of them are."""
    shares = [view.count_images((column,)) / view.images for column in best]
    expected = view.images * math.prod(shares)
    if expected >= SURPRISING:
        named = list_and(view.name_all(best))
        yield Caution(
            f"Careful: no training picture shows all of {named}.",
            f"0 of the {view.images:,} pictures it was trained on, about "
            f"{expected:,.0f} expected; every two of them were seen together.",
            UNSEEN,
        )


def _never_together(view: TrainingView, cell: Combination, verdict: str) -> Caution:
    many = f"about {cell.expected:,.0f}" if cell.expected >= 1 else "less than 1"
    return Caution(
        f"Careful: no training picture shows “{view.separator.join(cell.names)}”.",
        f"0 of the {view.images:,} pictures it was trained on, {many} expected."
        f"{verdict}",
        UNSEEN,
    )


def _hardly_together(view: TrainingView, cell: Combination) -> Caution:
    verb = "picture shows" if cell.count == 1 else "pictures show"
    named = view.separator.join(cell.names)
    return Caution(
        f"Careful: only {cell.count} training {verb} “{named}”.",
        f"{cell.count} of the {view.images:,} pictures it was trained on. The model "
        "may be guessing.",
        RARE,
    )


def name_missing(
    view: TrainingView, best: tuple[int, ...], others: Sequence[Reading]
) -> list[str]:
    """Name the combinations of labels in `best` that training never showed.

    Only where the answer, or another plausible reading, is itself one of those that
    were never shown. Between exclusive groups only: a pair of free labels may simply
    not exist. The answer itself is left out, as the warnings speak of it.
    """
    if sum(choice.rule != "any" for choice in view.choices) < 2:
        return []
    likely = [r for r in others if r.probability >= PLAUSIBLE]
    if view.count_images(best) and not unseen_readings(view, likely):
        return []
    answer = {view.labels[column].label_id for column in best}
    cells = [
        cell
        for cell in view.coverage.missing
        if cell.is_grouped
        and answer & set(cell.label_ids)
        and not answer.issuperset(cell.label_ids)
    ]
    return [view.separator.join(cell.names) for cell in cells]


def unseen_readings(view: TrainingView, others: Sequence[Reading]) -> list[Reading]:
    """Return the readings that no training picture shows, most probable first."""
    return [r for r in others if not view.count_images(r.columns)]


def _likely_unseen(view: TrainingView, said: Said) -> Iterator[Caution]:
    unseen = unseen_readings(view, said.others)
    if said.unseen_share <= view.doubt_above or not unseen:
        return
    if said.is_weighed and unseen[0].probability < NAMED_FROM:
        return
    yield Caution(
        f"This does not look quite like {view.write_all(said.best)}."
        f"{_perhaps(view, said.others, unseen[0])}",
        f"{write_share(said.unseen_share)} speaks for what training never showed: "
        "more than in 19 of 20 pictures of what it did show.",
        PERHAPS_UNSEEN,
    )


def _perhaps(
    view: TrainingView, others: Sequence[Reading], likeliest_unseen: Reading
) -> str:
    """Name what else it may show. Of free labels alone nearly every reading is new:
    there it is the likeliest, and a new one only where it carries weight."""
    named: Reading | None = likeliest_unseen
    if all(choice.rule == "any" for choice in view.choices):
        likely = (
            r
            for r in others
            if r.probability >= NAMED_FROM or view.count_images(r.columns)
        )
        named = next(likely, None)
    if named is None:
        return ""
    is_new = not view.count_images(named.columns)
    which = ", which no training picture shows" if is_new else ""
    return f" Perhaps {view.write_all(named.columns)}{which}."


def _broken_rules(view: TrainingView, row: Row) -> Iterator[Caution]:
    is_enough = view.reach(row[None])[0]
    reached, reaches = "reach their threshold", "reaches its threshold"
    if view.top_k:
        reached = f"are among the {view.top_k} strongest"
        reaches = f"is among the {view.top_k} strongest"
    for choice in view.choices:
        if choice.rule not in ("exactly-one", "at-most-one"):
            continue
        above = [c for c in choice.columns if is_enough[c]]
        if len(above) > 1:
            above.sort(key=lambda c: -float(row[c]))
            named = list_and([_with_percent(view, row, c) for c in above])
            names = list_and(view.name_all(above))
            yield Caution(
                f"It looks like {names} at once.",
                f"{named} {reached}, but only one {choice.name} can be.",
                UNSURE,
            )
        if not above and choice.rule == "exactly-one":
            best = max(choice.columns, key=lambda c: float(row[c]))
            yield Caution(
                f"No {choice.name} is clear.",
                f"None {reaches}; the best is {_with_percent(view, row, best)}.",
                UNSURE,
            )


def _with_percent(view: TrainingView, row: Row, column: int) -> str:
    return f"{view.names[column]} ({write_share(float(row[column]))})"
