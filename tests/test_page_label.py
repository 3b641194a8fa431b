"""The Label page as a script: empty states, views, filter, editor of labels."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from storage.answers import answer_many
from storage.images import add_images, list_image_ids
from storage.labels import (
    create_labels,
    free_labels,
    label_counts,
    list_groups,
    list_labels,
    set_group,
)
from storage.projects import Project
from storage.records import NewImage

MAIN = Path(__file__).parent.parent / "pages" / "main.py"
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def images(project: Project, make_image: Callable[..., bytes]) -> list[int]:
    batch = []
    for number in range(3):
        data = make_image((number, 0, 0))
        sha256 = hashlib.sha256(data).hexdigest()
        new = NewImage(sha256, f"{number}.png", "png", 16, 16, len(data), "test")
        batch.append((new, data))
    add_images(project, batch)
    return list_image_ids(project)


@pytest.fixture
def labels(project: Project) -> dict[str, int]:
    set_group(project, "colour", ["black", "blue"], "exactly-one", who="")
    create_labels(project, ["striped", HOSTILE], who="")
    return {label.name: label.label_id for label in list_labels(project)}


def open_page(**query: str) -> AppTest:
    page = AppTest.from_file(str(MAIN), default_timeout=20)
    page.query_params["project"] = "clothes"
    for name, value in query.items():
        page.query_params[name] = value
    page.switch_page("label.py")
    page.run()
    assert not page.exception
    return page


def component_data(page: AppTest) -> Any:
    """What the page hands to the labeler or the grid."""
    import json

    given = [json.loads(x.proto.json) for x in page.get("bidi_component")]
    [data] = [data for data in given if data and "query" in data]
    return data


def text_of(page: AppTest) -> str:
    return "\n".join(element.value for element in page.markdown)


def test_without_images_and_labels_the_way_leads_to_the_data_page(
    project: Project,
) -> None:
    page = open_page()
    assert "No pictures to label yet" in text_of(page)
    assert page.button(key="label_no_images").label == "Add pictures"


def test_without_labels_their_names_are_asked_for_first(
    project: Project, images: list[int]
) -> None:
    page = open_page()
    page.text_input(key="label_first_names").input(" black, blue ,, red,Black")
    page.text_input(key="label_first_group").input("colour")
    page.button(key="label_first_submit").click().run()
    [group] = list_groups(project)
    assert (group.name, group.rule) == ("colour", "exactly-one")
    assert [label.name for label in group.labels] == ["Black", "blue", "red"]
    assert component_data(page)["groups"][0]["name"] == "colour"


@pytest.mark.parametrize("text", ["", " , ,", "x" * 300])
def test_first_labels_that_cannot_be_names_get_a_sentence(
    project: Project, images: list[int], text: str
) -> None:
    page = open_page()
    page.text_input(key="label_first_names").input(text)
    page.button(key="label_first_submit").click().run()
    assert len(page.error) == 1
    assert list_labels(project) == []


def test_the_labeler_gets_the_groups_and_starts_with_unlabelled_images(
    project: Project, images: list[int], labels: dict[str, int]
) -> None:
    data = component_data(open_page())
    assert data["project"] == "clothes"
    assert data["query"] == "state=unlabelled"
    assert [group["name"] for group in data["groups"]] == ["colour", "Other labels"]
    assert data["groups"][1]["labels"][1]["name"] == HOSTILE


def test_when_all_is_labelled_all_images_are_shown(
    project: Project, images: list[int], labels: dict[str, int]
) -> None:
    answer_many(project, images, {}, who="", batch_id="everything", complete=True)
    assert component_data(open_page())["query"] == "state=all"


def test_a_link_sets_view_and_filter(
    project: Project, images: list[int], labels: dict[str, int]
) -> None:
    page = open_page(view="grid", label=str(labels["blue"]), q="holiday photo")
    query = f"state=all&label={labels['blue']}&text=holiday+photo"
    assert component_data(page)["query"] == query
    assert page.segmented_control(key="label_view").value == "grid"


def test_a_link_to_a_deleted_label_shows_all_images(
    project: Project, images: list[int], labels: dict[str, int]
) -> None:
    page = open_page(label="999", set="998", view="nonsense", state="nonsense")
    assert component_data(page)["query"] == "state=all"


def test_the_filter_becomes_the_query_and_is_cleared(
    project: Project, images: list[int], labels: dict[str, int]
) -> None:
    answer_many(project, images[:1], {labels["blue"]: True}, who="", batch_id="one")
    page = open_page()
    page.segmented_control(key="label_state").set_value("all")
    page.multiselect(key="label_without").set_value([labels["black"]])
    page.selectbox(key="label_set").set_value(str(labels["blue"]))
    page.run()
    query = f"state=all&without={labels['black']}&key={labels['blue']}"
    assert component_data(page)["query"] == query
    page.button(key="label_clear").click().run()
    assert component_data(page)["query"] == "state=all"


def test_the_filter_survives_a_look_at_the_labels(
    project: Project, images: list[int], labels: dict[str, int]
) -> None:
    page = open_page()
    page.text_input(key="label_text").set_value("2.png").run()
    page.segmented_control(key="label_view").set_value("schema").run()
    page.segmented_control(key="label_view").set_value("grid").run()
    assert component_data(page)["query"] == "state=unlabelled&text=2.png"


def open_label(page: AppTest, label_id: int) -> AppTest:
    return page.button(key=f"label_edit_{label_id}").click().run()


def test_labels_are_added_to_their_group(
    project: Project, labels: dict[str, int]
) -> None:
    [group] = list_groups(project)
    page = open_page(view="schema")
    page.text_input(key=f"label_add_text_{group.group_id}").input("red, green")
    page.button(key=f"label_add_button_{group.group_id}").click().run()
    [group] = list_groups(project)
    names = [label.name for label in group.labels]
    assert names == ["black", "blue", "red", "green"]


@pytest.mark.parametrize("text", ["", "x" * 300])
def test_a_bad_name_is_refused_in_words(
    project: Project, labels: dict[str, int], text: str
) -> None:
    page = open_page(view="schema")
    page.text_input(key="label_add_text_None").input(text)
    page.button(key="label_add_button_None").click().run()
    assert len(page.error) == 1
    assert len(list_labels(project)) == 4


def test_a_label_is_renamed_and_the_renaming_undone(
    project: Project, labels: dict[str, int]
) -> None:
    page = open_label(open_page(view="schema"), labels["striped"])
    page.text_input(key="label_name").input("with stripes")
    page.button(key="label_save").click().run()
    assert free_labels(project)[0].name == "with stripes"
    page.button(key="label_schema_undo").click().run()
    assert free_labels(project)[0].name == "striped"


def rename(page: AppTest, label_id: int, name: str) -> AppTest:
    page = open_label(page, label_id)
    page.text_input(key="label_name").input(name)
    return page.button(key="label_save").click().run()


def test_undo_goes_back_step_by_step_and_redo_forward(
    project: Project, labels: dict[str, int]
) -> None:
    page = rename(open_page(view="schema"), labels["striped"], "with stripes")
    page = rename(page, labels["striped"], "stripy")

    def press(name: str) -> str:
        page.button(key=f"label_schema_{name}").click().run()
        return free_labels(project)[0].name

    assert [press("undo"), press("undo")] == ["with stripes", "striped"]
    assert page.button(key="label_schema_undo").disabled
    assert [press("redo"), press("redo")] == ["with stripes", "stripy"]
    assert page.button(key="label_schema_redo").disabled


def test_redo_is_not_offered_after_somebody_did_something_else(
    project: Project, images: list[int], labels: dict[str, int]
) -> None:
    page = rename(open_page(view="schema"), labels["striped"], "with stripes")
    page.button(key="label_schema_undo").click().run()
    answer_many(project, images, {labels["blue"]: True}, who="", batch_id="new")
    page.run()
    assert page.button(key="label_schema_redo").disabled


def test_renaming_to_a_name_in_use_is_refused_in_words(
    project: Project, labels: dict[str, int]
) -> None:
    page = open_label(open_page(view="schema"), labels["striped"])
    page.text_input(key="label_name").input("BLACK")
    page.button(key="label_save").click().run()
    assert len(page.error) == 1
    assert free_labels(project)[0].name == "striped"


def test_a_label_moves_to_a_group(project: Project, labels: dict[str, int]) -> None:
    [group] = list_groups(project)
    page = open_label(open_page(view="schema"), labels["striped"])
    page.selectbox(key="label_group").set_value(group.group_id)
    page.button(key="label_save").click().run()
    [group] = list_groups(project)
    assert [label.name for label in group.labels] == ["black", "blue", "striped"]


def test_deleting_a_label_asks_once_and_can_be_undone(
    project: Project, images: list[int], labels: dict[str, int]
) -> None:
    answer_many(project, images, {labels[HOSTILE]: True}, who="", batch_id="all")
    page = open_label(open_page(view="schema"), labels[HOSTILE])
    page.button(key="label_delete_button").click().run()
    assert len(list_labels(project)) == 4
    page.button(key=f"label_yes_delete {labels[HOSTILE]}").click().run()
    assert len(list_labels(project)) == 3
    page.button(key="label_schema_undo").click().run()
    assert label_counts(project)[labels[HOSTILE]] == 3


def test_merging_labels_asks_once_and_moves_the_answers(
    project: Project, images: list[int], labels: dict[str, int]
) -> None:
    answer_many(project, images, {labels["striped"]: True}, who="", batch_id="all")
    page = open_label(open_page(view="schema"), labels["striped"])
    source, target = labels["striped"], labels[HOSTILE]
    page.segmented_control(key="label_part").set_value("Merge").run()
    page.selectbox(key=f"label_merge_{source}").set_value(target).run()
    page.button(key=f"label_yes_merge {source} {target}").click().run()
    assert label_counts(project)[target] == 3
    assert source not in label_counts(project)


def test_a_group_is_made_of_old_and_new_labels(
    project: Project, labels: dict[str, int]
) -> None:
    page = open_page(view="schema")
    page.button(key="label_new_group").click().run()
    page.text_input(key="label_new_group_name").input("pattern")
    page.text_input(key="label_new_group_labels").input("striped, plain")
    page.button(key="label_new_group_save").click().run()
    group = list_groups(project)[1]
    assert [label.name for label in group.labels] == ["striped", "plain"]


def test_a_group_gets_another_name_and_rule(
    project: Project, labels: dict[str, int]
) -> None:
    [group] = list_groups(project)
    page = open_page(view="schema")
    page.button(key=f"label_group_edit_{group.group_id}").click().run()
    page.text_input(key="label_group_name").input("hue")
    page.selectbox(key="label_group_rule").set_value("any")
    page.button(key="label_group_save").click().run()
    [group] = list_groups(project)
    assert (group.name, group.rule, len(group.labels)) == ("hue", "any", 2)


def test_a_deleted_group_leaves_its_labels_free(
    project: Project, labels: dict[str, int]
) -> None:
    [group] = list_groups(project)
    page = open_page(view="schema")
    page.button(key=f"label_group_edit_{group.group_id}").click().run()
    page.button(key="label_group_delete").click().run()
    page.button(key=f"label_yes_delete group {group.group_id}").click().run()
    assert list_groups(project) == []
    assert len(free_labels(project)) == 4
