"""What another choice of yes changes, in pictures: newly right, no longer right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from mlcore.snapshot import UNKNOWN
from pages.parts.text import counted, escape, number

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mlcore.evaluation import HeldOut
    from mlcore.thresholds import RunLimits

LABELS_NAMED = 4


def show_changes(held_out: HeldOut, chosen: RunLimits) -> None:
    """Say how many pictures are right before and after, and which labels change.

    Its place is kept where nothing changes: what stands below does not jump.
    """
    if chosen.limits == held_out.set_to.limits:
        st.markdown(":gray[This is what counts for the run.]")
        return
    st.markdown(change_sentence(held_out, chosen))


def change_sentence(held_out: HeldOut, chosen: RunLimits) -> str:
    """Return "402 → 405 of 414 pictures right: 5 newly right, 2 no longer." in
    Markdown, and which labels are said more or less often.
    """
    before, after = held_out.decide(), held_out.decide(chosen.limits)
    was, now = _right(held_out, before), _right(held_out, after)
    asked = (held_out.y != UNKNOWN).any(axis=1)
    was, now = was[asked], now[asked]
    gained, lost = int((now & ~was).sum()), int((was & ~now).sum())
    counts = f"**{number(int(was.sum()))} → {number(int(now.sum()))}** of "
    words = f"{counts}{counted(len(now), 'picture')} right on all labels: "
    words += f":green[{number(gained)} newly right], :red[{number(lost)} no longer]."
    said = _label_changes(held_out, before, after)
    return f"{words} {said}".strip()


def _right(held_out: HeldOut, said: NDArray[np.bool_]) -> NDArray[np.bool_]:
    known = held_out.y != UNKNOWN
    return ((said == (held_out.y == 1)) | ~known).all(axis=1)


def _label_changes(
    held_out: HeldOut, before: NDArray[np.bool_], after: NDArray[np.bool_]
) -> str:
    """Return "Yes said more often: dress (+3); less often: shirt (−2)."."""
    change = after.sum(axis=0) - before.sum(axis=0)
    order = sorted(range(len(change)), key=lambda at: -abs(int(change[at])))
    named = [
        f"{escape(held_out.labels[at].name)} ({int(change[at]):+,})"
        for at in order[:LABELS_NAMED]
        if change[at]
    ]
    return f"Yes is said more or less often to {', '.join(named)}." if named else ""
