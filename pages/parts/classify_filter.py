"""Which results are shown, in which order, by which rule labels count, and how."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from mlcore.answer_rule import AnswerRule
from mlcore.predictions import PERHAPS_UNSEEN, UNSEEN
from pages.parts.text import escape

if TYPE_CHECKING:
    from mlcore.predictions import Prediction
    from pages.parts.classify_batch import Batch

ALL, DOUBTFUL, UNSEEN_ONLY = "All", "Doubtful", "Unseen"
CAME, DOUBT, UNSURE, NAME, LABELS = (
    *("As they came", "Most doubtful first", "Least sure first"),
    *("By file name", "By label"),
)
CARDS, TABLE = "Cards", "Table"
AS_TRAINED, TOP, ABOVE = (
    *("As the run was trained", "The likeliest", "All above a share"),
)
SHOW, SORT, WITH, VIEW = (
    *("classify_filter", "classify_sort", "classify_with", "classify_look"),
)
RULE, COUNT, SHARE = "classify_rule", "classify_top", "classify_above"
ICONS = {CARDS: ":material/grid_view:", TABLE: ":material/table_rows:"}


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person wants to see of the results."""

    show: str = ALL
    sort: str = CAME
    labels: tuple[str, ...] = ()
    look: str = CARDS


def chosen_rule() -> AnswerRule:
    """Return by which rule labels count, as chosen in this session."""
    state = st.session_state
    kind = {TOP: "top", ABOVE: "above"}.get(str(state.get(RULE)), "run")
    count, share = int(state.get(COUNT) or 3), int(state.get(SHARE) or 50) / 100
    return AnswerRule(kind, count, share)  # type: ignore[arg-type]


def choose_shown() -> str:
    """Draw which pictures are shown."""
    shown: str = st.segmented_control(
        "Show",
        (ALL, DOUBTFUL, UNSEEN_ONLY),
        default=ALL,
        required=True,
        key=SHOW,
        label_visibility="collapsed",
        help="Unseen: read as a combination that training never showed, or maybe one.",
    )
    return shown


def choose_look() -> str:
    """Draw the choice between cards and a table."""
    look: str = st.segmented_control(
        "View",
        (CARDS, TABLE),
        default=CARDS,
        required=True,
        format_func=ICONS.__getitem__,
        key=VIEW,
        label_visibility="collapsed",
        help="Cards, or a table with one row a picture.",
    )
    return look


def choose_order(batch: Batch, numbers: Sequence[int]) -> tuple[str, tuple[str, ...]]:
    """Draw the popover of order, labels and rule; return order and labels."""
    names = sorted({x for n in numbers for x in batch.answer(n).labels})
    wanted = [x for x in st.session_state.get(WITH) or () if x in names]
    is_plain = not wanted and chosen_rule().kind == "run"
    with st.popover(
        "Sort and filter" if is_plain else "Sort and filter :primary[●]",
        icon=":material/tune:",
    ):
        sort = st.selectbox("Order", (CAME, DOUBT, UNSURE, NAME, LABELS), key=SORT)
        if WITH in st.session_state:
            st.session_state[WITH] = wanted
        labels = st.multiselect(
            "Only with all of these labels", names, key=WITH, placeholder="Any label"
        )
        _choose_rule()
    return sort, tuple(labels)


def _choose_rule() -> None:
    kind = st.radio(
        "Which labels count",
        (AS_TRAINED, TOP, ABOVE),
        key=RULE,
        help="For this page and its files. Of labels that exclude each other, saving "
        "always takes the likeliest one.",
    )
    if kind == TOP:
        st.slider("How many labels", 1, 10, 3, key=COUNT)
    elif kind == ABOVE:
        st.slider("At least (%)", 1, 99, 50, key=SHARE)


def pick(batch: Batch, numbers: Sequence[int], choice: Choice) -> list[int]:
    """Return what to show, in order; what a person has settled is not doubtful.

    The doubtful ones come the most doubtful first unless another order was chosen.
    """
    shown = [n for n in numbers if _is_shown(batch, n, choice)]
    is_plain = choice.show == DOUBTFUL and choice.sort == CAME
    return sorted(shown, key=_order(batch, DOUBT if is_plain else choice.sort))


def pick_in_place(batch: Batch, numbers: Sequence[int], choice: Choice) -> list[int]:
    """Pick; what was saved by itself stays in sight until the filter is changed."""
    wanted = (choice.show, choice.labels, batch.rule)
    before = batch.in_sight[1] if batch.in_sight[0] == wanted else frozenset()
    stays = {n for n in before if n in batch.saved and not batch.saved[n].is_bulk}
    shown = stays.union(pick(batch, numbers, choice))
    batch.in_sight = (wanted, frozenset(shown))
    found = [n for n in numbers if n in shown]
    return sorted(found, key=_order(batch, choice.sort))


def is_unseen(found: Prediction) -> bool:
    """Whether it was read as a combination never shown, or maybe one."""
    doubts = {UNSEEN, PERHAPS_UNSEEN}.intersection(found.doubts)
    return bool(doubts) or (not found.combination_seen and len(found.combination) > 1)


def _is_shown(batch: Batch, n: int, choice: Choice) -> bool:
    if choice.show == DOUBTFUL and not batch.is_doubtful(n):
        return False
    if choice.show == UNSEEN_ONLY and not is_unseen(batch.predictions[n]):
        return False
    if not choice.labels:
        return True
    settled = batch.settled(n)
    labels = batch.answer(n).labels if settled is None else settled
    return set(choice.labels) <= set(labels)


def _order(batch: Batch, sort: str) -> Callable[[int], tuple[object, ...]]:
    def key(n: int) -> tuple[object, ...]:
        found = batch.predictions[n]
        if sort == DOUBT:
            # saving a picture does not move its card
            is_doubtful = found.is_doubtful and n not in batch.known
            return (not is_doubtful, -found.doubt if is_doubtful else 0)
        if sort == UNSURE:
            return (least_sure(found),)
        if sort == NAME:
            return (batch.pictures[n].name.casefold(), n)
        if sort == LABELS:
            labels = batch.answer(n).labels
            return (not labels, [x.casefold() for x in labels])
        return (0,)

    return key


def least_sure(found: Prediction) -> float:
    """Return the probability of the label said that is least sure; 0 for none."""
    said = [found.probabilities.get(x, 0.0) for x in found.combination or found.labels]
    return min(said, default=0.0)


def nothing_words(choice: Choice) -> str:
    """Say why nothing is shown, and what is."""
    if choice.labels:
        names = " and ".join(escape(name) for name in choice.labels)
        return f"No picture shows {names}. Choose fewer labels."
    if choice.show == UNSEEN_ONLY:
        return "No picture was read as a combination that training never showed."
    return "No doubtful pictures: every reading is clear and was seen before."
