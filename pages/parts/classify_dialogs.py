"""The two dialogs of a result card: correct its labels, see it with labels drawn."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import streamlit as st

from mlcore.errors import MLError
from pages.parts import prediction_saving, result_files, session
from pages.parts.classify_verdicts import note_verdict
from pages.parts.text import escape
from storage.errors import StorageError
from storage.labels import free_labels, list_groups
from storage.projects import open_project

if TYPE_CHECKING:
    from pages.parts.classify_batch import Batch
    from storage.projects import Project
    from storage.records import Label

PREVIEW_PX = 320


def correct_labels(project: Project, batch: Batch, number: int) -> None:
    """Open the dialog that asks for the right labels and saves them."""
    # A new name for every opening: an earlier choice must not come back.
    opening = uuid.uuid4().hex[:8]
    project_name = project.name

    @st.dialog("Correct the labels", icon=":material/edit:", on_dismiss="rerun")
    def dialog() -> None:
        with open_project(project_name) as opened:
            _preview(batch, number)
            names = _choose_labels(opened, batch, number, opening)
            with st.container(horizontal=True):
                if st.button("Save to the project", type="primary", key="classify_fix"):
                    _save(opened, batch, number, names)
                if _none_button(opened):
                    _save(opened, batch, number, [])
            _new_label(opened)

    dialog()


def show_picture(batch: Batch, number: int) -> None:
    """Open the dialog with the picture and its labels drawn on it, to download."""

    @st.dialog("Picture with its labels", icon=":material/image:", on_dismiss="rerun")
    def dialog() -> None:
        picture = batch.pictures[number]
        try:
            drawn = result_files.drawn_picture(
                picture, batch.answer(number), batch.settled(number)
            )
        except (MLError, OSError) as error:
            st.error(escape(str(error)), icon=":material/error:")
            return
        st.image(drawn, width="stretch")
        st.caption(escape(picture.name))
        st.download_button(
            "Download this picture",
            drawn,
            file_name=result_files.drawn_name(picture, drawn),
            icon=":material/download:",
            key="classify_picture_download",
            on_click="ignore",
        )

    dialog()


def _preview(batch: Batch, number: int) -> None:
    from mlcore.images import render_jpeg

    picture = batch.pictures[number]
    with st.container(horizontal_alignment="center"):
        st.image(render_jpeg(picture.path, PREVIEW_PX), width=PREVIEW_PX // 2)
    st.caption(escape(picture.name), text_alignment="center")


def _choose_labels(
    project: Project, batch: Batch, number: int, opening: str
) -> list[str]:
    """Draw one choice per group; return the chosen names."""
    exclusive = prediction_saving.exclusive_names(project)
    now = batch.settled(number)
    if now is None:
        prediction = batch.answer(number)
        now = prediction_saving.confirmed_labels(prediction, exclusive)
    chosen: list[str] = []
    for group in list_groups(project):
        key = f"classify_fix_{opening}_{group.group_id}"
        is_one = group.rule != "any"
        chosen += _pills(group.name, group.labels, now, is_one, key)
    free = free_labels(project)
    if free:
        chosen += _pills("Labels", tuple(free), now, False, f"classify_fix_{opening}")
    return chosen


def _pills(
    title: str, labels: tuple[Label, ...], now: tuple[str, ...], is_one: bool, key: str
) -> list[str]:
    names = [label.name for label in labels]
    default = [name for name in names if name in now]
    if is_one:
        one = st.pills(
            escape(title),
            names,
            default=default[0] if default else None,
            format_func=escape,
            key=key,
        )
        return [one] if one else []
    return st.pills(
        escape(title),
        names,
        selection_mode="multi",
        default=default,
        format_func=escape,
        key=key,
    )


def _none_button(project: Project) -> bool:
    """Draw the explicit no to every label; a group that takes exactly one refuses."""
    return st.button(
        "None of these",
        key="classify_fix_none",
        disabled=bool(_groups_of_one(project)),
        help="Says no to every label.",
    )


def _new_label(project: Project) -> None:
    """Say what to do with a picture that no label fits, and lead there."""
    names = [f"“{escape(name)}”" for name in _groups_of_one(project)]
    words = "Does it show a label you have not made yet? Make it first."
    if names:
        verb = "takes" if len(names) == 1 else "take"
        one = f"{' and '.join(names)} {verb} exactly one label"
        words += f" “None of these” is not possible while {one}."
    st.caption(words)
    if st.button("Make a label", icon=":material/new_label:", key="classify_new_label"):
        address = {"project": project.name, "view": "schema"}
        st.switch_page("label.py", query_params=address)


def _groups_of_one(project: Project) -> list[str]:
    groups = list_groups(project)
    return [g.name for g in groups if g.rule == "exactly-one" and g.labels]


def _save(project: Project, batch: Batch, number: int, names: list[str]) -> None:
    who = session.who()
    try:
        earlier = batch.saved.pop(number, None)
        if earlier:
            prediction_saving.undo_saved(project, earlier, who=who)
        saved = prediction_saving.save_labels(
            project, batch.pictures[number], names, who=who
        )
        batch.saved[number] = saved
        note_verdict(project, batch, number)
        found = batch.predictions[number]
        prediction_saving.note_doubt(project, batch.run_id, found, saved, who=who)
    except (StorageError, MLError, OSError) as error:
        st.error(escape(str(error)), icon=":material/error:")
        return
    session.flash(
        "Saved with the labels you chose."
        if names
        else "Saved as showing none of the labels."
    )
    st.rerun()
