"""Plotly figures in the app's own look: transparent, no tool bar, both themes.

Streamlit's Plotly theme supplies fonts and grid colours for light and dark, so a
figure here never names a text or background colour.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import streamlit as st

from mlcore.label_colours import DASHES, PALETTE
from pages.parts.run_metrics import SHARES, metric_title, read_metric

if TYPE_CHECKING:
    import plotly.graph_objects as go

# Mid tones: both keep 3:1 against the white and against the dark background.
TRAINING_COLOUR = "#12908A"
VALIDATION_COLOUR = "#D07A12"
# Streamlit writes axes in a bluish gray of its own, which no setting changes; Plotly
# puts it into each element, hence the force.
ORDINARY_TEXT = """<style>
.js-plotly-plot :is(.xtitle, .ytitle, .xtick text, .ytick text) {
  fill: currentColor !important;
}
</style>"""
CONFIG = {"displayModeBar": False, "displaylogo": False, "scrollZoom": False}


class EpochLike(Protocol):
    """What a curve needs of an epoch."""

    @property
    def epoch(self) -> int: ...
    @property
    def metrics(self) -> dict[str, float]: ...


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a chart; a y of None leaves a gap."""

    name: str
    x: Sequence[float]
    y: Sequence[float | None]
    colour: str | None = None
    dash: str = "solid"


@dataclass(frozen=True, slots=True)
class Axes:
    """Titles and ranges of a chart; a range of None follows the data."""

    x_title: str = ""
    y_title: str = ""
    x_range: tuple[float, float] | None = None
    y_range: tuple[float, float] | None = None
    layout: dict[str, Any] = field(default_factory=dict)


def plain(name: str) -> str:
    """Return a name as Plotly shows it literally: it reads `<b>`, `<a>` and `&`."""
    return html.escape(name, quote=False)


def line_figure(lines: Iterable[Line], axes: Axes) -> go.Figure:
    """Return a line chart; colours repeat with another dash after eight lines."""
    import plotly.graph_objects as go

    figure = go.Figure()
    for index, line in enumerate(lines):
        colour = line.colour or PALETTE[index % len(PALETTE)]
        turn = index // len(PALETTE) % len(DASHES)
        dash = line.dash if line.colour else DASHES[turn]
        figure.add_scatter(
            x=list(line.x),
            y=list(line.y),
            name=plain(line.name),
            # a single point draws no line, so the first epoch needs its marker
            mode="lines+markers" if len(line.x) < 25 else "lines",
            line={"color": colour, "dash": dash, "width": 2},
            marker={"size": 5},
        )
    return style_figure(figure, axes)


def style_figure(figure: go.Figure, axes: Axes) -> go.Figure:
    """Give a figure the app's margins, legend, axes and transparent ground."""
    figure.update_layout(
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        # above the plot: below it, a legend of two lines covers the axis title
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        hovermode="x unified",
        dragmode=False,
        showlegend=True,
    )
    figure.update_layout(axes.layout)
    figure.update_xaxes(title=axes.x_title, range=axes.x_range, automargin=True)
    figure.update_yaxes(title=axes.y_title, range=axes.y_range, automargin=True)
    return figure


def show_figure(figure: go.Figure, *, key: str, height_px: int = 300) -> None:
    """Draw a figure at a reserved height, so that nothing below it jumps."""
    st.html(ORDINARY_TEXT)
    st.plotly_chart(
        figure, key=key, width="stretch", height=height_px, config=dict(CONFIG)
    )


# Never above 100 %, which a line of ones would otherwise reach.
SHARE_AXIS = {"tickformat": ".0%", "maxallowed": 1.02}


def show_epoch_curves(
    epochs: Sequence[EpochLike], *, key: str, height_px: int = 300
) -> None:
    """Draw loss and the shares (exact match, binary accuracy) side by side.

    One epoch makes no curve: its figures are shown instead.
    """
    if len(epochs) < 2:
        _show_figures_of_one(epochs)
        return
    left, right = st.columns(2)
    with left:
        figure = loss_figure(epochs)
        show_figure(figure, key=f"{key}_loss", height_px=height_px)
    with right:
        figure = epoch_shares_figure(epochs)
        show_figure(figure, key=f"{key}_shares", height_px=height_px)


def _show_figures_of_one(epochs: Sequence[EpochLike]) -> None:
    st.caption("There is no curve: this run learnt in one go.")
    lines = ["| Figure | Training | Validation |", "|---|---:|---:|"]
    for epoch in epochs:
        for name in ("loss", *SHARES):
            values = [
                read_metric(epoch.metrics, name, held_out=held_out)
                for held_out in (False, True)
            ]
            if values != [None, None]:
                shown = " | ".join(_figure_words(name, value) for value in values)
                lines.append(f"| {metric_title(name, ())} | {shown} |")
    st.markdown("\n".join(lines) if epochs else "")


def _figure_words(name: str, value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.3f}" if name == "loss" else f"{value * 100:.1f} %"


def loss_figure(epochs: Sequence[EpochLike]) -> go.Figure:
    """Return the loss over the epochs, training against validation."""
    lines = [
        Line(name, *_points(epochs, column), colour=colour, dash=dash)
        for column, name, colour, dash in (
            ("loss", "training", TRAINING_COLOUR, "dot"),
            ("val_loss", "validation", VALIDATION_COLOUR, "solid"),
        )
    ]
    layout = {"xaxis": {"dtick": _tick(len(epochs))}}
    axes = Axes(x_title="epoch", y_title="loss", layout=layout)
    return line_figure((line for line in lines if line.x), axes)


def epoch_shares_figure(epochs: Sequence[EpochLike]) -> go.Figure:
    """Return exact match and binary accuracy over the epochs, where recorded."""
    wanted = (
        ("exact_match", "exact match, training", TRAINING_COLOUR, "dot"),
        ("val_exact_match", "exact match, validation", VALIDATION_COLOUR, "solid"),
        ("binary_accuracy", "binary accuracy, training", "#7C6BD6", "dot"),
        ("val_binary_accuracy", "binary accuracy, validation", "#7C6BD6", "solid"),
    )
    lines = [
        Line(name, *_points(epochs, column), colour=colour, dash=dash)
        for column, name, colour, dash in wanted
    ]
    layout = {
        "xaxis": {"dtick": _tick(len(epochs))},
        "yaxis": dict(SHARE_AXIS),
    }
    axes = Axes(x_title="epoch", y_title="share right", layout=layout)
    return line_figure((line for line in lines if line.x), axes)


def _points(epochs: Sequence[EpochLike], column: str) -> tuple[list[float], list[Any]]:
    kept = [epoch for epoch in epochs if epoch.metrics.get(column) is not None]
    return [e.epoch for e in kept], [e.metrics[column] for e in kept]


def _tick(epochs: int) -> int:
    """Whole epochs only, and at most about ten of them written on the axis."""
    return max(1, -(-epochs // 10))
