"""Double labeling: blind second answers, disputes, agreement, undo."""

from collections.abc import Callable

import pytest
from sklearn.metrics import cohen_kappa_score

from mlcore.agreement import cohen_kappa, describe_kappa, measure_agreement
from storage.answers import answer, answers_of, redo, undo
from storage.images import add_images
from storage.labels import create_labels, list_labels, set_group
from storage.opinions import (
    SHARE,
    answers_for,
    disputed_images,
    opinions_of,
    record_present_answers,
    resolve_image,
    save_opinions,
    second_wanted,
)
from storage.project_settings import write_setting
from storage.projects import Project
from storage.records import NewImage


@pytest.fixture
def image_ids(project: Project, make_image: Callable[..., bytes]) -> list[int]:
    data = make_image()
    batch = [
        (NewImage(f"{n:x}" * 64, f"{n}.png", "png", 8, 8, len(data), "test"), data)
        for n in range(16)
    ]
    report = add_images(project, batch, who="import", batch_id="import-0001")
    return sorted(report.added.values())


@pytest.fixture
def labels(project: Project) -> dict[str, int]:
    group = set_group(project, "colour", ["black", "red"], "exactly-one", who="Anna")
    free = create_labels(project, ["pleated"], who="Anna")
    return {label.name: label.label_id for label in [*group.labels, *free]}


def say(project: Project, who: str, image_id: int, **said: bool) -> None:
    ids = {
        label.label_id: said[label.name]
        for label in list_labels(project)
        if label.name in said
    }
    batch_id = f"{who}-{image_id}-{len(opinions_of(project))}-{said}"
    save_opinions(project, [image_id], ids, who=who, batch_id=batch_id, complete=True)


def test_a_second_person_answers_without_seeing_the_first(
    project: Project, image_ids: list[int], labels: dict[str, int]
) -> None:
    write_setting(project, SHARE, 1.0)
    one = image_ids[0]
    say(project, "Anna", one, black=True)
    assert second_wanted(project, "Ben") == [one]
    assert second_wanted(project, "Anna") == []
    assert answers_for(project, [one], "Ben") == {one: {}}
    say(project, "Ben", one, red=True)
    black, red, pleated = labels.values()
    assert answers_of(project, [one])[one] == {black: True, red: False, pleated: False}
    assert answers_for(project, [one], "Ben")[one] == {
        black: False,
        red: True,
        pleated: False,
    }
    assert disputed_images(project) == [one]
    assert second_wanted(project, "Carl") == []


def test_a_resolved_image_is_out_of_dispute_until_somebody_speaks_again(
    project: Project, image_ids: list[int], labels: dict[str, int]
) -> None:
    write_setting(project, SHARE, 1.0)
    one = image_ids[0]
    say(project, "Anna", one, black=True)
    say(project, "Ben", one, red=True)
    resolve_image(project, one, {labels["red"]: True}, who="Carl", batch_id="resolve-1")
    assert disputed_images(project) == []
    assert answers_of(project, [one])[one][labels["red"]] is True
    assert answers_for(project, [one], "Anna")[one][labels["red"]] is True


def test_undoing_a_settlement_brings_the_dispute_back_and_redo_settles_it_again(
    project: Project, image_ids: list[int], labels: dict[str, int]
) -> None:
    write_setting(project, SHARE, 1.0)
    one = image_ids[0]
    say(project, "Anna", one, black=True)
    say(project, "Ben", one, red=True)
    # Carl sides with Anna, whose answers counted already: still a step to undo.
    for _ in range(2):
        said = {labels["black"]: True}
        resolve_image(project, one, said, who="Carl", batch_id="resolve-1")
    assert undo(project, who="Carl") == "resolve-1"
    assert disputed_images(project) == [one]
    assert redo(project, who="Carl") == "resolve-1"
    assert disputed_images(project) == []
    # Settled once more by somebody else: undoing the first leaves that alone.
    said = {labels["red"]: True}
    resolve_image(project, one, said, who="Dora", batch_id="resolve-2")
    undo(project, who="Carl")
    assert disputed_images(project) == []
    undo(project, who="Dora")
    assert disputed_images(project) == [one]
    assert answers_of(project, [one])[one][labels["black"]] is True


def test_only_the_chosen_share_is_answered_twice(
    project: Project, image_ids: list[int], labels: dict[str, int]
) -> None:
    write_setting(project, SHARE, 0.25)
    for image_id in image_ids:
        say(project, "Anna", image_id, black=True)
    assert second_wanted(project, "Ben") == image_ids[:4]
    assert second_wanted(project, "Ben", image_ids[2:9]) == image_ids[2:4]
    say(project, "Ben", image_ids[9], red=True)
    assert answers_of(project, image_ids)[image_ids[9]][labels["red"]] is True
    assert disputed_images(project) == []


def test_undo_and_redo_take_a_second_opinion_back_and_give_it_again(
    project: Project, image_ids: list[int], labels: dict[str, int]
) -> None:
    write_setting(project, SHARE, 1.0)
    one = image_ids[0]
    say(project, "Anna", one, black=True)
    say(project, "Ben", one, red=True)
    undo(project, who="Ben")
    assert disputed_images(project) == []
    assert [x.who for x in opinions_of(project, [one])] == ["Anna"]
    redo(project, who="Ben")
    assert disputed_images(project) == [one]
    undo(project, who="Anna")
    assert [x.who for x in opinions_of(project, [one])] == ["Ben"]


def test_answers_from_before_count_as_the_first_opinion(
    project: Project, image_ids: list[int], labels: dict[str, int]
) -> None:
    said = {labels["black"]: True}
    answer(project, image_ids[0], said, who="Anna", batch_id="batch-0001")
    colour = list_labels(project)[0].group_id
    [green] = create_labels(project, ["green"], group_id=colour, who="Ben")
    record_present_answers(project)
    write_setting(project, SHARE, 1.0)
    values = {labels["black"]: True, labels["red"]: False, green.label_id: False}
    assert [(x.who, x.values) for x in opinions_of(project)] == [("Anna", values)]
    assert second_wanted(project, "Ben") == [image_ids[0]]


def test_kappa_is_that_of_scikit_learn(
    project: Project, image_ids: list[int], labels: dict[str, int]
) -> None:
    write_setting(project, SHARE, 1.0)
    anna = [1, 1, 1, 0, 0, 1, 0, 0, 1, 1]
    ben = [1, 0, 1, 0, 1, 1, 0, 0, 1, 0]
    for image_id, one, other in zip(image_ids, anna, ben, strict=False):
        say(project, "Anna", image_id, pleated=bool(one), black=True)
        say(project, "Ben", image_id, pleated=bool(other), black=True)
    found = {x.label.name: x for x in measure_agreement(project)}
    assert found["pleated"].kappa == pytest.approx(cohen_kappa_score(anna, ben))
    assert (found["pleated"].images, found["pleated"].agreed) == (10, 7)
    assert found["black"].kappa is None
    assert describe_kappa(found["pleated"].kappa) == "fair"


def test_kappa_of_cohens_own_definition() -> None:
    # 20 yes/yes, 5 yes/no, 10 no/yes, 15 no/no: p_o .7, p_e .5, so .4
    pairs = [(True, True)] * 20 + [(True, False)] * 5
    pairs += [(False, True)] * 10 + [(False, False)] * 15
    assert cohen_kappa(pairs) == pytest.approx(0.4)
    assert cohen_kappa([]) is None
