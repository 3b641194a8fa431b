"""The dialog that saves labels and groups as a file, or takes a file over."""

from __future__ import annotations

import json

import streamlit as st

from mlcore.errors import MLError
from mlcore.schema_files import SchemaFile, apply_schema, read_schema, schema_as_json
from mlcore.schema_plans import SchemaPlan, plan_schema
from pages.parts import schema_acts, schema_notes, session
from pages.parts.schema_asking import close_dialog
from pages.parts.text import escape, number
from storage.errors import StorageError
from storage.projects import Project

FIELD_WORDS = {"hotkey": "key", "implies": "what it implies"}
NAMES_SHOWN = 12
LARGEST_MB = 5


@st.dialog("Labels and groups as a file", on_dismiss=close_dialog)
def show_dialog() -> None:
    """Offer the file, and take one."""
    with session.open_current() as project:
        document = schema_as_json(project)
        st.caption(
            "Groups, rules, labels, colours, keys and what is implied: for another "
            "project, or a colleague. Pictures and answers are not in it."
        )
        st.download_button(
            "Save as a file",
            json.dumps(document, ensure_ascii=False, indent=2),
            file_name=f"{project.name}-labels.json",
            mime="application/json",
            icon=":material/download:",
            key="label_schema_save",
            on_click="ignore",
        )
        given = st.file_uploader(
            "Take a file over",
            type="json",
            max_upload_size=LARGEST_MB,
            key="label_schema_upload",
        )
        if given is not None:
            show_given(project, given.getvalue())


def show_given(project: Project, data: bytes) -> None:
    """Say what the file would change; do it when the person says so."""
    try:
        schema = read_schema(data)
        plan = plan_schema(project, schema)
    except (MLError, StorageError) as error:
        st.error(escape(str(error)))
        return
    st.markdown("\n".join(f"- {line}" for line in tell(plan)))
    if plan.is_empty:
        return
    if st.button("Take it over", type="primary", key="label_schema_apply"):
        schema_acts.do(
            "Took labels and groups over from a file",
            lambda project: take_over(project, schema),
        )


def take_over(project: Project, schema: SchemaFile) -> None:
    """Apply the file and remember which labels it made."""
    with schema_notes.new_labels(project):
        apply_schema(project, schema, who=session.who())


def tell(plan: SchemaPlan) -> list[str]:
    """Return what a plan does, a line each, safe as Markdown."""
    if plan.is_empty:
        return ["The project has all of it already."]
    lines = []
    if plan.new_groups:
        lines.append(f"New groups: {name_some(plan.new_groups)}")
    if plan.new_labels:
        lines.append(f"New labels: {name_some(plan.new_labels)}")
    for change in plan.changed[:NAMES_SHOWN]:
        fields = ", ".join(FIELD_WORDS.get(field, field) for field in change.fields)
        lines.append(f"Changed: **{escape(change.name)}** ({fields})")
    if len(plan.changed) > NAMES_SHOWN:
        lines.append(f"and {number(len(plan.changed) - NAMES_SHOWN)} changes more")
    if plan.kept:
        lines.append(f"Not in the file, kept as they are: {name_some(plan.kept)}")
    return lines


def name_some(names: tuple[str, ...]) -> str:
    """Return the first names, and how many there are more."""
    shown = ", ".join(f"**{escape(name)}**" for name in names[:NAMES_SHOWN])
    more = len(names) - NAMES_SHOWN
    return f"{shown} and {number(more)} more" if more > 0 else shown
