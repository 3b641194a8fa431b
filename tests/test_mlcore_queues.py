"""Queues: which images, in which order, and the sentence that says why."""

import hashlib

import pytest

from mlcore.queues import (
    QUEUES,
    count_queue,
    offered_queues,
    queue_ids,
    queue_reasons,
    what_is_missing,
)
from storage.answers import answer_many
from storage.database import immediate, run_sql
from storage.errors import ImageError
from storage.image_marks import mark_reviewed
from storage.images import add_images, delete_images
from storage.labels import create_labels, set_group
from storage.opinions import SHARE, save_opinions
from storage.project_settings import write_setting
from storage.projects import Project
from storage.records import NewImage
from storage.scores import ImageScore, put_scores

BLACK, RED, DRESS, JEANS, STRIPED = range(1, 6)


@pytest.fixture
def images(project: Project) -> list[int]:
    """Eight images; labels 1 black 2 red, 3 dress 4 jeans (one each), 5 striped."""
    set_group(project, "colour", ["black", "red"], "exactly-one", who="")
    set_group(project, "garment", ["dress", "jeans"], "exactly-one", who="")
    create_labels(project, ["striped"], who="")
    batch = []
    for number in range(8):
        data = f"picture {number}".encode()
        sha256 = hashlib.sha256(data).hexdigest()
        batch.append((NewImage(sha256, f"{number}.png", "png", 9, 9, 9, "test"), data))
    return sorted(add_images(project, batch).added.values())


def say(project: Project, image_id: int, *yes: int, complete: bool = True) -> None:
    said = dict.fromkeys(yes, True)
    batch_id = f"say-{image_id}-{yes}"
    answer_many(
        project, [image_id], said, who="Ada", batch_id=batch_id, complete=complete
    )


def score(project: Project, image_id: int, *said: float, **more: float) -> None:
    """Put a score: probabilities of labels 1, 2, …; those over one half are read."""
    probabilities = dict(enumerate(said, start=1))
    reading = tuple(i for i, p in probabilities.items() if p > 0.5)
    how = {"confidence": 0.9, "uncertainty": 0.1} | more
    found = ImageScore(
        image_id, "run", reading, True, probabilities=probabilities, **how
    )
    put_scores(project, "run", [found])


def test_unlabelled_images_come_in_the_order_of_adding(
    project: Project, images: list[int]
) -> None:
    say(project, images[0], BLACK)
    delete_images(project, images[6:7], who="", batch_id="gone")
    expected = [*images[1:6], images[7]]
    assert queue_ids(project, "unlabelled") == expected
    assert count_queue(project, "unlabelled") == 6
    assert queue_reasons(project, "unlabelled", images[:2]) == {
        images[1]: "not labelled yet"
    }


def test_a_new_label_brings_back_what_was_labelled_before_it(
    project: Project, images: list[int]
) -> None:
    for image_id in images[:3]:
        say(project, image_id, BLACK, DRESS)
    answer_many(project, images[1:2], {STRIPED: None}, who="", batch_id="unknown")
    assert queue_ids(project, "new-label") == images[1:2]
    _, lined = create_labels(project, ["pleated", "lined"], who="Ada")
    answer_many(project, images[2:3], {lined.label_id: True}, who="", batch_id="lined")
    assert queue_ids(project, "new-label") == [images[0], images[1], images[2]]
    assert count_queue(project, "new-label") == 3
    assert queue_reasons(project, "new-label", images[:4]) == {
        images[0]: "“pleated”, “lined” were added since",
        images[1]: "“pleated”, “lined” were added since",
        images[2]: "“pleated” is unknown",
    }
    answer_many(project, images[:3], {}, who="", batch_id="complete", complete=True)
    assert queue_ids(project, "new-label") == []


def test_the_unsure_queue_names_the_least_certain_question(
    project: Project, images: list[int]
) -> None:
    score(project, images[0], 0.9, 0.1, 0.52, 0.48, 0.3, uncertainty=0.5)
    score(project, images[1], 0.99, 0.01, 0.9, 0.1, 0.45, uncertainty=0.8)
    score(project, images[2], 0.5, 0.5, 0.5, 0.5, uncertainty=0.9)
    say(project, images[2], BLACK)
    score(project, images[3], uncertainty=0.0)
    assert queue_ids(project, "unsure") == [images[1], images[0]]
    assert count_queue(project, "unsure") == 2
    assert queue_reasons(project, "unsure", images[:2]) == {
        images[0]: "least sure: dress 52 %",
        images[1]: "least sure: striped 45 %",
    }


def test_coverage_prefers_what_probably_shows_a_missing_combination(
    project: Project, images: list[int]
) -> None:
    for image_id in images[:2]:
        say(project, image_id, BLACK, DRESS)
    say(project, images[2], RED, DRESS)
    score(project, images[3], 0.9, 0.1, 0.04, 0.96)  # black jeans: missing
    score(project, images[4], 0.1, 0.9, 0.5, 0.5)  # red jeans 0.45: missing
    score(project, images[5], 0.3, 0.3, 0.3, 0.2)  # below what is worth a look
    score(project, images[6], 0.99, 0.0, 1.0, 0.0)  # black dress: there are two
    ids = queue_ids(project, "coverage")
    assert ids == [images[6], images[3], images[4]]
    assert queue_reasons(project, "coverage", ids) == {
        images[6]: "would be one of 3 black · dress (99 %)",
        images[3]: "would be the first black · jeans (86 %)",
        images[4]: "would be the first red · jeans (45 %)",
    }


def test_disagreement_shows_the_surest_contradictions_first(
    project: Project, images: list[int]
) -> None:
    say(project, images[0], BLACK, JEANS)
    say(project, images[1], RED, DRESS)
    say(project, images[2], RED, complete=False)
    say(project, images[3], BLACK, STRIPED)
    score(project, images[0], 0.9, 0.1, 0.91, 0.09, confidence=0.7)
    score(project, images[1], 0.1, 0.9, 0.8, 0.2, 0.88, confidence=0.8)
    score(project, images[2], 0.1, 0.9, 0.8, 0.2, confidence=0.99)
    score(project, images[3], 0.9, 0.1, 0.2, 0.3, 0.04, confidence=0.6)
    score(project, images[4], 0.9, 0.1, 0.9, 0.1)
    ids = queue_ids(project, "disagreement")
    assert ids == [images[1], images[0], images[3]]
    assert queue_reasons(project, "disagreement", ids) == {
        images[1]: "people said not striped, the model reads it (88 %)",
        images[0]: "people said jeans, the model reads dress (91 %)",
        images[3]: "people said striped, the model does not read it (4 %)",
    }
    mark_reviewed(project, images[1:2], True, who="", batch_id="look")
    assert queue_ids(project, "disagreement") == [images[0], images[3]]


def test_look_alikes_with_different_labels_stand_side_by_side(
    project: Project, images: list[int]
) -> None:
    say(project, images[0], RED, DRESS)
    say(project, images[1], RED, DRESS)
    say(project, images[2], RED, JEANS)
    say(project, images[3])
    pairs = [(0, 1, 0), (0, 2, 5), (1, 3, 2), (2, 4, 1)]
    with immediate(project.db) as db:
        for one, other, distance in pairs:
            sql = "INSERT INTO near_duplicates VALUES (?, ?, ?)"
            run_sql(db, sql, [images[one], images[other], distance])
    ids = queue_ids(project, "duplicates")
    assert ids == [images[1], images[3], images[0], images[2]]
    assert queue_reasons(project, "duplicates", ids[:3]) == {
        images[1]: "looks like 3.png, which is labelled none of the labels",
        images[3]: "looks like 1.png, which is labelled red · dress",
        images[0]: "looks like 2.png, which is labelled red · jeans",
    }
    mark_reviewed(project, [images[1], images[3]], True, who="", batch_id="look")
    assert queue_ids(project, "duplicates") == [images[0], images[2]]


def test_a_second_opinion_is_asked_of_others_only(
    project: Project, images: list[int]
) -> None:
    assert "second" not in [queue.key for queue in offered_queues(project)]
    write_setting(project, SHARE, 1.0)
    save_opinions(project, images[:2], {RED: True}, who="Ada", batch_id="first")
    assert queue_ids(project, "second", "Bob") == images[:2]
    assert queue_ids(project, "second", "Ada") == []
    assert set(queue_reasons(project, "second", images[:2], "Bob")) == set(images[:2])
    assert offered_queues(project) == list(QUEUES.values())


def test_a_queue_says_what_it_needs_first(project: Project, images: list[int]) -> None:
    def needs() -> dict[str, str]:
        return {key: what_is_missing(project, queue) for key, queue in QUEUES.items()}

    assert {key for key, text in needs().items() if text} == {
        "unsure",
        "coverage",
        "disagreement",
        "duplicates",
    }
    assert all(queue_ids(project, key, "Ada") == [] for key in needs() if needs()[key])
    score(project, images[0], 0.5)
    assert needs()["unsure"] == ""


def test_an_unknown_queue_is_told_in_words(project: Project) -> None:
    for ask in (queue_ids, count_queue):
        with pytest.raises(ImageError, match="A queue is one of unlabelled, new-label"):
            ask(project, "newest")
