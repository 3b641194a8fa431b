"""Stored files looked at again: what is damaged or gone is a finding, and can heal."""

import json
import time

import pytest
from drawn_photos import add_file, add_photo, draw_photo, encode

from mlcore import cli, file_checks, health_jobs
from mlcore.cli_health import measure_project, verify_files
from mlcore.data_health import find_one
from storage.health_rows import unreadable_images
from storage.images import get_image, image_path
from storage.projects import Project

DEADLINE_S = 60


@pytest.fixture
def stored(project: Project) -> list[int]:
    """Three pictures that were whole when they were measured."""
    ids = [add_photo(project, draw_photo(seed), f"{seed}.png") for seed in range(3)]
    measure_project(project)
    return ids


def damage(project: Project, image_id: int) -> None:
    """Another readable picture in its place: only its content gives it away."""
    path = image_path(project, get_image(project, image_id))
    path.chmod(0o600)
    path.write_bytes(encode(draw_photo(99)))


def lose(project: Project, image_id: int) -> None:
    image_path(project, get_image(project, image_id)).unlink()


def test_damaged_and_missing_files_are_a_finding_with_the_reason(
    project: Project, stored: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    damage(project, stored[0])
    lose(project, stored[1])
    assert cli.main(["health", "clothes", "--json"]) == 0
    assert "files" not in json.loads(capsys.readouterr().out), "nobody asked"
    assert find_one(project, "unreadable").families == []
    assert cli.main(["health", "clothes", "--verify", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["files"] == {"checked": 3, "damaged": 2}
    (finding,) = [f for f in report["findings"] if f["finding"] == "unreadable"]
    assert finding["families"] == [[stored[0]], [stored[1]]]
    assert dict(unreadable_images(project)) == {
        stored[0]: file_checks.CHANGED,
        stored[1]: file_checks.MISSING,
    }


def test_adding_the_same_pictures_again_mends_the_files(
    project: Project, stored: list[int]
) -> None:
    damage(project, stored[0])
    lose(project, stored[1])
    verify_files(project)
    for seed in range(2):
        add_file(project, encode(draw_photo(seed)), f"{seed}.png")
    measure_project(project)
    assert find_one(project, "unreadable").families == []
    check = verify_files(project)
    assert check is not None and (check.checked, check.damaged) == (3, 0)


def test_a_file_that_was_put_back_is_measured_again(
    project: Project, stored: list[int]
) -> None:
    path = image_path(project, get_image(project, stored[2]))
    whole = path.read_bytes()
    damage(project, stored[2])
    verify_files(project)
    path.write_bytes(whole)
    verify_files(project)
    assert find_one(project, "unreadable").families == []


def test_the_process_of_its_own_checks_when_it_is_asked_and_can_be_cancelled(
    project: Project, stored: list[int]
) -> None:
    assert health_jobs.facts_status(project).state == "done"
    lose(project, stored[1])
    file_checks.want_check(project)
    assert health_jobs.facts_status(project).state == "waiting"
    health_jobs.cancel_facts(project.name)
    assert health_jobs.facts_status(project).state == "done"
    health_jobs.check_again(project.name)
    deadline = time.monotonic() + DEADLINE_S
    while health_jobs.facts_status(project).is_moving:
        assert time.monotonic() < deadline
        health_jobs.supervise_facts(project.name)
    check = file_checks.last_check(project)
    assert check is not None and (check.checked, check.damaged) == (3, 1)
    assert find_one(project, "unreadable").families == [(stored[1],)]


def test_a_check_that_was_broken_off_goes_on_where_it_was(
    project: Project, stored: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_checks, "CHECKED_AT_ONCE", 1)
    file_checks.want_check(project)
    reasons = iter([None, ("waiting", "A run trains."), None, None])
    seen: list[int] = []

    def go_on() -> tuple[str, str] | None:
        return file_checks.check_files(
            project, lambda done, _: seen.append(done), lambda: next(reasons)
        )

    assert go_on() == ("waiting", "A run trains.")
    assert file_checks.is_check_wanted(project)
    assert go_on() is None
    assert seen == [0, 1, 1, 2]
    assert not file_checks.is_check_wanted(project)
