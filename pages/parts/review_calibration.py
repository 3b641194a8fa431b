"""Whether a run is right as often as it says: what was right, by how sure it was."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import add
from typing import TYPE_CHECKING

import streamlit as st

from mlcore.calibration import ask_temperatures, read_temperatures, untemper
from mlcore.calibration_figures import (
    Bin,
    Judged,
    calibration_error,
    judge_answers,
    put_into_bins,
    telling_bin,
)
from mlcore.predictions import write_share
from mlcore.training_view import FREE_LABELS
from pages.parts import charts
from pages.parts.text import counted, escape, number

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from numpy.typing import NDArray
    from plotly.graph_objects import Figure

    from mlcore.calibration import Temperature
    from mlcore.evaluation import HeldOut

EVERYTHING = "All"
GROUP_KEY = "review_calibration_group"


def show_calibration(held_out: HeldOut, facts: Mapping[str, Any]) -> None:
    """Draw the bars of all answers or of one group, and what they say in words.

    `facts` are the run's model.json, which holds its temperatures.
    """
    fitted = read_temperatures(facts)
    groups = ask_temperatures(held_out.labels, held_out.groups, held_out.output)
    names = [one.group or FREE_LABELS for one in groups]
    chosen = EVERYTHING
    if len(groups) > 1:
        chosen = st.segmented_control(
            "Answers about",
            [EVERYTHING, *names],
            default=EVERYTHING,
            format_func=escape,
            required=True,
            key=GROUP_KEY,
        )
    asked = [
        one
        for one, name in zip(groups, names, strict=True)
        if chosen not in names or name == chosen
    ]
    bins = bins_of(asked, held_out, held_out.probabilities)
    if not bins:
        st.caption("No held-out picture has an answer, so nothing is measured.")
        return
    shown = {one.group for one in asked}
    fitted = [one for one in fitted if one.group in shown]
    raw = untemper(fitted, held_out.probabilities)
    before = bins_of(asked, held_out, raw) if _corrected(fitted) else []
    st.markdown(telling_sentence(bins))
    figure = reliability_figure(bins, before)
    charts.show_figure(figure, key="review_calibration", height_px=320)
    st.caption(error_sentence(bins, before, fitted, held_out.split))


def bins_of(
    asked: Sequence[Temperature],
    held_out: HeldOut,
    probabilities: NDArray[Any],
) -> list[Bin]:
    """Return the bins of all answers to these groups together."""
    judged = [judge_answers(one, held_out.y, probabilities) for one in asked]
    together: Judged = reduce(add, judged)
    return put_into_bins(together)


def telling_sentence(bins: Sequence[Bin]) -> str:
    """Return "When it says 90 %, it is right 88 times in 100." of what it says."""
    found = telling_bin(bins)
    answers = sum(one.answers for one in bins)
    if found is None:
        return f"{counted(answers, 'answer')} are too few to say how sure it may be."
    times = f"{found.right * 100:.{1 if found.right >= 0.99 else 0}f} times in 100"
    right = "every time" if found.right == 1 else times
    said = write_share(found.sure)
    stood = counted(found.answers, "answer")
    return f"When it says {said}, it is right **{right}** ({stood})."


def error_sentence(
    bins: Sequence[Bin],
    before: Sequence[Bin],
    fitted: Sequence[Temperature],
    split: str,
) -> str:
    """Say how far off percentages are on average, before and after the correction."""
    words = f"What it says is off by {_points(bins)} on average"
    if corrected := _corrected(fitted):
        words += f"; before the correction, by {_points(before)}. How sure it says it "
        words += f"is was corrected: {_list_temperatures(corrected)}"
        if split == "validation":
            words += ". The numbers were fitted on these very pictures, so this is "
            words += "a little too good"
    elif fitted:
        words += ". Nothing had to be corrected, or there was too little to tell by"
    return f"{words}. Thin bars stand for the few answers of which little can be said."


def _points(bins: Sequence[Bin]) -> str:
    error = calibration_error(bins)
    return "–" if error is None else f"{error * 100:.1f} points"


def _corrected(fitted: Sequence[Temperature]) -> list[Temperature]:
    return [one for one in fitted if one.value != 1.0]


def _list_temperatures(corrected: Sequence[Temperature]) -> str:
    return ", ".join(
        f"{escape(one.group or FREE_LABELS)} by {one.value:.2f} "
        f"(it was too {'sure' if one.value > 1 else 'modest'})"
        for one in corrected
    )


def reliability_figure(bins: Sequence[Bin], before: Sequence[Bin]) -> Figure:
    """Return bars of the part that was right, the diagonal, and dots for before."""
    line = charts.Line("as it says", [0, 1], [0, 1], "#8A8F98", "dot")
    axes = charts.Axes(
        x_title="how sure it was",
        y_title="part that was right",
        x_range=(min(one.low for one in (*bins, *before)), 1.02),
        y_range=(0, 1.12),
        layout={
            "hovermode": "closest",
            "bargap": 0,
            "xaxis": {"tickformat": ".0%"},
            "yaxis": {"tickformat": ".0%"},
        },
    )
    figure = charts.line_figure([line], axes)
    figure.update_traces(mode="lines")
    most = max(one.answers for one in bins)
    figure.add_bar(
        x=[(one.low + one.high) / 2 for one in bins],
        y=[one.right for one in bins],
        width=[_width(one, most) for one in bins],
        marker={"color": charts.TRAINING_COLOUR},
        text=[number(one.answers) for one in bins],
        textposition="outside",
        name="right, with the number of answers",
        hovertemplate="%{y:.0%} of %{text} answers right<extra></extra>",
    )
    if before:
        figure.add_scatter(
            x=[one.sure for one in before],
            y=[one.right for one in before],
            mode="markers",
            marker={"size": 9, "color": charts.VALIDATION_COLOUR, "symbol": "diamond"},
            name="before the correction",
            hovertemplate="said %{x:.0%}, right %{y:.0%}<extra></extra>",
        )
    return figure


def _width(one: Bin, most: int) -> float:
    """Wider where there are more answers, never too thin to be seen."""
    return 0.02 + 0.07 * (one.answers / most) ** 0.5
