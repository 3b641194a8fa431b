"""The Label page as a script: empty states, views, filter, editor of labels."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from filled_project import HOSTILE
from streamlit.testing.v1 import AppTest

from storage.answers import answer_many
from storage.labels import (
    list_groups,
    list_labels,
)
from storage.projects import Project
from storage.saved_views import list_views

MAIN = Path(__file__).parent.parent / "pages" / "main.py"


def open_page(**query: str | list[str]) -> AppTest:
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

    found = page.get("bidi_component")
    # Components without data, such as the watcher for a lost server, have none.
    given = [json.loads(x.proto.json) for x in found if x.proto.json]
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


def query_of(page: AppTest) -> dict[str, list[str]]:
    """The query of the labeler, taken apart."""
    return parse_qs(component_data(page)["query"], keep_blank_values=True)


def chips_of(page: AppTest) -> list[Any]:
    return [x for x in page.button if (x.key or "").startswith("label_chip_")]


def captions_of(page: AppTest) -> str:
    return "\n".join(element.value for element in page.caption)


def test_every_filter_is_in_the_query_the_address_and_the_chips(
    project: Project, images: list[int], labels: dict[str, int]
) -> None:
    answer_many(project, images[:1], {}, who="", batch_id="none", complete=True)
    given = {
        "without": [str(labels["blue"])],
        "unknown": [str(labels["striped"]), str(labels[HOSTILE])],
        "set": ["none"],
        "q": ["2.png"],
        "expr": ["black and not blue"],
        "split": ["none"],
        "source": ["te/"],
        "from": ["2026-01-31"],
        "to": ["2036-02-01"],
        "reviewed": ["0"],
        "disagrees": ["1"],
        "queue": ["unlabelled"],
    }
    page = open_page(**given)
    names = {"set": "key", "q": "text"}
    expected = {names.get(name, name): texts for name, texts in given.items()}
    assert query_of(page) == expected | {"state": ["all"], "key": [""]}
    # AppTest gives a single value as it is.
    address = {name: page.query_params[name] for name in given}
    kept = {n: [x] if isinstance(x, str) else x for n, x in address.items()}
    assert kept == given
    chips = chips_of(page)
    assert [chip.label for chip in chips][3:5] == [
        "exactly none of the labels",
        "name contains “2\\.png”",
    ]
    for left in range(12, -1, -1):
        chips[0].click()
        page.run()
        chips = chips_of(page)
        assert len(chips) == left
    assert component_data(page)["query"] == "state=all"
    assert "expr" not in page.query_params


def test_a_condition_applies_once_it_can_be_read(
    project: Project, images: list[int], labels: dict[str, int]
) -> None:
    answer_many(project, images[:1], {labels["blue"]: True}, who="", batch_id="one")
    page = open_page(state="all")
    page.text_input(key="label_expr_draft").set_value("blue and").run()
    assert query_of(page) == {"state": ["all"]}
    assert "expected a label name" in captions_of(page)
    page.text_input(key="label_expr_draft").set_value("blue or ?black").run()
    assert query_of(page)["expr"] == ["blue or ?black"]
    assert "3 pictures in all" in captions_of(page)
    page.button(key="label_clear").click().run()
    assert query_of(page) == {"state": ["all"]}
    assert page.text_input(key="label_expr_draft").value == ""


def test_a_condition_on_a_label_that_is_gone_shows_nothing_but_why(
    project: Project, images: list[int], labels: dict[str, int]
) -> None:
    page = open_page(expr="green")
    assert "The condition cannot be read" in text_of(page)
    assert not [x for x in page.get("bidi_component") if "query" in x.proto.json]
    page.button(key="label_unreadable").click().run()
    assert query_of(page) == {"state": ["all"]}


def open_menu(page: AppTest, key: str) -> AppTest:
    """Run with a menu open, which AppTest forgets after every run."""
    page.session_state[key] = True
    return page.run()


def rename_view(page: AppTest, menu: str, view_id: int, name: str) -> None:
    pen = f"label_view_rename_{view_id}"
    if pen in [button.key for button in open_menu(page, menu).button]:
        page.button(key=pen).click().run()
    field = open_menu(page, menu).text_input(key="label_view_new_name")
    field.set_value(name)
    page.button(key="label_view_rename_done").click().run()


def test_a_view_is_saved_chosen_renamed_deleted_and_brought_back(
    project: Project, images: list[int], labels: dict[str, int]
) -> None:
    menu = "label_views_menu"
    page = open_menu(open_page(expr="?black", queue="unlabelled"), menu)
    page.text_input(key="label_view_name").set_value("  To do ")
    page.button(key="label_view_save").click().run()
    [view] = list_views(project)
    assert view.name == "To do"
    page.button(key="label_chip_queue_0").click().run()
    assert "queue" not in query_of(page)
    open_menu(page, menu).button(key=f"label_view_{view.view_id}").click().run()
    query = {"state": ["all"], "expr": ["?black"], "queue": ["unlabelled"]}
    assert query_of(page) == query
    page = open_menu(page, menu)
    rename_view(page, menu, view.view_id, "  ")
    assert "1 to 60 characters" in page.error[0].value
    rename_view(page, menu, view.view_id, "Later")
    assert [one.name for one in list_views(project)] == ["Later"]
    page = open_menu(page, menu)
    assert page.button(key=f"label_view_{view.view_id}").label == "Later"
    page.button(key=f"label_view_delete_{view.view_id}").click().run()
    assert list_views(project) == []
    open_menu(page, menu).button(key="label_view_restore").click().run()
    assert [one.view_id for one in list_views(project)] == [view.view_id]


def test_queues_are_offered_with_counts_and_what_they_need(
    project: Project, images: list[int], labels: dict[str, int]
) -> None:
    answer_many(project, images[:1], {labels["blue"]: True}, who="", batch_id="one")
    page = open_page()
    assert not [x for x in page.button if (x.key or "").startswith("label_queue_")]
    page = open_menu(page, "label_queue_menu")
    assert page.button(key="label_queue_unlabelled").label == "Not labelled yet · 2"
    assert page.button(key="label_queue_unsure").disabled
    assert "Needs a model" in captions_of(page)
    page.button(key="label_queue_new-label").click().run()
    assert query_of(page) == {"state": ["all"], "queue": ["new-label"]}
    assert component_data(page)["empty"][0] == "Nothing in this queue now."
