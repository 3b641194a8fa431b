"""Precision against recall per label, from saved probabilities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from pages.parts import charts
from pages.parts.label_colours import line_styles

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from plotly.graph_objects import Figure

    from mlcore.evaluation import HeldOut
    from mlcore.metrics import LabelScore

POINTS_AT_MOST = 200
LABELS_AT_FIRST = 6


@dataclass(frozen=True, slots=True)
class Curve:
    """Precision at each recall of one label, recall ascending; equal lengths."""

    recall: NDArray[np.float64]
    precision: NDArray[np.float64]


def precision_recall(
    yes: NDArray[np.bool_], probabilities: NDArray[np.floating]
) -> Curve | None:
    """Return the curve over all thresholds; None without an example of the label."""
    if not yes.any():
        return None
    order = np.argsort(-probabilities, kind="stable")
    hits = np.cumsum(yes[order])
    # Equal probabilities cannot be told apart: only the last of a tie is a point.
    last = np.append(np.diff(probabilities[order]) != 0, True)
    precision = (hits / np.arange(1, len(yes) + 1))[last]
    recall = (hits / hits[-1])[last]
    kept = _thin_out(len(recall))
    return Curve(recall[kept], precision[kept])


def list_curves(held_out: HeldOut) -> list[tuple[str, Curve]]:
    """Return (label name, curve) of every label with an example, in label order."""
    found = []
    for place, label in enumerate(held_out.labels):
        answers = held_out.y[:, place]
        known = answers >= 0
        curve = precision_recall(
            answers[known] == 1, held_out.probabilities[known, place]
        )
        if curve:
            found.append((label.name, curve))
    return found


def _thin_out(points: int) -> NDArray[np.intp]:
    """Return at most 200 places evenly spread, first and last among them."""
    wanted = min(points, POINTS_AT_MOST)
    return np.unique(np.linspace(0, points - 1, wanted).round().astype(np.intp))


def precision_recall_figure(
    curves: Sequence[tuple[str, Curve]],
    marks: Sequence[LabelScore],
    colours: Mapping[str, str],
) -> Figure:
    """Return the curves with a dot where each label's threshold now stands.

    `colours` are those that people gave to labels, by name.
    """
    styles = line_styles([name for name, _ in curves], colours)
    lines = [
        charts.Line(
            name, curve.recall.tolist(), curve.precision.tolist(), *styles[name]
        )
        for name, curve in curves
    ]
    axes = charts.Axes(
        x_title="recall",
        y_title="precision",
        x_range=(-0.02, 1.02),
        y_range=(-0.02, 1.05),
        layout={"hovermode": "closest"},
    )
    figure = charts.line_figure(lines, axes)
    # average precision is the area under these very steps
    figure.update_traces(mode="lines", line_shape="vh")
    for score in marks:
        if score.label in styles and None not in (score.precision, score.recall):
            figure.add_scatter(
                x=[score.recall],
                y=[score.precision],
                mode="markers",
                marker={
                    "size": 11,
                    "color": styles[score.label][0],
                    "line": {"width": 2, "color": "rgba(255,255,255,.9)"},
                },
                name=charts.plain(mark_name(score)),
                showlegend=False,
            )
    return figure


def mark_name(score: LabelScore) -> str:
    """Return "dress at 0.41", or the label alone where no threshold counts."""
    has_one = score.threshold is not None
    return f"{score.label} at {score.threshold:.2f}" if has_one else score.label


def weakest_labels(names: Sequence[str], marks: Sequence[LabelScore]) -> list[str]:
    """Return the six labels that rank pictures worst, of those that have figures."""
    ranked = [
        (score.average_precision, score.label)
        for score in marks
        if score.label in names and score.average_precision is not None
    ]
    return [label for _, label in sorted(ranked)[:LABELS_AT_FIRST]]


def show_precision_recall(
    curves: Sequence[tuple[str, Curve]],
    marks: Sequence[LabelScore],
    colours: Mapping[str, str],
) -> None:
    """Draw the curves of the labels a person chooses, at first the six weakest."""
    if not curves:
        st.caption("No label has an example here, so there is no curve to draw.")
        return
    names = [name for name, _ in curves]
    chosen = st.multiselect(
        "Labels",
        names,
        default=weakest_labels(names, marks),
        key="review_curve_labels",
        placeholder="Choose labels",
    )
    figure = precision_recall_figure(
        [(name, curve) for name, curve in curves if name in chosen], marks, colours
    )
    charts.show_figure(figure, key="review_precision_recall", height_px=380)
    st.caption("The dot is where the label stands now.")
