"""The dialog of one label: its details, examples, history, and its end."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from pages.parts import schema_acts, schema_examples, schema_history, session
from pages.parts.schema_asking import PART, ask_once, close_dialog, is_sure
from pages.parts.text import counted, escape, number
from storage.implications import imply, list_implications
from storage.label_history import open_count
from storage.labels import (
    delete_label,
    describe_label,
    label_counts,
    list_groups,
    list_labels,
    merge_labels,
    move_label,
    rename_label,
)
from storage.projects import Project
from storage.records import Label
from storage.schema_acts import schema_act

NO_GROUP = "no group"
NO_COLOUR = "#8a9694"
PARTS = ("Details", "Examples", "Merge", "History")
KEY_HELP = (
    "The key that chooses this label: one letter, digit or sign. Without one it keeps "
    "the key it has in the labeler. Keys that do something else there, such as S, "
    "choose no label."
)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a label's dialog must know of the rest of the project."""

    groups: dict[int, str]
    others: dict[int, str]
    implied: tuple[int, ...]
    images: int
    unanswered: int


def look_around(project: Project, label: Label) -> Surroundings:
    """Read it from the project."""
    labels = {other.label_id: other.name for other in list_labels(project)}
    labels.pop(label.label_id, None)
    return Surroundings(
        {group.group_id: group.name for group in list_groups(project)},
        labels,
        list_implications(project).get(label.label_id, ()),
        label_counts(project).get(label.label_id, 0),
        open_count(project, label.label_id),
    )


@st.dialog("Label", width="medium", on_dismiss=close_dialog)
def show_dialog(label: Label) -> None:
    """Change one label."""
    with session.open_current() as project:
        around = look_around(project, label)
    st.markdown(
        f"**{escape(label.name)}** &nbsp; :gray[on "
        f"{counted(around.images, 'picture')}, {number(around.unanswered)} open]"
    )
    part = st.segmented_control(
        "What to change",
        PARTS,
        default=PARTS[0],
        key=PART,
        required=True,
        label_visibility="collapsed",
    )
    if part == "Examples":
        schema_examples.show(label)
    elif part == "Merge":
        show_merge(label, around)
    elif part == "History":
        schema_history.show(label, around.groups)
    else:
        show_details(label, around)


def show_details(label: Label, around: Surroundings) -> None:
    """Draw the form with all that can be said about a label, and its end."""
    with st.form(f"label_details_{label.label_id}", border=False):
        wanted, implied = ask_details(label, around)
        if st.form_submit_button("Save", type="primary", key="label_save"):
            renamed = label.name != wanted.name
            what = f"Renamed **{escape(label.name)}** to" if renamed else "Changed"
            schema_acts.do(
                f"{what} **{escape(wanted.name)}**",
                lambda project: change_label(project, label, wanted, implied),
            )
    show_delete(label, around.images)


def ask_details(label: Label, around: Surroundings) -> tuple[Label, list[int]]:
    """Draw the fields; return the label as it is wanted and what it implies."""
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        name = st.text_input("Name", value=label.name, key="label_name", width=260)
        hotkey = st.text_input(
            "Key",
            value=label.hotkey,
            max_chars=1,
            help=KEY_HELP,
            key="label_key",
            width=90,
        )
        colour = ask_colour(label)
    options = [None, *around.groups]
    group_id = st.selectbox(
        "Group",
        options,
        index=options.index(label.group_id),
        format_func=lambda group_id: around.groups.get(group_id, NO_GROUP),
        key="label_group",
    )
    description = st.text_area(
        "What counts as it",
        value=label.description,
        height=80,
        placeholder="Shown to everybody who labels",
        key="label_description",
    )
    implied = st.multiselect(
        "Implies",
        list(around.others),
        default=[i for i in around.implied if i in around.others],
        format_func=around.others.get,
        placeholder="No other label",
        help="Saying yes to this label says yes to these too.",
        key="label_implies",
    )
    wanted = Label(
        label.label_id, name, group_id, 0, colour, description, hotkey, label.examples
    )
    return wanted, implied


def ask_colour(label: Label) -> str:
    """Draw the colour; return "" for none. An untouched picker changes nothing."""
    shown = label.colour or NO_COLOUR
    picked: str = st.color_picker("Colour", value=shown, key="label_colour")
    if label.colour and st.checkbox("No colour", key="label_no_colour"):
        return ""
    return "" if not label.colour and picked.lower() == NO_COLOUR else picked


def change_label(
    project: Project, label: Label, wanted: Label, implied: list[int]
) -> None:
    """Make `label` what is wanted, in one step that can be undone."""
    who, label_id = session.who(), label.label_id
    with schema_act(project, "change label", who):
        if wanted.name != label.name:
            rename_label(project, label_id, wanted.name, who=who)
        if wanted.group_id != label.group_id:
            move_label(project, label_id, wanted.group_id, who=who)
        describe_label(
            project,
            label_id,
            colour=wanted.colour,
            description=wanted.description,
            hotkey=wanted.hotkey,
            who=who,
        )
        imply(project, label_id, implied, who=who)


def show_merge(label: Label, around: Surroundings) -> None:
    """Offer to give all answers to another label; asks once."""
    st.caption(
        f"**{escape(label.name)}** goes; its answers go to the label you "
        "choose. Where both were answered, yes wins."
    )
    into = st.selectbox(
        "Merge into",
        list(around.others),
        index=None,
        format_func=around.others.get,
        placeholder="Choose the label that stays",
        key=f"label_merge_{label.label_id}",
    )
    if into is None:
        return
    sentence = f"**{escape(label.name)}** into **{escape(around.others[into])}**"
    if is_sure(
        f"Merge {sentence}? {number(around.images)} pictures get the label that "
        "stays. This can be undone.",
        "Merge",
        f"merge {label.label_id} {into}",
    ):
        schema_acts.do(
            f"Merged {sentence}",
            lambda project: merge_labels(
                project, label.label_id, into, who=session.who()
            ),
        )


def show_delete(label: Label, images: int) -> None:
    """Offer to delete the label; asks once."""
    if ask_once(
        "Delete label",
        f"Delete **{escape(label.name)}**? It is on {number(images)} pictures. "
        "This can be undone.",
        "Delete",
        question=f"delete {label.label_id}",
        key="label_delete_button",
    ):
        schema_acts.do(
            f"Deleted **{escape(label.name)}**",
            lambda project: delete_label(project, label.label_id, who=session.who()),
        )
