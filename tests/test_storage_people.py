"""Leases, the pace, changes of others, and settings of a project."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from storage import leases
from storage.answers import answer, answer_many, undo
from storage.database import run_sql
from storage.history import changed_images
from storage.images import add_images
from storage.labels import create_labels
from storage.leases import renew_leases
from storage.pace import pace_of
from storage.project_settings import read_setting, write_setting
from storage.projects import Project
from storage.records import NewImage


@pytest.fixture
def image_ids(project: Project, make_image: Callable[..., bytes]) -> list[int]:
    data = make_image()
    batch = [
        (NewImage(f"{n:064x}", f"{n}.png", "png", 8, 8, len(data), "test"), data)
        for n in range(12)
    ]
    report = add_images(project, batch, who="import", batch_id="import-0001")
    return sorted(report.added.values())


def test_two_labelers_never_get_the_same_image(
    project: Project, image_ids: list[int]
) -> None:
    first = renew_leases(project, "tab-anna", "Anna", image_ids[:3])
    second = renew_leases(project, "tab-ben", "Ben", image_ids[2:5])
    assert first.taken == {}
    assert second.taken == {image_ids[2]: "Anna"}
    assert renew_leases(project, "tab-anna", "Anna", image_ids[:5]).taken == {
        image_ids[3]: "Ben",
        image_ids[4]: "Ben",
    }


def test_a_lease_ends_when_it_is_given_back_or_two_minutes_old(
    project: Project, image_ids: list[int]
) -> None:
    renew_leases(project, "tab-anna", "Anna", image_ids[:2])
    renew_leases(project, "tab-anna", "Anna", [], release=image_ids[:1])
    assert renew_leases(project, "tab-ben", "Ben", image_ids[:2]).taken == {
        image_ids[1]: "Anna"
    }
    run_sql(project.db, "UPDATE leases SET until = until - ?", [leases.LEASE_S + 1])
    assert renew_leases(project, "tab-ben", "Ben", image_ids[:2]).taken == {}
    renew_leases(project, "tab-ben", "Ben", [], release=image_ids[:2])
    assert renew_leases(project, "tab-carl", "Carl", image_ids[:2]).taken == {}


def test_changes_name_who_answered_last_since_a_point(
    project: Project, image_ids: list[int]
) -> None:
    (label,) = create_labels(project, ["black"], who="Anna")
    start, _ = changed_images(project, 2**62)
    for n, who in ((0, "Anna"), (1, "Ben"), (0, "Ben")):
        said = {label.label_id: n == 0 and who == "Anna"}
        answer(project, image_ids[n], said, who=who, batch_id=f"batch-{who}-{n}")
    last, people = changed_images(project, start)
    assert people == {image_ids[0]: "Ben", image_ids[1]: "Ben"}
    assert changed_images(project, last) == (last, {})
    assert list(changed_images(project, start, limit=1)[1]) == [image_ids[0]]


def test_the_pace_counts_todays_standing_answers_without_the_breaks(
    project: Project, image_ids: list[int]
) -> None:
    (label,) = create_labels(project, ["black"], who="Anna")
    for n, image_id in enumerate(image_ids[:8]):
        answer(
            project, image_id, {label.label_id: True}, who="Anna", batch_id=f"batch-{n}"
        )
    # 8 images, 10 s apart, with a break of 10 minutes in the middle
    noon = datetime(2026, 3, 3, 12, tzinfo=UTC)
    set_times(
        project,
        {
            f"batch-{n}": noon + timedelta(seconds=10 * n + (600 if n >= 4 else 0))
            for n in range(8)
        },
    )
    found = pace_of(project, "Anna", noon + timedelta(minutes=12))
    assert (found.today, found.left, found.per_hour) == (8, 4, pytest.approx(360))
    assert found.left_s == pytest.approx(40)
    assert pace_of(project, "Ben", noon + timedelta(minutes=12)).today == 0
    undo(project, who="Anna")
    assert pace_of(project, "Anna", noon + timedelta(minutes=12)).today == 7
    assert pace_of(project, "Anna", noon + timedelta(days=2)).per_hour is None


def test_work_in_bulk_is_counted_by_itself_and_is_no_pace(
    project: Project, image_ids: list[int]
) -> None:
    (label,) = create_labels(project, ["black"], who="Anna")
    # 6 images by hand, 10 s apart, the second of them twice; then all 12 at a click
    noon = datetime(2026, 3, 3, 12, tzinfo=UTC)
    order = [0, 1, 1, 2, 3, 4, 5]
    for n, place in enumerate(order):
        said = {label.label_id: n % 2 == 0}
        answer(project, image_ids[place], said, who="Anna", batch_id=f"batch-{n}")
    for n in range(7, 10):
        said = {label.label_id: n % 2 == 0}
        answer_many(project, image_ids, said, who="Anna", batch_id=f"batch-{n}")
    set_times(
        project, {f"batch-{n}": noon + timedelta(seconds=10 * n) for n in range(10)}
    )
    found = pace_of(project, "Anna", noon + timedelta(minutes=12))
    assert (found.today, found.today_bulk) == (6, 6)
    assert found.per_hour == pytest.approx(5 / 60 * 3600)
    for _ in range(3):
        undo(project, who="Anna")
    found = pace_of(project, "Anna", noon + timedelta(minutes=12))
    assert (found.today, found.today_bulk) == (6, 0)


def test_bulk_work_alone_gives_no_pace(project: Project, image_ids: list[int]) -> None:
    (label,) = create_labels(project, ["black"], who="Anna")
    for n in range(6):
        said = {label.label_id: n % 2 == 0}
        answer_many(project, image_ids, said, who="Anna", batch_id=f"batch-{n}")
    found = pace_of(project, "Anna")
    assert (found.today, found.today_bulk) == (0, 12)
    assert (found.per_hour, found.left_s) == (None, None)


def set_times(project: Project, times: dict[str, datetime]) -> None:
    run_sql(project.db, "DROP TRIGGER batches_no_update")
    for batch_id, at in times.items():
        text = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        sql = "UPDATE batches SET at = ? WHERE batch_id = ?"
        run_sql(project.db, sql, [text, batch_id])


def test_a_setting_is_kept_as_json_and_forgotten_with_none(project: Project) -> None:
    assert read_setting(project, "double_share", 0.0) == 0.0
    write_setting(project, "double_share", 0.25)
    write_setting(project, "view", {"größe": [1, 2]})
    assert read_setting(project, "double_share") == 0.25
    assert read_setting(project, "view") == {"größe": [1, 2]}
    write_setting(project, "double_share", None)
    assert read_setting(project, "double_share", "none") == "none"
