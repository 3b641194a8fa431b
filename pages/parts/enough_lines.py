"""Enough yet? One line a label: what more pictures of it would bring."""

from __future__ import annotations

import streamlit as st

from mlcore.enough import Enough, enough_yet
from mlcore.label_curves import LabelCurve
from pages.parts.text import counted, escape
from storage.projects import Project
from storage.runs import list_runs

# Icon and colour of a verdict, in the order in which a person should read them.
LOOKS = {
    "more": (":material/trending_up:", "blue"),
    "unclear": (":material/help:", "gray"),
    "unknown": (":material/help:", "gray"),
    "worse": (":material/trending_flat:", "orange"),
    "perfect": (":material/check_circle:", "green"),
    "enough": (":material/check_circle:", "green"),
}
# Reading the frozen data of several runs takes a moment: kept while no run ends.
KEPT_KEY = "enough_kept"


def show(project: Project) -> None:
    """Show the lines, most worth doing first, or what is missing for them."""
    found = _kept(project)
    with st.container(gap="xsmall", key="enough_lines"):
        if not found.curves:
            st.markdown(f":gray[:material/help:] {escape(found.missing)}")
            return
        for curve in sorted(found.curves, key=_urgency):
            icon, colour = LOOKS[curve.verdict]
            st.markdown(f":{colour}[{icon}] {describe(curve)}")
        st.caption(basis(found))


def _kept(project: Project) -> Enough:
    ended = tuple((run.run_id, run.ended_at) for run in list_runs(project))
    key = (project.name, ended)
    if st.session_state.get(KEPT_KEY, (None, None))[0] != key:
        st.session_state[KEPT_KEY] = (key, enough_yet(project))
    found: Enough = st.session_state[KEPT_KEY][1]
    return found


def _urgency(curve: LabelCurve) -> tuple[int, float]:
    gain = curve.forecast.gain if curve.forecast else 0.0
    return list(LOOKS).index(curve.verdict), -gain


def describe(curve: LabelCurve) -> str:
    """Return the sentence of a label, safe as Markdown."""
    return curve.sentence(lambda name: f"**{escape(name)}**")


def basis(found: Enough) -> str:
    """Say what the figures are and which pictures they come from."""
    runs = " and ".join(
        part for part in (", ".join(map(str, found.runs[:-1])), str(found.runs[-1]))
    )
    words = (
        f"F1 with so many training pictures, runs {runs}, on the "
        f"{counted(found.images, 'held-out picture')} none of them trained on. The "
        "error is taken to fall as a power of the number of pictures."
    )
    if found.differing:
        names = ", ".join(name.replace("_", " ") for name in found.differing)
        words += f" The runs also differ in {escape(names)}: some of it may be that."
    return words
