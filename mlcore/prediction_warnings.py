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

from mlcore.combinations import TRACE_BELOW, Combination
from mlcore.novelty import Strangeness
from mlcore.predictions import (
    DOUBTS,
    FAR,
    ONE_PARTNER,
    PERHAPS_UNSEEN,
    PLAUSIBLE,
    RARE,
    UNSEEN,
    UNSURE,
    write_share,
)
from mlcore.training_view import Choice, TrainingView

Row = NDArray[np.floating]
# A partner seen this many times less often than the main one does not teach.
RARE_PART = 20
NAMED_AT_MOST = 3
# Expected pictures from which seeing none is no accident (5 % by Poisson).
SURPRISING = 3.0
GUESSING = " The model may be guessing."


@dataclass(frozen=True, slots=True)
class Reading:
    """Columns of one reading in group order, and its probability."""

    columns: tuple[int, ...]
    probability: float


@dataclass(frozen=True, slots=True)
class Caution:
    """One thing that speaks against an answer, and why; as text it is both.

    `doubt` is one of `predictions.DOUBTS`, or "" for what is only worth knowing.
    """

    headline: str
    why: str = ""
    doubt: str = ""

    def __str__(self) -> str:
        return f"{self.headline} {self.why}".strip()


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
    found += _only_partners(view, best)
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
        named = " ".join(cell.names)
        headline = f"{named} is marked as a combination that cannot exist."
        yield Caution(headline, doubt=UNSEEN)
    unseen = [c for c in known if c.count == 0 and c.tier != "impossible"]
    for cell in sorted(unseen, key=lambda c: -c.expected)[:NAMED_AT_MOST]:
        yield _never_together(cell, view.images, verdict)
    for cell in [c for c in known if 0 < c.count < TRACE_BELOW][:NAMED_AT_MOST]:
        yield _hardly_together(cell, view.images)
    if known and all(c.count for c in known) and not view.count_images(best):
        yield from _never_all_together(view, best)


def _never_all_together(view: TrainingView, best: tuple[int, ...]) -> Iterator[Caution]:
    """Warn of a whole reading that is new; with many groups most of them are."""
    shares = [view.count_images((column,)) / view.images for column in best]
    expected = view.images * math.prod(shares)
    if expected >= SURPRISING:
        yield Caution(
            f"Careful: no training picture shows all of {_and(view.name_all(best))}.",
            f"0 of {view.images:,}, about {expected:,.0f} expected; every two of them "
            "were seen together.",
            UNSEEN,
        )


def _never_together(cell: Combination, images: int, verdict: str) -> Caution:
    many = f"about {cell.expected:,.0f}" if cell.expected >= 1 else "less than 1"
    return Caution(
        f"Careful: no training picture shows “{' '.join(cell.names)}”.",
        f"0 of {images:,}, {many} expected.{verdict}",
        UNSEEN,
    )


def _hardly_together(cell: Combination, images: int) -> Caution:
    verb = "picture shows" if cell.count == 1 else "pictures show"
    return Caution(
        f"Careful: only {cell.count} training {verb} “{' '.join(cell.names)}”.",
        f"{cell.count} of {images:,}. The model may be guessing.",
        RARE,
    )


def _only_partners(view: TrainingView, best: tuple[int, ...]) -> Iterator[Caution]:
    """Warn where a label of the answer was trained only beside another one in it."""
    for column, partner in ((a, b) for a in best for b in best if a != b):
        choice = next(c for c in view.choices if partner in c.columns)
        if len(choice.columns) < 2 or column in choice.columns:
            continue
        rivals = _rivals(view, column, partner, choice)
        if rivals is not None:
            yield _confusion(view, column, partner, rivals)


def _rivals(
    view: TrainingView, column: int, partner: int, choice: Choice
) -> tuple[int, ...] | None:
    """Return the labels `column` never taught beside `partner`, None if it taught one.

    A handful of images beside hundreds of the partner do not teach; labels that never
    occur, and combinations marked impossible, are no rivals.
    """
    main = view.count_images((column, partner))
    rivals = [c for c in choice.columns if c != partner and view.count_images((c,))]
    rivals = [c for c in rivals if not view.is_impossible((column, c))]
    for rival in rivals:
        count = view.count_images((column, rival))
        if count >= TRACE_BELOW or count * RARE_PART > main:
            return None
    return tuple(rivals) if main and rivals else None


def _confusion(
    view: TrainingView, column: int, partner: int, rivals: tuple[int, ...]
) -> Caution:
    label, only = view.names[column], view.names[partner]
    alone = not any(view.count_images((column, rival)) for rival in rivals)
    ordered = [view.in_group_order((column, rival)) for rival in rivals]
    named = [" ".join(view.name_all(pair)) for pair in ordered[:NAMED_AT_MOST]]
    if len(ordered) > NAMED_AT_MOST:
        named = [f"{label} with anything else"]
    answer = " ".join(view.name_all(view.in_group_order((column, partner))))
    return Caution(
        f"In training, {label} appeared {'only' if alone else 'almost only'} "
        f"with {only}.",
        f"So {_or(named)} would probably be read as {answer}.",
        ONE_PARTNER if _is_blind(view) else "",
    )


def _is_blind(view: TrainingView) -> bool:
    """Whether what a run leaves to unseen readings says little.

    Independent sigmoids saturate. Where groups share out one yes, and held-out
    pictures set the limit, the share itself tells a black dress from black jeans.
    """
    return view.output == "sigmoid" or not view.is_doubt_measured


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
    return [" ".join(cell.names) for cell in cells]


def unseen_readings(view: TrainingView, others: Sequence[Reading]) -> list[Reading]:
    """Return the readings that no training picture shows, most probable first."""
    return [r for r in others if not view.count_images(r.columns)]


def _likely_unseen(view: TrainingView, said: Said) -> Iterator[Caution]:
    unseen = unseen_readings(view, said.others)
    if said.unseen_share <= view.doubt_above or not unseen:
        return
    named = " ".join(view.name_all(unseen[0].columns))
    yield Caution(
        f"This does not look quite like {' '.join(view.name_all(said.best))}. "
        f"Perhaps {named}, which no training picture shows.",
        f"{write_share(said.unseen_share)} speaks for what training never showed: "
        "more than in 19 of 20 pictures of what it did show.",
        PERHAPS_UNSEEN,
    )


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
            named = _and([_with_percent(view, row, c) for c in above])
            names = _and(view.name_all(above))
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


def _and(names: Sequence[str]) -> str:
    return _listing(names, "and")


def _or(names: Sequence[str]) -> str:
    return _listing(names, "or")


def _listing(names: Sequence[str], word: str) -> str:
    *first, last = names
    return f"{', '.join(first)} {word} {last}" if first else last
