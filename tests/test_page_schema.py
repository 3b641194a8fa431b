"""The editor of labels and groups as a script: details, steps, notes, files."""

import json

import pytest
from filled_project import HOSTILE
from streamlit.testing.v1 import AppTest
from test_page_label import open_page

from mlcore.schema_files import schema_as_json
from storage.answers import answer_many, answers_of
from storage.implications import imply, list_implications
from storage.labels import (
    describe_label,
    free_labels,
    label_counts,
    list_groups,
    list_labels,
    rename_label,
)
from storage.projects import Project


def text_of(page: AppTest) -> str:
    return "\n".join(element.value for element in [*page.markdown, *page.caption])


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


def test_labels_that_are_there_already_are_named_with_their_place(
    project: Project, labels: dict[str, int]
) -> None:
    [group] = list_groups(project)
    page = open_page(view="schema")
    page.text_input(key="label_add_text_None").input("Black, striped")
    page.button(key="label_add_button_None").click().run()
    assert [error.value for error in page.error] == [
        f"**black** is there already, in the group **{group.name}**: open it to move "
        "it here. **striped** is here already."
    ]
    page.text_input(key="label_add_text_None").input("plain, black")
    page.button(key="label_add_button_None").click().run()
    assert "Last change: Added **plain**" in text_of(page)
    assert any("**black** is there already" in toast.value for toast in page.toast)


def test_a_new_group_does_not_take_the_name_of_another(
    project: Project, labels: dict[str, int]
) -> None:
    [group] = list_groups(project)
    page = open_page(view="schema")
    page.button(key="label_new_group").click().run()
    page.text_input(key="label_new_group_name").input(group.name.upper())
    page.text_input(key="label_new_group_labels").input("plain")
    page.button(key="label_new_group_save").click().run()
    assert "already" in page.error[0].value
    assert list_groups(project) == [group]
    page.button(key="label_known_group").click().run()
    assert page.text_input(key="label_group_name").value == group.name


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


def test_all_details_of_a_label_are_one_step(
    project: Project, labels: dict[str, int]
) -> None:
    striped = labels["striped"]
    page = open_label(open_page(view="schema"), striped)
    page.text_input(key="label_name").input("stripes")
    page.text_input(key="label_key").input("S")
    page.color_picker(key="label_colour").set_value("#3366CC")
    page.text_area(key="label_description").input("At least two stripes")
    page.multiselect(key="label_implies").set_value([labels[HOSTILE]])
    page.button(key="label_save").click().run()
    assert "it skips a picture" in page.error[0].value
    page.text_input(key="label_key").input("T")
    page.button(key="label_save").click().run()
    [stripes] = [x for x in list_labels(project) if x.label_id == striped]
    assert (stripes.name, stripes.hotkey, stripes.colour, stripes.description) == (
        "stripes",
        "t",
        "#3366cc",
        "At least two stripes",
    )
    assert list_implications(project) == {striped: (labels[HOSTILE],)}
    assert "Implied: stripes" in text_of(page)
    page.button(key="label_schema_undo").click().run()
    [back] = [x for x in list_labels(project) if x.label_id == striped]
    assert (back.name, back.hotkey, back.colour) == ("striped", "", "")
    assert list_implications(project) == {}


def test_a_colour_nobody_touched_stays_none_and_one_can_be_taken_away(
    project: Project, labels: dict[str, int]
) -> None:
    black = labels["black"]
    page = open_label(open_page(view="schema"), black)
    page.button(key="label_save").click().run()
    assert list_labels(project)[0].colour == ""
    describe_label(project, black, colour="#111111", who="")
    page = open_label(open_page(view="schema"), black)
    page.checkbox(key="label_no_colour").check()
    page.button(key="label_save").click().run()
    assert list_labels(project)[0].colour == ""


def test_a_key_in_use_is_refused_in_words(
    project: Project, labels: dict[str, int]
) -> None:
    describe_label(project, labels["black"], hotkey="k", who="")
    page = open_label(open_page(view="schema"), labels["striped"])
    page.text_input(key="label_key").input("k")
    page.button(key="label_save").click().run()
    assert "black" in page.error[0].value
    assert free_labels(project)[0].hotkey == ""


def test_a_new_label_says_how_many_pictures_are_open_and_leads_there(
    project: Project, images: list[int], labels: dict[str, int]
) -> None:
    page = open_page(view="schema")
    page.text_input(key="label_add_text_None").input("wool")
    page.button(key="label_add_button_None").click().run()
    assert "**wool**: 3 pictures are open" in text_of(page)
    page.button(key="label_new_go").click().run()
    assert page.segmented_control(key="label_view").value == "one"
    assert page.query_params["queue"] == "new-label"


def test_answers_from_before_catch_up_with_what_is_implied(
    project: Project, images: list[int], labels: dict[str, int]
) -> None:
    striped, black = labels["striped"], labels["black"]
    answer_many(project, images, {striped: True}, who="", batch_id="a")
    answer_many(project, images[:1], {black: False}, who="", batch_id="b")
    imply(project, striped, [black], who="")
    page = open_page(view="schema")
    assert "**striped** without **black**: 2 open, 1 answered no" in text_of(page)
    page.button(key="label_gaps_fill").click().run()
    assert [a[black] for a in answers_of(project, images).values()] == [0, 1, 1]
    page.button(key="label_gaps_look").click().run()
    assert page.query_params["expr"] == '("striped" and no("black"))'


def test_a_label_tells_its_history(project: Project, labels: dict[str, int]) -> None:
    rename_label(project, labels["striped"], "stripes", who="Ada")
    page = open_label(open_page(view="schema"), labels["striped"])
    page.segmented_control(key="label_part").set_value("History").run()
    assert "**Ada** renamed it from **striped** to **stripes**" in text_of(page)
    assert "made it as **striped**" in text_of(page)


def test_a_file_is_looked_at_before_it_is_taken_over(
    project: Project, labels: dict[str, int]
) -> None:
    document = schema_as_json(project)
    document["labels"].append({"name": "wool", "hotkey": "w"})
    page = open_page(view="schema")
    page.button(key="label_schema_file").click().run()
    upload = page.file_uploader(key="label_schema_upload")
    upload.upload("schema.json", b"{\n wrong", "application/json").run()
    assert "line 2" in page.error[0].value
    upload = page.file_uploader(key="label_schema_upload")
    upload.upload(
        "schema.json", json.dumps(document).encode(), "application/json"
    ).run()
    assert "New labels: **wool**" in text_of(page)
    assert len(list_labels(project)) == 4
    page.button(key="label_schema_apply").click().run()
    assert [x.name for x in free_labels(project)] == ["striped", HOSTILE, "wool"]
    page.button(key="label_schema_undo").click().run()
    assert len(list_labels(project)) == 4
