"""Several runs on one chart: a colour a run, training dotted, validation solid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from pages.parts import charts
from pages.parts.run_metrics import SHARES, beta_of, metric_title, points
from pages.parts.run_status import has_epochs, run_title

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from storage.records import Epoch, Run

HEIGHT_PX = 320
# On a phone every run has a line of the legend to itself.
LEGEND_LINE_PX = 20
TRAINING, VALIDATION = "Training", "Validation"
Curves = Mapping[str, Sequence["Epoch"]]


def overlay(runs: Sequence[Run], epochs: Curves) -> None:
    """Draw the menus and the chart of these runs; `epochs` by run id."""
    betas = [beta_of(run) for run in runs]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        metric = st.selectbox(
            "Figure",
            ("loss", *SHARES),
            index=1,
            key="train_overlay_metric",
            format_func=lambda name: metric_title(name, betas),
            width=240,
            persist_state="session",
        )
        parts = st.segmented_control(
            "Pictures",
            (TRAINING, VALIDATION),
            selection_mode="multi",
            default=[VALIDATION],
            key="train_overlay_parts",
            persist_state="session",
        )
    figure = overlay_figure(runs, epochs, metric, parts or [VALIDATION])
    height_px = HEIGHT_PX + LEGEND_LINE_PX * len(runs)
    charts.show_figure(figure, key="train_overlay", height_px=height_px)
    st.caption(_how_to_read(runs, parts))


def overlay_figure(
    runs: Sequence[Run], epochs: Curves, metric: str, parts: Sequence[str]
) -> go.Figure:
    """Return the chart; a run without epochs is a level line through all of them."""
    last = max([run.epochs_total for run in runs if has_epochs(run)], default=2)
    lines, in_legend = [], []
    for at, run in enumerate(runs):
        for part in sorted(parts, reverse=True):
            found = points(
                epochs.get(run.run_id, ()), metric, held_out=part == VALIDATION
            )
            is_named = part == max(parts)
            if found[0] or is_named:
                lines.append(_line(run, at, found, part, last))
                in_legend.append(is_named)
    figure = charts.line_figure(lines, _axes(metric, runs, last))
    for trace, line, is_named in zip(figure.data, lines, in_legend, strict=True):
        trace.update(legendgroup=line.name, showlegend=is_named, cliponaxis=False)
    return figure


def _line(
    run: Run,
    at: int,
    found: tuple[list[float], list[float | None]],
    part: str,
    last: int,
) -> charts.Line:
    x, y = found if found[0] else ([0.0], [None])
    if not has_epochs(run) and found[0]:
        x, y = [1.0, float(last)], [y[-1], y[-1]]
    colour = charts.PALETTE[at % len(charts.PALETTE)]
    dash = "solid" if part == VALIDATION else "dot"
    return charts.Line(run_title(run), x, y, colour, dash)


def _axes(metric: str, runs: Sequence[Run], last: int) -> charts.Axes:
    title = metric_title(metric, [beta_of(run) for run in runs])
    axes = charts.Axes(
        "epoch", title, (0.5, last + 0.5), layout={"uirevision": "overlay"}
    )
    axes.layout["xaxis"] = {"dtick": max(1, -(-last // 10))}
    axes.layout["yaxis"] = (
        {"rangemode": "tozero"} if metric == "loss" else dict(charts.SHARE_AXIS)
    )
    return axes


def _how_to_read(runs: Sequence[Run], parts: Sequence[str]) -> str:
    words = []
    if len(parts) > 1:
        words.append("Solid: validation, dotted: training.")
    if any(not has_epochs(run) for run in runs):
        words.append("A level line is a run without epochs.")
    return " ".join(words)
