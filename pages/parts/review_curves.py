"""Precision against recall, and the ROC curve, of each label."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from mlcore.label_colours import line_styles
from pages.parts import charts
from pages.parts.review_totals import range_words
from storage.labels import list_labels

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from mlcore.metrics import LabelScore
    from mlcore.ranking_curves import Curve, Ranking
    from pages.parts.review_scene import Scene

LABELS_AT_FIRST = 6
PRECISION, ROC = "Precision and recall", "ROC"
EXPLAINED = {
    PRECISION: "Every threshold gives a point: the further right, the more of the "
    "label's pictures are found; the higher, the fewer false ones among them. The best "
    "is the corner top right; the dot is where the label stands now.",
    ROC: "Every threshold gives a point: upwards the share of the label's pictures "
    "that are found, to the right the share of all others that are called it too. The "
    "best is the corner top left; on the dotted line it guesses.",
}


def show_curves(scene: Scene) -> None:
    """Draw the curves of the labels a person chooses, at first the six weakest."""
    rankings = [r for r in scene.rankings if r.precision_recall]
    if not rankings:
        st.caption("No label has an example here, so there is no curve to draw.")
        return
    names = [ranking.name for ranking in rankings]
    # Columns: on a phone they stand below each other, with room for names.
    left, right = st.columns([2, 3], vertical_alignment="bottom")
    kind = left.segmented_control(
        "Curve",
        [PRECISION, ROC],
        default=PRECISION,
        required=True,
        key="review_curve",
    )
    chosen = right.multiselect(
        "Labels",
        names,
        default=weakest_labels(names, scene.figures.labels),
        key="review_curve_labels",
        placeholder="Choose labels",
    )
    own = {label.label_id: label.colour for label in list_labels(scene.project)}
    # By the run's name of it: people may have renamed a label since.
    colours = {ranking.name: own.get(ranking.label_id, "") for ranking in rankings}
    shown = [ranking for ranking in rankings if ranking.name in chosen]
    if kind == ROC:
        figure = roc_figure(shown, colours)
    else:
        figure = precision_recall_figure(shown, scene.figures.labels, colours)
    charts.show_figure(figure, key="review_curves", height_px=380)
    st.caption(EXPLAINED[str(kind)])


def precision_recall_figure(
    rankings: Sequence[Ranking],
    marks: Sequence[LabelScore],
    colours: Mapping[str, str],
) -> Figure:
    """Return the curves with a dot where each label's threshold now stands.

    `colours` are those that people gave to labels, by name.
    """
    styles = line_styles([ranking.name for ranking in rankings], colours)
    lines = [_line(r.name, r.precision_recall, styles[r.name]) for r in rankings]
    figure = _draw(lines, "found (recall)", "right (precision)")
    # average precision is the area under these very steps
    figure.update_traces(mode="lines", line_shape="vh")
    _name_areas(figure, rankings, "average precision")
    for score in marks:
        if score.label in styles and None not in (score.precision, score.recall):
            _add_dot(figure, score, styles[score.label][0])
    return figure


def roc_figure(rankings: Sequence[Ranking], colours: Mapping[str, str]) -> Figure:
    """Return the share found against the share of false alarms, and the diagonal."""
    styles = line_styles([ranking.name for ranking in rankings], colours)
    drawn = [ranking for ranking in rankings if ranking.roc]
    lines = [_line(r.name, r.roc, styles[r.name]) for r in drawn]
    figure = _draw(lines, "false alarms", "found")
    _name_areas(figure, drawn, "area")
    guess = {"color": "#8A8F98", "dash": "dot", "width": 1}
    figure.add_scatter(x=[0, 1], y=[0, 1], line=guess, name="a guess", hoverinfo="skip")
    figure.update_traces(mode="lines")
    return figure


def _draw(lines: Iterable[charts.Line | None], x_title: str, y_title: str) -> Figure:
    """Return the lines there are, over shares from 0 to 1."""
    axes = charts.Axes(
        x_title=x_title,
        y_title=y_title,
        x_range=(-0.02, 1.02),
        y_range=(-0.02, 1.05),
        layout={
            "hovermode": "closest",
            "xaxis": {"tickformat": ".0%"},
            "yaxis": {"tickformat": ".0%"},
        },
    )
    return charts.line_figure([line for line in lines if line], axes)


def _line(name: str, curve: Curve | None, style: tuple[str, str]) -> charts.Line | None:
    if curve is None:
        return None
    return charts.Line(name, curve.x.tolist(), curve.y.tolist(), *style)


def _name_areas(figure: Figure, rankings: Sequence[Ranking], title: str) -> None:
    """Write the area under each curve, and its range, where one points at it."""
    for trace, ranking in zip(figure.data, rankings, strict=True):
        is_roc = title == "area"
        area = ranking.roc_auc if is_roc else ranking.average_precision
        spread = ranking.roc_auc_range if is_roc else ranking.average_precision_range
        words = "–" if area is None else f"{area:.0%} ({range_words(spread)})"
        trace.hovertemplate = (
            f"{charts.plain(ranking.name)}: {title} {words}"
            "<br>%{x:.0%} · %{y:.0%}<extra></extra>"
        )


def _add_dot(figure: Figure, score: LabelScore, colour: str) -> None:
    edge = {"width": 2, "color": "rgba(255,255,255,.9)"}
    figure.add_scatter(
        x=[score.recall],
        y=[score.precision],
        mode="markers",
        marker={"size": 11, "color": colour, "line": edge},
        name=charts.plain(mark_name(score)),
        showlegend=False,
    )


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
