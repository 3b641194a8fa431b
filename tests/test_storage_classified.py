"""What was classified is remembered within bounds; doubtful images are asked for."""

import hashlib
import sqlite3
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from mlcore.project_archive import export_project
from storage import classified, doubted, runs
from storage.answers import answer, answer_many
from storage.classified import Classified
from storage.doubted import Doubted
from storage.images import delete_images, get_images
from storage.projects import Project
from storage.records import LabelSet


def said(picture: str, *reading: int, run_id: str = "r1") -> Classified:
    sha256 = hashlib.sha256(picture.encode()).hexdigest()
    return Classified(
        sha256,
        f"{picture}.jpg",
        run_id,
        who="Ada",
        reading=reading,
        labels=tuple(f"label {i}" for i in reading),
        is_seen=True,
        is_doubtful=False,
        unseen_share=0.25,
        probabilities=dict.fromkeys(reading, 0.75),
    )


def test_a_picture_counts_once_by_what_was_said_last(project: Project) -> None:
    classified.remember_classified(project, [said("a", 1), said("b", 1, 2)])
    classified.remember_classified(project, [said("a", 2, run_id="r2")])
    classified.remember_classified(project, [said("b", 1, 2)])
    assert classified.count_classified(project) == 2
    assert classified.classified_sets(project) == [
        LabelSet("1,2", (1, 2), 1),
        LabelSet("2", (2,), 1),
    ]
    assert classified.classified_sets(project, "9999") == []
    assert classified.forget_classified(project) == 2
    assert classified.classified_sets(project) == []


def test_a_row_that_cannot_be_written_stops_no_other(project: Project) -> None:
    bad = replace(said("bad", 1), sha256="too short")
    odd = replace(said("odd", 1), name="\udcff.jpg")
    rows = [said("a", 1), bad, odd, said("b", 1)]
    assert classified.remember_classified(project, rows) == 3
    assert classified.count_classified(project) == 3


def test_only_the_newest_are_kept(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(classified, "KEPT_AT_MOST", 3)
    classified.remember_classified(project, [said(str(n), n) for n in range(1, 6)])
    assert [s.key for s in classified.classified_sets(project)] == ["3", "4", "5"]


def test_what_a_person_answered_counts_instead_of_the_reading(
    project: Project, images: list[int], labels: dict[str, int]
) -> None:
    (image,) = get_images(project, images[:1])
    row = replace(said("x", labels["black"]), sha256=image.sha256)
    classified.remember_classified(project, [row])
    answer(project, image.image_id, {labels["blue"]: True}, who="Ada", batch_id="b")
    assert [s.key for s in classified.classified_sets(project)] == [str(labels["blue"])]


def test_an_archive_goes_without_what_was_classified(
    project: Project, tmp_path: Path
) -> None:
    classified.remember_classified(project, [said("secret-name", 1)])
    target = tmp_path / "whole.zip"
    export_project(project, target)
    with zipfile.ZipFile(target) as archive:
        archive.extract("project.db", tmp_path)
    assert b"secret-name" not in (tmp_path / "project.db").read_bytes()
    with sqlite3.connect(tmp_path / "project.db") as db:
        assert db.execute("SELECT count(*) FROM classified").fetchone() == (0,)
    assert classified.count_classified(project) == 1


def test_doubted_images_are_asked_for_until_answered(
    project: Project, images: list[int], labels: dict[str, int]
) -> None:
    rows = [
        Doubted(image_id, "r1", f"why {at}", at / 10, "batch")
        for at, image_id in enumerate(images)
    ]
    doubted.put_doubted(project, rows, who="Ada")
    assert doubted.list_open_doubted(project) == images[::-1]
    assert doubted.doubt_reasons(project, images[:1]) == {images[0]: "why 0"}
    hashes = [image.sha256 for image in get_images(project, images)]
    assert doubted.open_doubted_of(project, [*hashes, "other"]) == set(hashes)
    answer_many(
        project, images[:1], {labels["black"]: True}, who="Ada", batch_id="said"
    )
    delete_images(project, images[1:2], who="Ada", batch_id="gone")
    assert doubted.list_open_doubted(project) == images[2:]
    assert doubted.count_open_doubted(project) == 1
    (row,) = doubted.list_labelled_doubted(project, 9)
    assert (row.image_id, row.run_id, row.who) == (images[0], "r1", "Ada")
    doubted.put_doubted_readings(project, "r1", {images[0]: [2, 1]})
    assert doubted.doubted_readings_of(project, images) == {
        (images[0], "r1"): frozenset({1, 2})
    }
    assert doubted.take_back_doubted(project, "batch") == images[2:]
    assert doubted.list_open_doubted(project) == []
    assert doubted.count_labelled_doubted(project) == 1


def test_what_was_answered_since_the_newest_run_is_unlearned(
    project: Project, images: list[int], labels: dict[str, int]
) -> None:
    row = Doubted(images[0], "r1", "why", 0.5, "batch")
    doubted.put_doubted(project, [row], who="Ada")
    assert doubted.count_unlearned(project) == 0
    answer(project, images[0], {labels["black"]: True}, who="Ada", batch_id="said")
    assert doubted.count_unlearned(project) == 1
    runs.create_run(project, recipe="quick", config={}, epochs_total=1)
    assert doubted.count_unlearned(project) == 0
    run = runs.claim_next(project)
    assert run is not None
    runs.finish_run(project, run.run_id, run.attempt, "failed", seconds=1.0)
    assert doubted.count_unlearned(project) == 1
