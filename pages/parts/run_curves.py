"""Loss and a chosen metric of one run over its epochs, and the end of its log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import streamlit as st

from mlcore import jobs
from pages.parts import charts
from pages.parts.run_metrics import SHARES, beta_of, metric_title, points

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from storage.records import Epoch, Run

CURVES_HEIGHT_PX = 260
LOG_LINES = 20
LOG_HEIGHT_PX = 220
METRIC_KEY = "train_metric"
PARTS = (
    (False, "training", charts.TRAINING_COLOUR, "dot"),
    (True, "validation", charts.VALIDATION_COLOUR, "solid"),
)


def run_curves(run: Run, epochs: Sequence[Epoch]) -> None:
    """Draw loss and the chosen metric over all epochs to come: no axis moves.

    They are drawn before the first epoch too: what is below keeps its place.
    """
    metric = choose_metric(run)
    left, right = st.columns(2)
    for place, name in ((left, "loss"), (right, metric)):
        with place:
            charts.show_figure(
                curve_figure(run, epochs, name),
                key="train_loss" if name == "loss" else "train_match",
                height_px=CURVES_HEIGHT_PX,
            )


def choose_metric(run: Run) -> str:
    """Draw the menu of metrics; the choice holds for every run of this session."""
    chosen = st.selectbox(
        "Curve beside the loss",
        SHARES,
        key=METRIC_KEY,
        format_func=lambda name: metric_title(name, [beta_of(run)]),
        width=260,
        persist_state="session",
    )
    return cast("str", chosen)


def curve_figure(run: Run, epochs: Sequence[Epoch], name: str) -> go.Figure:
    """Return one figure of the epochs, training against validation."""
    lines = [
        charts.Line(
            part, *_or_gap(points(epochs, name, held_out=held_out)), colour, dash
        )
        for held_out, part, colour, dash in PARTS
    ]
    is_share = name != "loss"
    title = metric_title(name, [beta_of(run)])
    axes = charts.Axes(x_title="epoch", y_title=title)
    if is_share:
        axes.layout["yaxis"] = dict(charts.SHARE_AXIS)
    figure = charts.line_figure(lines, axes)
    last = max(run.epochs_total, 2)
    figure.update_xaxes(range=[0.5, last + 0.5], dtick=max(1, -(-last // 10)))
    if is_share:
        figure.update_yaxes(range=[0, 1.02])
    else:
        figure.update_yaxes(range=None if epochs else [0, 1], rangemode="tozero")
    figure.update_layout(uirevision=run.run_id)
    # A point at 0 % lies on the axis: its lower half would be cut off.
    figure.update_traces(cliponaxis=False)
    return figure


def _or_gap(
    found: tuple[list[float], list[float | None]],
) -> tuple[list[float], list[float | None]]:
    """Keep a line's place in the legend before it has a point."""
    return found if found[0] else ([0.0], [None])


def log_lines(project_name: str, run: Run) -> None:
    """Show the last lines of the run's log, folded away."""
    log = st.expander(
        "Log", icon=":material/article:", key="train_log", on_change="rerun"
    )
    if log.open:
        lines = jobs.read_log(project_name, run.run_id, LOG_LINES)
        log.code(
            "\n".join(lines) or "Nothing yet.", language=None, height=LOG_HEIGHT_PX
        )
