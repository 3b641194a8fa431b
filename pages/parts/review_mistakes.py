"""The pictures on which a run is wrong or unsure: why, and a click to mend a label."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import streamlit as st

from mlcore.mistake_causes import advice_for, find_causes, title_of
from mlcore.mistakes import (
    IN_VAIN,
    MISSED,
    count_combinations,
    count_faults,
    list_mistakes,
    list_unsure,
)
from pages.parts import review_causes
from pages.parts.mistake_cards import draw_cards, join_names, label_address
from pages.parts.mistake_view import offer_view
from pages.parts.text import number

__all__ = ["label_address", "show_mistakes"]

if TYPE_CHECKING:
    from mlcore.decisions import Limits
    from mlcore.evaluation import HeldOut
    from mlcore.mistake_causes import Cause
    from mlcore.mistakes import Fault, Mistake
    from storage.projects import Project
    from storage.records import Run

PER_PAGE = 24
KIND_KEY = "review_mistake_kind"
FAULT_KEY = "review_fault"
COMBINATION_KEY = "review_wrong_combination"
CAUSE_KEY = "review_cause"
PAGE_KEY = "review_wrong_page"
# A label wrong in whichever way.
EITHER = "either"

WRONG, FALSE_NEGATIVE, FALSE_POSITIVE, UNSURE = "wrong", "missed", "vain", "unsure"
KINDS: dict[str, tuple[str, Callable[[Mistake], bool]]] = {
    WRONG: ("Wrong", lambda one: one.is_wrong),
    FALSE_NEGATIVE: ("Missed", lambda one: one.has(MISSED)),
    FALSE_POSITIVE: ("Said, but wrong", lambda one: one.has(IN_VAIN)),
    UNSURE: ("Unsure", lambda one: not one.is_wrong),
}
FROZEN = (
    "The surest mistakes first. All of this speaks of the labels as they were when the "
    "run was trained: a picture mended here stays in sight, and its new label counts "
    "from the next run on."
)
EXPLAINED = (
    "Missed: labelled, but the run did not say it (false negative). Said, but wrong: "
    "the run said it of a picture that is not labelled so (false positive). Unsure: "
    "right, but only just."
)


@dataclass(frozen=True, slots=True)
class Judged:
    """A mistake and why it probably came about, the likeliest cause first."""

    mistake: Mistake
    causes: tuple[Cause, ...]


def show_mistakes(
    project: Project, run: Run, held_out: HeldOut, limits: Limits
) -> None:
    """Show wrong and unsure pictures, the gravest first, each with a probable cause."""
    st.markdown("## Wrong on these pictures")
    found = [*list_mistakes(held_out, limits), *list_unsure(held_out, limits)]
    if not any(one.is_wrong for one in found):
        st.caption("None: every label of every held-out picture is right.")
    if not found:
        return
    names = {label.label_id: label.name for label in held_out.labels}
    judged = [
        Judged(clue.mistake, find_causes(clue))
        for clue in review_causes.clues_of(project, run, held_out, found)
    ]
    chosen, title = choose(judged, names)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(FROZEN, width="stretch", help=EXPLAINED)
        offer_view(project, run, chosen, title)
    pages = max(1, -(-len(chosen) // PER_PAGE))
    page = min(st.session_state.get(PAGE_KEY) or 1, pages)
    on_page = chosen[(page - 1) * PER_PAGE : page * PER_PAGE]
    draw_cards(project, run, held_out, on_page, names)
    if pages > 1:
        with st.container(horizontal_alignment="center"):
            st.pagination(pages, key=PAGE_KEY)


def ask_for_label(label_id: int, kind: str = EITHER) -> None:
    """Show the wrong pictures of one label when the tab is drawn next."""
    _ask_for((label_id, kind), None)


def ask_for_combination(label_ids: tuple[int, ...]) -> None:
    """Show the wrong pictures of one combination when the tab is drawn next."""
    _ask_for(None, label_ids)


def _ask_for(fault: Fault | None, combination: tuple[int, ...] | None) -> None:
    st.session_state[KIND_KEY] = WRONG
    st.session_state[FAULT_KEY] = fault
    st.session_state[COMBINATION_KEY] = combination
    st.session_state[CAUSE_KEY] = None
    _to_first_page()


def choose(
    judged: Sequence[Judged], names: Mapping[int, str]
) -> tuple[list[Judged], str]:
    """Draw the four filters; return what passes all, and words for the choice."""
    kind = _choose_kind(judged)
    left = [one for one in judged if KINDS[kind][1](one.mistake)]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        fault = _choose_fault(left, names)
        left = [one for one in left if _is_about(one.mistake, fault)]
        combination = _choose_combination(left, names)
        left = [one for one in left if combination in (None, one.mistake.combination)]
        cause = _choose_cause(left)
    left = [one for one in left if cause in (None, one.causes[0].key)]
    if cause is not None:
        st.caption(f"What helps: {advice_for(cause)}")
    words = [
        KINDS[kind][0].lower() if fault is None else _fault_words(fault, names),
        "" if combination is None else join_names(combination, names),
        "" if cause is None else title_of(cause).lower(),
    ]
    return left, ", ".join(word for word in words if word)


def _choose_kind(judged: Sequence[Judged]) -> str:
    counts = {
        key: sum(passes(one.mistake) for one in judged)
        for key, (_, passes) in KINDS.items()
    }
    # set, not only assumed: otherwise no chip is marked at first
    if not counts.get(st.session_state.get(KIND_KEY, "")):
        st.session_state[KIND_KEY] = next(key for key, n in counts.items() if n)
    chosen = st.segmented_control(
        "Which pictures",
        [key for key, count in counts.items() if count],
        format_func=lambda key: f"{KINDS[key][0]} ({number(counts[key])})",
        key=KIND_KEY,
        required=True,
        on_change=_to_first_page,
        label_visibility="collapsed",
    )
    return str(chosen or WRONG)


def _about(mistake: Mistake) -> tuple[Fault, ...]:
    """The faults of a mistake; of an unsure picture its doubtful labels."""
    return mistake.faults or tuple((i, UNSURE) for i in mistake.doubts)


def _is_about(mistake: Mistake, fault: Fault | None) -> bool:
    if fault is None:
        return True
    label_id, kind = fault
    return any(i == label_id and kind in (EITHER, k) for i, k in _about(mistake))


def _choose_fault(left: Sequence[Judged], names: Mapping[int, str]) -> Fault | None:
    counts = dict(count_faults([one.mistake for one in left]))
    for one in left:
        if not one.mistake.is_wrong:
            for fault in _about(one.mistake):
                counts[fault] = counts.get(fault, 0) + 1
    for label_id in _either_way(counts):
        counts[label_id, EITHER] = sum(
            n for (i, kind), n in counts.items() if i == label_id and kind != EITHER
        )
    ordered = sorted(counts.items(), key=lambda pair: -pair[1])
    options = {None: f"Any ({number(len(left))})"} | {
        key: f"{_fault_words(key, names)} ({number(n)})" for key, n in ordered
    }
    chosen: Fault | None = _choose_one("Label", options, FAULT_KEY)
    return chosen


def _either_way(counts: Mapping[Fault, int]) -> list[int]:
    """The labels wrong in more than one way, and the one asked for."""
    ids = [label_id for label_id, _ in counts]
    asked = (st.session_state.get(FAULT_KEY) or (None, ""))[0]
    return [i for i in dict.fromkeys(ids) if ids.count(i) > 1 or i == asked]


def _choose_combination(
    left: Sequence[Judged], names: Mapping[int, str]
) -> tuple[int, ...] | None:
    found = count_combinations([one.mistake for one in left])
    options = {None: f"Anything ({number(len(left))})"} | {
        key: f"{join_names(key, names)} ({number(n)})" for key, n in found
    }
    chosen: tuple[int, ...] | None = _choose_one("Labelled", options, COMBINATION_KEY)
    return chosen


def _choose_cause(left: Sequence[Judged]) -> str | None:
    counts: dict[str, int] = {}
    for one in left:
        counts[one.causes[0].key] = counts.get(one.causes[0].key, 0) + 1
    ordered = sorted(counts.items(), key=lambda pair: -pair[1])
    options = {None: f"Any ({number(len(left))})"} | {
        key: f"{title_of(key)} ({number(n)})" for key, n in ordered
    }
    chosen: str | None = _choose_one("Probable cause", options, CAUSE_KEY)
    return chosen


def _choose_one(title: str, options: Mapping[Any, str], key: str) -> Any:
    # Another threshold may have mended what was chosen.
    if st.session_state.get(key) not in options:
        st.session_state[key] = None
    return st.selectbox(
        title,
        list(options),
        format_func=options.__getitem__,
        key=key,
        on_change=_to_first_page,
    )


def _to_first_page() -> None:
    st.session_state.pop(PAGE_KEY, None)


def _fault_words(fault: Fault, names: Mapping[int, str]) -> str:
    label_id, kind = fault
    words = {MISSED: "missed", IN_VAIN: "said, but wrong", UNSURE: "unsure"}
    if kind == EITHER:
        return names[label_id]
    return f"{names[label_id]}: {words[kind]}"
