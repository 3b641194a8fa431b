"""What a run suggests: kept beside the answers, never counted as one."""

import pytest
from tiny_training import add_pictures, draw

from storage.answers import answer, answers_of
from storage.errors import LabelError
from storage.groups import set_group
from storage.images import delete_images, progress
from storage.labels import delete_label, list_labels
from storage.projects import Project
from storage.scores import (
    ImageScore,
    count_suggested,
    count_unscored,
    put_scores,
    scores_of,
    scoring_run,
    suggested_images,
    suggested_sets,
    suggestion_counts,
    unscored_ids,
)

WHO = "tester"


@pytest.fixture
def images(project: Project) -> list[int]:
    """Four unlabelled pictures, with two groups of two labels."""
    set_group(project, "colour", ["red", "blue"], "exactly-one", who=WHO)
    set_group(project, "garment", ["dress", "jeans"], "exactly-one", who=WHO)
    return add_pictures(project, [draw("red", "tall", seed) for seed in range(4)])


def ids_of(project: Project) -> dict[str, int]:
    return {label.name: label.label_id for label in list_labels(project)}


def say(
    project: Project, image_id: int, names: dict[str, float], run_id: str = "r1"
) -> None:
    """Suggest these labels for an image with these probabilities."""
    ids = ids_of(project)
    probabilities = {ids[name]: share for name, share in names.items()}
    reading = tuple(sorted(probabilities))
    score = ImageScore(image_id, run_id, reading, True, 0.8, 0.3, probabilities)
    put_scores(project, run_id, [score])


def test_scores_come_back_as_written_and_count_as_no_answer(
    project: Project, images: list[int]
) -> None:
    say(project, images[0], {"red": 0.9, "dress": 0.6})
    ids = ids_of(project)
    found = scores_of(project, images)
    assert list(found) == [images[0]]
    assert found[images[0]].probabilities == {ids["red"]: 0.9, ids["dress"]: 0.6}
    assert found[images[0]].reading == (ids["red"], ids["dress"])
    assert scoring_run(project) == "r1"
    assert progress(project).labelled == 0
    assert answers_of(project, images) == {image_id: {} for image_id in images}


def test_unlabelled_images_are_scored_first_and_deleted_ones_never(
    project: Project, images: list[int]
) -> None:
    ids = ids_of(project)
    answer(project, images[0], {ids["red"]: True}, who=WHO, batch_id="a")
    delete_images(project, [images[3]], who=WHO, batch_id="d")
    assert unscored_ids(project, "r1", 10) == [images[1], images[2], images[0]]
    assert unscored_ids(project, "r1", 2) == [images[1], images[2]]
    say(project, images[1], {"red": 0.9})
    assert unscored_ids(project, "r1", 10) == [images[2], images[0]]
    assert (count_unscored(project, "r1"), count_unscored(project, "r2")) == (2, 3)


def test_another_run_replaces_what_was_said_image_by_image(
    project: Project, images: list[int]
) -> None:
    ids = ids_of(project)
    for image_id in images[:2]:
        say(project, image_id, {"red": 0.9})
    say(project, images[0], {"blue": 0.7}, run_id="r2")
    assert suggested_images(project, [ids["red"]]) == [(images[1], 0.9)]
    assert suggested_images(project, [ids["blue"]]) == [(images[0], 0.7)]
    assert scoring_run(project) == "r2"


def test_suggested_images_come_surest_first_and_leave_when_answered(
    project: Project, images: list[int]
) -> None:
    ids = ids_of(project)
    for image_id, share in zip(images, (0.6, 0.9, 0.7, 0.8), strict=True):
        say(project, image_id, {"red": share})
    answer(project, images[3], {ids["blue"]: True}, who=WHO, batch_id="a")
    delete_images(project, [images[2]], who=WHO, batch_id="d")
    assert suggested_images(project, [ids["red"]]) == [
        (images[1], 0.9),
        (images[0], 0.6),
    ]
    assert suggested_images(project, [ids["red"]], offset=1, limit=5)[0][0] == images[0]
    everything = suggested_images(project, [ids["red"]], only_unlabelled=False)
    assert [image_id for image_id, _ in everything] == [images[1], images[3], images[0]]
    assert count_suggested(project, [ids["red"]]) == 2
    assert suggestion_counts(project) == {ids["red"]: 2}


def test_a_combination_needs_all_its_labels_and_no_contradiction(
    project: Project, images: list[int]
) -> None:
    ids = ids_of(project)
    both = [ids["dress"], ids["red"]]
    say(project, images[0], {"red": 0.9, "dress": 0.5})
    say(project, images[1], {"red": 0.8, "dress": 0.9})
    say(project, images[2], {"red": 0.9})
    say(project, images[3], {"red": 0.9, "dress": 0.9})
    assert [i for i, _ in suggested_images(project, both)] == [
        images[3],
        *images[1::-1],
    ]
    assert suggested_images(project, both)[1][1] == pytest.approx(0.72)
    answer(project, images[0], {ids["red"]: True}, who=WHO, batch_id="half")
    answer(project, images[3], {ids["jeans"]: True}, who=WHO, batch_id="no")
    assert [i for i, _ in suggested_images(project, both)] == [images[1], images[0]]
    red_dress = ",".join(map(str, sorted(both)))
    assert suggested_sets(project) == [(red_dress, 2), (str(ids["red"]), 1)]
    answer(project, images[0], {ids["dress"]: True}, who=WHO, batch_id="rest")
    assert count_suggested(project, both) == 1


def test_labels_deleted_since_are_not_suggested_any_more(
    project: Project, images: list[int]
) -> None:
    ids = ids_of(project)
    say(project, images[0], {"red": 0.9, "dress": 0.5})
    delete_label(project, ids["dress"], who=WHO)
    score = scores_of(project, images)[images[0]]
    assert (score.reading, list(score.probabilities)) == ((ids["red"],), [ids["red"]])
    assert suggestion_counts(project) == {ids["red"]: 1}
    assert suggested_sets(project) == [(str(ids["red"]), 1)]
    assert suggested_images(project, [ids["dress"]]) == []


@pytest.mark.parametrize("label_ids", [[], list(range(1, 30))])
def test_asking_for_no_label_or_too_many_is_refused(
    project: Project, label_ids: list[int]
) -> None:
    with pytest.raises(LabelError, match="1 to 12 labels"):
        suggested_images(project, label_ids)


def test_a_label_that_was_never_here_is_read_but_not_suggested(
    project: Project, images: list[int]
) -> None:
    red, strange = ids_of(project)["red"], 1_000_000_001
    said = {red: 0.9, strange: 0.8}
    score = ImageScore(images[0], "r1", (red, strange), False, 0.7, 0.2, said)

    put_scores(project, "r1", [score])

    assert suggestion_counts(project) == {red: 1}
    assert scores_of(project, images)[images[0]].probabilities == {red: 0.9}
