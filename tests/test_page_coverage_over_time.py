"""The line over time has points as fine as the time labelling took."""

from datetime import datetime, timedelta

import pytest
from tiny_training import make_project

from pages.parts.coverage_over_time import step_of
from storage.label_times import read_arrivals
from storage.projects import open_project


@pytest.mark.parametrize(
    ("span", "written"),
    [
        (timedelta(minutes=2), "2026-11-21 18:05:09"),
        (timedelta(minutes=40), "2026-11-21 18:05"),
        (timedelta(days=2), "2026-11-21 18:00"),
        (timedelta(days=9), "2026-11-21"),
    ],
)
def test_two_rounds_of_labelling_within_an_hour_are_two_points(
    span: timedelta, written: str
) -> None:
    moment = datetime(2026, 11, 21, 18, 5, 9)
    assert moment.strftime(step_of(span)) == written


def test_arrivals_are_told_apart_by_the_second() -> None:
    with open_project(make_project(each=2)) as project:
        arrivals = read_arrivals(project)
        assert sum(count for *_, count in arrivals) > 0
        for moment, *_ in arrivals:
            assert datetime.fromisoformat(moment).isoformat() == moment
