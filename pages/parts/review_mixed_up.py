"""What is taken for what within a group, and which labels go wrong together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from mlcore.co_errors import co_errors
from mlcore.group_confusion import confusions
from pages.parts import charts
from pages.parts.text import counted, escape, number

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from mlcore.co_errors import CoError
    from mlcore.group_confusion import Confusion
    from pages.parts.review_scene import Scene

# More rows than this cannot be read: those that are mixed up most are shown.
LABELS_AT_MOST = 25
SENTENCES_AT_MOST = 5
CELL_PX, FRAME_PX = 42, 110
GROUP_KEY = "review_mixed_group"


def show_mixed_up(scene: Scene) -> None:
    """Draw the matrix of one group, then list what goes wrong together."""
    said = scene.held_out.decide(scene.chosen.limits)
    matrices = confusions(scene.held_out, said)
    if matrices:
        _show_matrix(_choose(matrices))
    else:
        st.caption(
            "No group of labels has one answer a picture, so no label is taken for "
            "another."
        )
    st.markdown("**Wrong together**")
    found = co_errors(scene.held_out, said)
    if not found:
        st.caption(
            "No two labels go wrong on the same pictures more often than chance."
        )
    for one in found:
        st.markdown(f"- {together_sentence(one)}")


def _choose(matrices: Sequence[Confusion]) -> Confusion:
    names = [matrix.group for matrix in matrices]
    if len(names) == 1:
        return matrices[0]
    chosen = st.segmented_control(
        "Group",
        names,
        default=names[0],
        format_func=escape,
        required=True,
        key=GROUP_KEY,
    )
    return matrices[names.index(str(chosen)) if chosen in names else 0]


def _show_matrix(matrix: Confusion) -> None:
    for sentence in mix_up_sentences(matrix):
        st.markdown(sentence)
    rows, columns = chosen_places(matrix)
    figure = matrix_figure(matrix, rows, columns)
    height = FRAME_PX + CELL_PX * len(rows)
    charts.show_figure(figure, key="review_matrix", height_px=height)
    words = "A row is what the pictures show, a column what the run said of them."
    left = len(matrix.rows) - len(rows)
    if left:
        words += f" {counted(left, 'label')} less often mixed up are not drawn."
    st.caption(words)


def mix_up_sentences(matrix: Confusion) -> list[str]:
    """Return what is mixed up most, as safe Markdown; that nothing is, else."""
    found = matrix.mix_ups()
    of_all = f"{number(matrix.right)} of {counted(matrix.images, 'picture')}"
    first = f"**{escape(matrix.group)}**: right on {of_all}."
    if not found:
        return [f"{first} Nothing is mixed up."]
    worst = [
        f"{escape(one.shown)} read as {escape(one.said)} "
        f"{number(one.images)} of {number(one.support)} times"
        for one in found[:SENTENCES_AT_MOST]
    ]
    return [f"{first} Most often: {'; '.join(worst)}."]


def chosen_places(matrix: Confusion) -> tuple[list[int], list[int]]:
    """Return the rows and columns to draw: all, or those that are mixed up most."""
    rows, columns = range(len(matrix.rows)), range(len(matrix.columns))
    if len(matrix.rows) <= LABELS_AT_MOST:
        return list(rows), list(columns)
    wrong = np.zeros(len(matrix.columns), int)
    for one in matrix.mix_ups():
        for name in (one.shown, one.said):
            wrong[matrix.columns.index(name)] += one.images
    kept = sorted(np.argsort(-wrong, kind="stable")[:LABELS_AT_MOST].tolist())
    names = {matrix.columns[at] for at in kept}
    return [at for at in rows if matrix.rows[at] in names], kept


def matrix_figure(
    matrix: Confusion, rows: Sequence[int], columns: Sequence[int]
) -> Figure:
    """Return the counts as a heat map, each row by its own pictures."""
    import plotly.graph_objects as go

    counts = matrix.counts[np.ix_(rows, columns)]
    shares = counts / np.maximum(
        matrix.counts[list(rows)].sum(axis=1, keepdims=True), 1
    )
    figure = go.Figure(
        go.Heatmap(
            z=shares,
            x=[charts.plain(matrix.columns[at]) for at in columns],
            y=[charts.plain(matrix.rows[at]) for at in rows],
            text=[[number(n) if n else "" for n in row] for row in counts.tolist()],
            texttemplate="%{text}",
            hovertemplate="%{y} read as %{x}: %{text}, %{z:.0%}<extra></extra>",
            colorscale=[[0, "rgba(18,144,138,0)"], [1, "rgba(18,144,138,.75)"]],
            zmin=0,
            zmax=1,
            showscale=False,
            xgap=3,
            ygap=3,
        )
    )
    layout = {"hovermode": "closest", "showlegend": False}
    axes = charts.Axes("said", "shown", layout=layout)
    charts.style_figure(figure, axes)
    figure.update_xaxes(side="top", type="category", showgrid=False)
    figure.update_yaxes(autorange="reversed", type="category", showgrid=False)
    return figure


def together_sentence(one: CoError) -> str:
    """Return "black and dress are wrong on the same 5 pictures …" as safe Markdown."""
    return (
        f"**{escape(one.first)}** and **{escape(one.second)}** are wrong on the same "
        f"{counted(one.images, 'picture')} (of {number(one.first_wrong)} and "
        f"{number(one.second_wrong)} wrong; chance alone would make about "
        f"{one.expected:.1f})."
    )
