"""How far a run is: bars of epochs, batches and stages, and the pace in figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from mlcore.run_pace import epoch_seconds, rounded, seconds_left
from pages.parts.run_metrics import newest
from pages.parts.run_moving_bar import moving_bar
from pages.parts.run_status import has_epochs
from pages.parts.run_tiles import tiles
from pages.parts.text import counted, duration, escape, number, size

if TYPE_CHECKING:
    from storage.records import Epoch, Run

BAR_PX = 32
# The last pulse that was seen, and whether it is of an epoch before this one.
PULSE_KEY = "train_pulse"


def bars(run: Run) -> None:
    """Draw the bars of a run that trains or is about to."""
    if not has_epochs(run):
        _step_bar(run)
        return
    left, right = st.columns(2)
    with left:
        done = min(run.epochs_done, run.epochs_total)
        st.progress(
            share(done, run.epochs_total),
            text=f"Epoch {min(done + 1, run.epochs_total)} of {run.epochs_total}",
        )
    with right:
        _step_bar(run)


def ended_bar(run: Run) -> None:
    """Draw the bar of a run that is over, in the place of the bars it had."""
    if has_epochs(run):
        st.progress(share(run.epochs_done, run.epochs_total), text=epochs_words(run))
    else:
        st.progress(share(run.epochs_done, 1), text=step_words(run))


def epochs_words(run: Run) -> str:
    """Return "All 20 epochs done", or how many of them."""
    if run.epochs_done >= run.epochs_total:
        return f"All {counted(run.epochs_total, 'epoch')} done"
    return f"{run.epochs_done} of {counted(run.epochs_total, 'epoch')} done"


def step_words(run: Run) -> str:
    """Return what a run without epochs has done in words."""
    return "All pictures looked at, answers fitted" if run.epochs_done else "Not done"


def _step_bar(run: Run) -> None:
    """Draw what is counted now; without a count, a bar that only moves."""
    # The two kinds take each other's place; for a moment neither is there.
    with st.container(height=BAR_PX, border=False):
        _counted_or_moving(run)


def _counted_or_moving(run: Run) -> None:
    if _is_counted(run):
        done = _batches_done(run)
        counts = f"{number(done)} of {number(run.batches_total)}"
        what = f"{escape(run.stage)} ·" if run.stage else "Batch"
        st.progress(share(done, run.batches_total), text=f"{what} {counts}")
        return
    moving_bar(f"{_uncounted_words(run)} …", key="train_preparing")


def _batches_done(run: Run) -> int:
    """Return the count of the last pulse, 0 when that is of an epoch that is over."""
    now = (run.run_id, run.epochs_done, run.heartbeat, run.batches_done)
    before, is_stale = st.session_state.get(PULSE_KEY, (now, False))
    if now[:2] != before[:2]:
        # The end of an epoch beats too, but leaves the count as it was.
        is_stale = now[0] == before[0] and now[3] == before[3]
    elif now != before:
        is_stale = False
    st.session_state[PULSE_KEY] = (now, is_stale)
    return 0 if is_stale else run.batches_done


def _is_counted(run: Run) -> bool:
    """Whether the numbers of the last pulse still tell how far it is."""
    if run.epochs_done >= run.epochs_total:
        return False  # pulses are rare: the last one is of before the end
    is_full = run.batches_done >= run.batches_total
    # A step of one step has nothing to count: fitting may take a while before it ends.
    return run.batches_total > 1 and (has_epochs(run) or not is_full)


def _uncounted_words(run: Run) -> str:
    if run.state == "queued":
        return "Starting"
    if run.epochs_done >= run.epochs_total:
        return "Judging and saving the model"
    return run.stage or "Starting"


def pace_tiles(run: Run, epochs: Sequence[Epoch]) -> None:
    """Show time left, pace, rate and memory; places stay while values come."""
    left_s = seconds_left(run, epochs)
    left = _left_words(left_s)
    per_s = run.images_per_s or newest(epochs, "images_per_s")
    memory_mb = run.memory_mb or newest(epochs, "memory_mb")
    pace = ("Pictures/s", f"{per_s:,.0f}" if per_s else "")
    memory = ("Memory", size(memory_mb * 1e6) if memory_mb else "")
    if not has_epochs(run):
        tiles([("This step", left), pace, memory])
        return
    one_s = epoch_seconds(run, epochs)
    rate = newest(epochs, "learning_rate")
    tiles(
        [
            ("Time left", left),
            ("An epoch", _epoch_duration(one_s)),
            pace,
            ("Learning rate", f"{rate:.2g}" if rate is not None else ""),
            memory,
        ]
    )


def _left_words(seconds: float | None) -> str:
    if seconds is None:
        return ""
    # No seconds where they are rounded away.
    return f"about {duration(rounded(seconds))}".replace(" min 0 s", " min")


def _epoch_duration(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return f"{seconds:.1f} s" if seconds < 20 else duration(seconds)


def share(done: int, total: int) -> float:
    """Return done of total as a part of 1, also for numbers that do not fit."""
    return min(1.0, max(0.0, done / total)) if total else 0.0
