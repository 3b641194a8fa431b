"""What the schema editor points out: new labels, gaps in what is implied, rules."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import streamlit as st

from pages.parts import schema_acts, session
from pages.parts.text import counted, escape, number
from storage.implications import Gap, fill_implied, implication_gaps
from storage.label_history import open_count
from storage.labels import list_labels, rule_violations
from storage.projects import Project
from storage.records import Label

NEW = "label_new_ids"
GAPS_SHOWN = 4
NAMES_SHOWN = 6
# The place of a note about labels of several groups; no group has this id.
ABOVE = -1


@dataclass(frozen=True, slots=True)
class NewNote:
    """What to say of new labels, and in the card of which group (None: of none)."""

    place: int | None
    text: str


@contextmanager
def new_labels(project: Project) -> Iterator[None]:
    """Remember the labels that are made inside for the note about open pictures."""
    before = {label.label_id for label in list_labels(project)}
    yield
    made = [x.label_id for x in list_labels(project) if x.label_id not in before]
    if made:
        st.session_state[NEW] = (project.name, made)


def show(project: Project, labels: list[Label], note: NewNote | None) -> None:
    """Draw the notes that concern more than one group."""
    if note and note.place == ABOVE:
        show_new(note)
    show_gaps(implication_gaps(project), {label.label_id: label for label in labels})
    show_violations(project)


def note_new(project: Project, labels: list[Label]) -> NewNote | None:
    """Return the note about the labels just made, unless nothing is open for them."""
    name, ids = st.session_state.get(NEW, ("", []))
    made = [label for label in labels if label.label_id in ids]
    if name != project.name or not made:
        return None
    count = max(open_count(project, label.label_id) for label in made)
    if not count:
        return None
    places = {label.group_id for label in made}
    names = ", ".join(f"**{escape(label.name)}**" for label in made[:NAMES_SHOWN])
    if len(made) > NAMES_SHOWN:
        names += f" and {number(len(made) - NAMES_SHOWN)} more"
    are_open = counted(count, "picture is", "pictures are")
    return NewNote(
        places.pop() if len(places) == 1 else ABOVE,
        f"{names}: {are_open} open. Nobody has said yes or no there yet.",
    )


def show_new(note: NewNote) -> None:
    """Say how many pictures are open for the labels just made, with a way there."""
    with st.container(border=True, key="label_new_note", gap="small"):
        st.markdown(note.text)
        with st.container(horizontal=True, gap="small"):
            st.button(
                "Label them", type="primary", key="label_new_go", on_click=go_to_queue
            )
            st.button("Later", key="label_new_later", on_click=forget_new)


def go_to_queue() -> None:
    """Lead to the pictures for which a label was added since."""
    forget_new()
    st.query_params["view"] = "one"
    st.query_params["queue"] = "new-label"


def forget_new() -> None:
    """Say no more about the labels just made."""
    st.session_state.pop(NEW, None)


def show_gaps(gaps: list[Gap], labels: dict[int, Label]) -> None:
    """Say where answers from before do not follow what is implied."""
    if not gaps:
        return
    lines = [tell_gap(gap, labels) for gap in gaps[:GAPS_SHOWN]]
    if len(gaps) > GAPS_SHOWN:
        lines.append(f"and {number(len(gaps) - GAPS_SHOWN)} more such pairs")
    with st.container(border=True, key="label_gaps", gap="small"):
        st.markdown("Earlier answers do not follow what is implied:")
        st.markdown("\n".join(f"- {line}" for line in lines))
        with st.container(horizontal=True, gap="small"):
            if any(gap.unknown for gap in gaps):
                st.button(
                    "Say yes where it is open",
                    icon=":material/done_all:",
                    key="label_gaps_fill",
                    on_click=fill,
                )
            if any(gap.no for gap in gaps):
                st.button(
                    "Look at the contradictions",
                    icon=":material/grid_view:",
                    key="label_gaps_look",
                    on_click=look,
                    args=(expression_of(gaps, labels),),
                )


def expression_of(gaps: list[Gap], labels: dict[int, Label]) -> str:
    """Return the filter of pictures with a yes where what it implies is no."""
    pairs = [
        (labels[gap.label_id].name, labels[gap.implied_id].name)
        for gap in gaps
        if gap.no
    ]
    # A name with a quotation mark in it cannot be quoted in a filter.
    return " or ".join(
        f'("{label}" and no("{implied}"))'
        for label, implied in pairs[:GAPS_SHOWN]
        if '"' not in label + implied
    )


def look(expression: str) -> None:
    """Lead to the grid with this filter."""
    st.query_params["view"] = "grid"
    st.query_params["state"] = "all"
    st.query_params["expr"] = expression


def tell_gap(gap: Gap, labels: dict[int, Label]) -> str:
    """Return one pair of labels with its pictures, safe as Markdown."""
    label, implied = labels[gap.label_id].name, labels[gap.implied_id].name
    parts = []
    if gap.unknown:
        parts.append(f"{number(gap.unknown)} open")
    if gap.no:
        parts.append(f"{number(gap.no)} answered no: one of the two answers is wrong")
    return f"**{escape(label)}** without **{escape(implied)}**: {', '.join(parts)}"


def fill() -> None:
    """Answer yes to what is implied and open, in one step that can be undone."""
    schema_acts.do_in_callback(
        "Said yes to what is implied",
        lambda project: fill_implied(project, who=session.who()),
    )


def show_violations(project: Project) -> None:
    """Say how many pictures break the rule of a group."""
    broken = rule_violations(project)
    if broken:
        st.warning(
            f"Pictures that break the rule of a group: {number(len(broken))}. They "
            "have two of its labels, or none where one is needed.",
            icon=":material/rule:",
        )
        st.page_link(
            "coverage.py", label="Choose one label for each", icon=":material/rule:"
        )
