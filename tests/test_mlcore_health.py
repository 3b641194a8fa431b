"""Measuring pictures, copies among them, and what may be wrong with a data set."""

import json
import time

import numpy as np
import pytest
from drawn_photos import add_file, add_photo, darken, draw_photo, encode
from PIL import Image

from mlcore import cli, health_acts, health_jobs, near_duplicates
from mlcore.cli_health import measure_project
from mlcore.config import TrainConfig
from mlcore.data_health import CHECKS, find_one
from mlcore.duplicate_families import join_pairs
from mlcore.errors import FactsMissing
from mlcore.health_queues import PREFIX
from mlcore.held_out_copies import copies_across
from mlcore.image_facts import VERSION, describe, measure_images, perceptual_hash
from mlcore.label_balance import find_imbalances, tally_labels
from mlcore.pixel_hashes import hashes_of
from mlcore.preflight import check
from mlcore.queues import queue_ids, queue_reasons
from mlcore.similarity import order_by_likeness
from mlcore.snapshot import freeze
from storage.answers import set_many
from storage.dismissals import dismiss
from storage.errors import ImageError
from storage.facts import count_measured, facts_of, near_duplicate_pairs
from storage.images import count_images, get_image, image_path, list_image_ids
from storage.labels import create_labels, set_group
from storage.projects import Project
from storage.runs import create_run
from storage.splits import assign_splits, splits_of
from storage.undo import undo

DEADLINE_S = 60


def found(project: Project, key: str) -> list[tuple[int, ...]]:
    return find_one(project, key).families


def rows_of(pictures: list[Image.Image]) -> tuple[np.ndarray, np.ndarray]:
    hashes = [np.frombuffer(perceptual_hash(p), np.uint8) for p in pictures]
    colours = [np.frombuffer(describe(p)[:32], np.uint8) for p in pictures]
    return np.array(hashes), np.array(colours)


def test_a_copy_in_another_size_format_or_light_is_found() -> None:
    photos = [draw_photo(seed) for seed in range(40)]
    small = photos[0].resize((60, 80))
    width, height = photos[1].size
    cut = photos[1].crop((1, 1, width - 1, height - 1))
    changed = [small, cut, darken(photos[2], 0.8)]
    pairs = near_duplicates.find_pairs(*rows_of([*photos, *changed]))
    assert {(int(a), int(b)) for a, b, _ in pairs.T} == {(0, 40), (1, 41), (2, 42)}


def test_the_same_shape_in_another_colour_is_no_copy() -> None:
    gray = draw_photo(1).convert("L")
    tinted = [
        Image.merge("RGB", (gray, gray.point(lambda x: x // 2), gray)),
        Image.merge("RGB", (gray, gray, gray.point(lambda x: x // 2))),
    ]
    assert near_duplicates.find_pairs(*rows_of(tinted)).shape == (3, 0)


def test_pairs_are_exact_up_to_seven_low_bits_and_never_doubled() -> None:
    rng = np.random.default_rng(0)
    hashes = rng.integers(0, 256, (600, 32), np.uint8)
    flips = np.zeros((300, 16, 16), bool)
    for row in flips:
        places = rng.choice(64, 7, replace=False)
        row[places // 8, places % 8] = True
    hashes[300:] = hashes[:300] ^ np.packbits(flips.reshape(300, 256), axis=1)
    colours = np.full((600, 32), 128, np.uint8)
    pairs = near_duplicates.find_pairs(hashes, colours)
    assert {(int(a), int(b)) for a, b, _ in pairs.T} == {
        (i, i + 300) for i in range(300)
    }
    assert set(pairs[2]) == {7}
    assert pairs.shape == (3, 300)


def test_a_film_of_equal_frames_keeps_the_closest_pairs_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(near_duplicates, "MOST_PAIRS", 50)
    frames = np.zeros((60, 32), np.uint8)
    frames[30:, 31] = 255
    pairs = near_duplicates.find_pairs(frames, np.full((60, 32), 128, np.uint8))
    assert pairs.shape == (3, 50)
    assert set(pairs[2]) == {0}


def test_families_join_whoever_shares_a_member() -> None:
    assert join_pairs([(1, 2), (5, 6), (3, 2), (6, 7)]) == [(1, 2, 3), (5, 6, 7)]
    assert join_pairs([(1, 2), (2, 3), (3, 4)], most=2) == [(1, 2), (3, 4)]


@pytest.fixture
def copies(project: Project) -> dict[str, int]:
    """A photo, its exact and its near copy, and another photo; labelled."""
    group = set_group(project, "colour", ["red", "blue"], "exactly-one", who="t")
    red, blue = (label.label_id for label in group.labels)
    photo = draw_photo(1, (240, 320))
    ids = {
        "near": add_photo(project, photo.resize((120, 160)), "near.png"),
        "photo": add_photo(project, photo, "photo.png"),
        "exact": add_file(project, encode(photo, "PNG") + b"more", "exact.png"),
        "other": add_photo(project, draw_photo(2), "other.png"),
    }
    yes = {"near": red, "photo": red, "exact": red, "other": blue}
    rows = [(ids[name], frozenset({yes[name]})) for name in ids]
    set_many(project, rows, who="t", batch_id="labels")
    measure_project(project)
    return ids


def test_exact_and_near_copies_are_told_apart(
    project: Project, copies: dict[str, int]
) -> None:
    family = tuple(sorted(copies[name] for name in ("near", "photo", "exact")))
    assert found(project, "copies") == [(copies["photo"], copies["exact"])]
    assert found(project, "near") == [family]
    assert found(project, "unlike") == found(project, "leaks") == []


def test_a_run_tells_held_out_pictures_with_a_copy_in_training(
    project: Project, copies: dict[str, int]
) -> None:
    parts = {"near": "validation", "photo": "train", "exact": "train", "other": "train"}
    assign_splits(project, {copies[name]: parts[name] for name in parts})
    config = TrainConfig()
    run = create_run(project, recipe="", config=config.as_json(), epochs_total=1)
    freeze(project, run, config)
    # Moving it afterwards changes nothing about the run that is over.
    assign_splits(project, {copies["near"]: "train"})
    # Both sides, as Data, Health counts them.
    assert copies_across(project, run.run_id, "validation") == 3
    assert copies_across(project, run.run_id, "test") == 0
    dismiss(project, "leaks", [copies["near"]], who="t")
    assert copies_across(project, run.run_id, "validation") == 0


def test_of_the_copies_the_largest_of_the_best_answered_stays(
    project: Project, copies: dict[str, int]
) -> None:
    surplus = health_acts.surplus_copies(project, found(project, "near"))
    assert surplus == [copies["exact"], copies["near"]]
    done = health_acts.delete(project, surplus, who="t")
    assert (done.images, count_images(project)) == (2, 2)
    assert found(project, "near") == []
    undo(project, who="t", batch_id=done.batch_ids[0])
    assert len(found(project, "near")[0]) == 3


def test_copies_with_different_labels_are_for_a_person_to_settle(
    project: Project, copies: dict[str, int]
) -> None:
    blue = frozenset({2})
    set_many(project, [(copies["near"], blue)], who="t", batch_id="other")
    (family,) = found(project, "unlike")
    assert copies["near"] in family
    assert health_acts.surplus_copies(project, [family]) == []
    assert queue_ids(project, PREFIX + "unlike") == list(family)
    reasons = queue_reasons(project, PREFIX + "unlike", [copies["near"], 99])
    assert reasons == {copies["near"]: "looks like photo.png, exact.png"}


def test_copies_in_two_splits_move_together_and_back(
    project: Project, copies: dict[str, int]
) -> None:
    splits = dict.fromkeys(copies.values(), "train") | {copies["near"]: "validation"}
    assign_splits(project, splits)
    assert len(found(project, "leaks")) == 1
    words = [finding.text for finding in check(project, TrainConfig())]
    assert "3 pictures have a copy in another split." in words
    done = health_acts.into_one_split(project, found(project, "leaks"), who="t")
    assert (done.images, found(project, "leaks")) == (1, [])
    for batch_id in done.batch_ids:
        undo(project, who="t", batch_id=batch_id)
    assert splits_of(project)[copies["near"]] == "validation"


def test_a_dismissed_family_returns_when_another_image_joins_it(
    project: Project, copies: dict[str, int]
) -> None:
    dismiss(project, "near", found(project, "near")[0], who="t")
    finding = find_one(project, "near")
    assert (finding.families, finding.dismissed) == ([], 1)
    add_photo(project, draw_photo(1, (180, 240)), "third.png")
    measure_project(project)
    assert len(found(project, "near")[0]) == 4


def test_an_unknown_finding_is_a_sentence(project: Project) -> None:
    with pytest.raises(ImageError, match="one of unreadable, leaks"):
        find_one(project, "nonsense")


def test_labels_with_few_pictures_and_far_from_equal_are_named(
    project: Project,
) -> None:
    group = set_group(project, "colour", ["red", "blue"], "exactly-one", who="t")
    (free,) = create_labels(project, ["rare"], who="t")
    red, blue = (label.label_id for label in group.labels)
    ids = [add_photo(project, draw_photo(i, (20, 20)), f"{i}") for i in range(56)]
    rows = [(i, frozenset({red})) for i in ids[:52]]
    rows += [(i, frozenset({blue, free.label_id})) for i in ids[52:55]]
    set_many(project, rows, who="t", batch_id="b")
    assign_splits(project, dict.fromkeys(ids, "train"))
    tallies = tally_labels(project)
    counted = [(t.name, t.yes, t.no, t.by_split[0], t.verdict) for t in tallies]
    assert counted == [
        ("red", 52, 3, 52, ""),
        ("blue", 3, 52, 3, "very few"),
        ("rare", 3, 52, 3, "very few"),
    ]
    unequal = find_imbalances(project, tallies)
    assert [(x.group, x.rare, x.often) for x in unequal] == [
        ("colour", "blue", "red"),
        ("", "rare", "no"),
    ]


def test_images_are_ordered_by_likeness(project: Project) -> None:
    photo = draw_photo(1)
    first = add_photo(project, photo, "photo")
    for seed in range(2, 6):
        add_photo(project, draw_photo(seed), f"{seed}")
    alike = add_photo(project, darken(photo, 0.9), "alike")
    late = add_photo(project, draw_photo(7), "late")
    ids = list_image_ids(project)
    with pytest.raises(FactsMissing, match="not been measured"):
        order_by_likeness(project, ids, first)
    measure_images(project, ids[:-1])
    ordered = order_by_likeness(project, ids, first)
    assert (ordered[:2], ordered[-1]) == ([first, alike], late)
    assert sorted(ordered) == ids
    assert order_by_likeness(project, ids[1:], first)[0] == alike


def test_splits_take_the_pixel_hashes_that_were_measured(project: Project) -> None:
    image = get_image(project, add_photo(project, draw_photo(1), "photo"))
    measure_project(project)
    image_path(project, image).unlink()
    known = hashes_of(project, [(image.sha256, image.ext)])
    assert known[image.sha256] == facts_of(project, [1])[1].pixel_hash


def wait_until_done(project: Project) -> health_jobs.FactsStatus:
    deadline = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline:
        health_jobs.supervise_facts(project.name)
        status = health_jobs.facts_status(project)
        if not status.is_moving:
            return status
    raise AssertionError(f"still {status}")


def test_new_images_are_measured_by_a_process_of_its_own(project: Project) -> None:
    assert health_jobs.facts_status(project).state == "none"
    photo = draw_photo(1)
    add_photo(project, photo, "photo")
    add_photo(project, photo.resize((60, 80)), "small")
    assert health_jobs.facts_status(project).state == "waiting"
    health_jobs.cancel_facts(project.name)
    health_jobs.supervise_facts(project.name)
    assert health_jobs.facts_status(project).state == "cancelled"
    assert count_measured(project, VERSION) == 0
    health_jobs.start_facts(project.name)
    assert wait_until_done(project) == health_jobs.FactsStatus("done", 2, 2)
    assert len(near_duplicate_pairs(project)) == 1


def test_measuring_waits_for_a_training_run(project: Project) -> None:
    add_photo(project, draw_photo(1), "photo")
    create_run(project, recipe="r", config={}, epochs_total=1)
    health_jobs.supervise_facts(project.name)
    status = health_jobs.facts_status(project)
    assert (status.state, status.message) == (
        "waiting",
        "Waits until run 1 has trained.",
    )


def test_the_command_prints_findings_and_labels(
    project: Project, copies: dict[str, int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["health", "clothes"]) == 0
    shown = capsys.readouterr().out
    assert "Exact copies" in shown and "very few" in shown
    assert cli.main(["health", "clothes", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert [f["finding"] for f in report["findings"]] == list(CHECKS)
    assert report["labels"][0]["yes"] == 3
    assert report["splits"] == {"none": {"pictures": 4, "labelled": 4}}
