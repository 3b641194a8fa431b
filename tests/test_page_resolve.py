"""The views of double labeling: the switch, a dispute settled, the agreement."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from storage.answers import answers_of
from storage.images import add_images, list_image_ids
from storage.labels import create_labels, list_labels, set_group
from storage.opinions import SHARE, disputed_images, double_share, save_opinions
from storage.project_settings import write_setting
from storage.projects import Project
from storage.records import NewImage

MAIN = Path(__file__).parent.parent / "pages" / "main.py"


@pytest.fixture
def disputed(project: Project, make_image: Callable[..., bytes]) -> dict[str, int]:
    """One image that Anna calls black and Ben red; both say it is striped."""
    data = make_image((5, 0, 0))
    sha256 = hashlib.sha256(data).hexdigest()
    new = NewImage(sha256, "coat.png", "png", 16, 16, len(data), "test")
    add_images(project, [(new, data)])
    set_group(project, "colour", ["black", "red"], "exactly-one", who="")
    create_labels(project, ["striped"], who="")
    ids = {label.name: label.label_id for label in list_labels(project)}
    write_setting(project, SHARE, 1.0)
    for who, colour in (("Anna", "black"), ("Ben", "red")):
        said = {ids[colour]: True, ids["striped"]: True}
        image_ids = list_image_ids(project)
        save_opinions(project, image_ids, said, who=who, batch_id=f"batch-{who}")
    return ids


def open_view(view: str) -> AppTest:
    page = AppTest.from_file(str(MAIN), default_timeout=20)
    page.query_params["project"] = "clothes"
    page.query_params["view"] = view
    page.switch_page("label.py")
    page.run()
    assert not page.exception
    return page


def test_a_dispute_names_who_said_what_and_is_settled_with_a_choice(
    project: Project, disputed: dict[str, int]
) -> None:
    page = open_view("resolve")
    captions = [caption.value for caption in page.caption]
    assert "1 picture to resolve" in captions
    assert "Anna: black · Ben: red" in captions
    (image_id,) = list_image_ids(project)
    (group_id,) = {x.group_id for x in list_labels(project) if x.group_id}
    choice = page.button_group(key=f"resolve_{image_id}_group_{group_id}")
    choice.set_value(disputed["red"])
    next(button for button in page.button if button.label == "Settle").click()
    page.run()
    assert not page.exception
    assert disputed_images(project) == []
    said = answers_of(project, [image_id])[image_id]
    assert said[disputed["red"]] is True
    assert said[disputed["black"]] is False
    table = page.dataframe[0].value
    assert dict(zip(table["label"], table["agreed"], strict=True)) == {
        "black": 0,
        "red": 0,
        "striped": 1,
    }
    page.button(key="resolve_undo").click().run()
    assert disputed_images(project) == [image_id]
    assert page.button_group(key=f"resolve_{image_id}_group_{group_id}")
    page.button(key="resolve_redo").click().run()
    assert not page.exception
    assert disputed_images(project) == []
    assert answers_of(project, [image_id])[image_id] == said


def test_double_labeling_is_switched_on_beside_the_labels(
    project: Project, disputed: dict[str, int]
) -> None:
    write_setting(project, SHARE, None)
    page = open_view("schema")
    page.button_group(key="double_share_choice").set_value(0.25).run()
    assert not page.exception
    assert double_share(project) == 0.25
