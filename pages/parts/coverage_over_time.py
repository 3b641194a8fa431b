"""How coverage grew: a line from the history of labels."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import streamlit as st

from mlcore.coverage_growth import grow
from pages.parts.charts import (
    TRAINING_COLOUR,
    VALIDATION_COLOUR,
    Axes,
    show_figure,
    style_figure,
)
from pages.parts.text import counted
from storage.label_sets import list_impossible
from storage.label_times import newest_change, read_arrivals
from storage.labels import list_groups
from storage.projects import open_project

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from mlcore.coverage import Coverage
    from mlcore.coverage_growth import Growth
    from storage.projects import Project

# How long it all took at most, and how fine the points are then.
STEPS = (
    (timedelta(minutes=10), "%Y-%m-%d %H:%M:%S"),
    (timedelta(days=1), "%Y-%m-%d %H:%M"),
    (timedelta(days=3), "%Y-%m-%d %H:00"),
)
BY_DAY = "%Y-%m-%d"
# Of more images the history is read only when somebody asks.
ASKED_FROM = 100_000
ASK_KEY = "coverage_over_time_asked"


def show_over_time(project: Project, found: Coverage) -> None:
    """Draw how many combinations were present, and on enough pictures, over time."""
    if not found.possible:
        return
    st.markdown("## Over time")
    with st.container(border=True, key="coverage_over_time"):
        if found.images >= ASKED_FROM and not st.button("Draw it", key=ASK_KEY):
            st.caption("There are very many labelled pictures: this takes a moment.")
            return
        state = (str(project.folder), newest_change(project))
        points = read_growth(project.name, state, found.strength, found.thin_below)
        if len(points) < 2:
            st.caption(
                "All labels arrived at once. When more come, a line shows here how "
                "coverage grew."
            )
            return
        show_figure(growth_figure(points, found.thin_below), key="coverage_growth")


@st.cache_data(max_entries=20, show_spinner=False)
def read_growth(
    project_name: str, state: tuple[str, int], strength: int, thin_below: int
) -> list[Growth]:
    """Return the points of the line, as fine as the time it took, in local time.

    `state` is the project's folder with its newest change: another one, another line.
    """
    with open_project(project_name) as project:
        arrivals = read_arrivals(project)
        times = [_local(moment) for moment, _, _ in arrivals]
        pattern = step_of(times[-1] - times[0]) if times else BY_DAY
        named = [
            (time.strftime(pattern), label_ids, count)
            for time, (_, label_ids, count) in zip(times, arrivals, strict=True)
        ]
        return grow(
            named,
            list_groups(project),
            strength=strength,
            thin_below=thin_below,
            impossible=list_impossible(project),
        )


def step_of(span: timedelta) -> str:
    """Return how times are written within which all becomes one point."""
    return next((pattern for most, pattern in STEPS if span <= most), BY_DAY)


def _local(moment: str) -> datetime:
    return datetime.fromisoformat(moment).replace(tzinfo=UTC).astimezone()


def growth_figure(points: list[Growth], thin_below: int) -> go.Figure:
    """Return two stepped lines: combinations present, and those on enough pictures."""
    import plotly.graph_objects as go

    figure = go.Figure()
    when = [point.when for point in points]
    lines = (
        ("present", [p.present for p in points], TRAINING_COLOUR),
        (
            f"on {thin_below} pictures or more",
            [p.fine for p in points],
            VALIDATION_COLOUR,
        ),
    )
    for name, values, colour in lines:
        figure.add_scatter(
            x=when,
            y=values,
            name=name,
            mode="lines+markers",
            line={"color": colour, "width": 2, "shape": "hv"},
            marker={"size": 5},
            customdata=[counted(point.images, "picture") for point in points],
            hovertemplate="%{y} · %{customdata}",
        )
    return style_figure(figure, Axes(y_title="combinations"))
