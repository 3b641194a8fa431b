"""What became of a label, told line by line."""

from __future__ import annotations

import streamlit as st

from pages.parts import session
from pages.parts.run_status import local_time
from pages.parts.text import escape
from storage.label_history import LabelEvent, label_events
from storage.records import Label


def show(label: Label, groups: dict[int, str]) -> None:
    """Draw who did what to the label, the newest first."""
    with session.open_current() as project:
        events = label_events(project, label.label_id)
    lines = [
        f"- :gray[{local_time(event.at)}] · **{escape(event.who) or 'Somebody'}** "
        f"{tell(event, groups)}"
        for event in events
        if event.kind != "ordered"
    ]
    st.markdown("\n".join(lines) or "Nothing is known of its past.")
    st.caption("What was taken back is left out.")


def tell(event: LabelEvent, groups: dict[int, str]) -> str:
    """Return an event as the end of a sentence that begins with a person."""
    before, after = escape(event.before), escape(event.after)
    if event.kind == "moved":
        known = groups.get(int(event.after)) if event.after else None
        if known:
            return f"moved it to the group **{escape(known)}**"
        return "moved it to another group" if after else "took it out of its group"
    return {
        "made": f"made it as **{after}**",
        "renamed": f"renamed it from **{before}** to **{after}**",
        "merged": f"merged **{before}** into it",
    }.get(event.kind, "changed its details")
