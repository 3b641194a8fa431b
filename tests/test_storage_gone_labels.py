"""Answers of a page that was open while its labels were deleted, merged or added."""

import pytest

from storage.answers import answer, answers_of, undo
from storage.errors import LabelError
from storage.gone_labels import gone_labels, merged_labels
from storage.images import NewImage, add_images
from storage.labels import create_labels, delete_label, merge_labels, set_group
from storage.projects import Project


def add(project: Project, count: int) -> None:
    news = [NewImage(f"{n:064x}", f"{n}", "png", 1, 1, 1, "") for n in range(count)]
    add_images(project, [(new, b"x") for new in news])


def ids_of(project: Project, *names: str) -> list[int]:
    return [label.label_id for label in create_labels(project, names, who="")]


def test_answers_for_a_label_deleted_meanwhile_are_left_out_and_the_others_kept(
    project: Project,
) -> None:
    add(project, 1)
    red, blue, wool = ids_of(project, "red", "blue", "wool")
    delete_label(project, red, who="")
    answer(project, 1, {red: True, wool: True}, who="", batch_id="request-1")
    assert answers_of(project, [1])[1] == {wool: True}
    assert gone_labels(project, [red, blue, wool]) == [red]
    with pytest.raises(LabelError, match="no label 99"):
        answer(project, 1, {99: True, blue: True}, who="", batch_id="request-2")


def test_a_yes_to_a_label_merged_meanwhile_is_a_yes_to_the_one_that_stayed(
    project: Project,
) -> None:
    add(project, 2)
    group = set_group(
        project, "colour", ["navy", "blue", "azure"], "exactly-one", who=""
    )
    navy, blue, azure = (label.label_id for label in group.labels)
    merge_labels(project, navy, blue, who="Ada")
    merge_labels(project, blue, azure, who="Ada")
    said = {navy: True, blue: False, azure: False}
    answer(project, 1, said, who="Ben", batch_id="request-1")
    assert answers_of(project, [1])[1] == {azure: True}
    undo(project, who="Ada")
    answer(project, 2, {navy: True}, who="Ben", batch_id="request-2")
    assert answers_of(project, [2])[2] == {blue: True, azure: False}
    assert merged_labels(project) == {navy: blue}
    delete_label(project, blue, who="Ada")
    assert merged_labels(project) == {}


def test_completing_says_nothing_of_labels_that_were_never_in_sight(
    project: Project,
) -> None:
    add(project, 1)
    red, wool, old = ids_of(project, "red", "wool", "old")
    answer(
        project, 1, {red: True}, who="", batch_id="request-1", complete=[red, wool, 99]
    )
    assert answers_of(project, [1])[1] == {red: True, wool: False}
    assert old not in answers_of(project, [1])[1]
