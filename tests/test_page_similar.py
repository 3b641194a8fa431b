"""Similar items in the page: a picture in, those most like it out, items from a CSV."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from classified_pictures import MAIN, add_run, open_page, words
from filled_project import HOSTILE, MakeImage
from streamlit.testing.v1 import AppTest

from mlcore.colour_features import WIDTH as COLOURS
from mlcore.feature_model import spec_of
from mlcore.feature_store import FeatureStore
from mlcore.picture_index import PictureIndex, explain
from mlcore.recipes import QUICK
from mlcore.similar import Similar
from mlcore.similar_looking import do_looking, looking_status
from mlcore.similar_space import find_space
from pages.parts.similar_grid import item_data
from storage.answers import answer
from storage.images import get_images, image_path
from storage.projects import Project
from storage.similar_items import count_items, items_of

SIMILAR = {"classify_view": "Similar items"}


@pytest.fixture
def looked_at(project: Project, images: list[int]) -> list[int]:
    """Ids of three images with features, and a run that can read nothing."""
    add_run(project)
    found = get_images(project, images)
    rows = np.random.default_rng(1).random((3, 40 + COLOURS), np.float32)
    store = FeatureStore(project, spec_of(QUICK.config), "made-with")
    store.append([image.sha256 for image in found], rows)
    return images


def upload(app: AppTest, key: str, name: str, data: bytes) -> AppTest:
    app.get("file_uploader")  # fails in words where there is none
    return app.file_uploader(key=key).upload(name, data).run()


def test_nothing_is_compared_before_the_pictures_were_looked_at(
    project: Project, images: list[int]
) -> None:
    add_run(project)
    app = open_page(**SIMILAR)
    assert not app.exception
    assert "No picture has been looked at yet" in words(app)
    assert "each of the 3 pictures" in words(app)
    assert looking_status(project) is None


def test_a_picture_finds_the_others_and_narrows_by_its_labels(
    project: Project, looked_at: list[int], labels: dict[str, int]
) -> None:
    answer(project, looked_at[1], {labels["black"]: True}, who="Ada", batch_id="black")
    image = get_images(project, looked_at[:1])[0]
    data = image_path(project, image).read_bytes()
    app = upload(open_page(**SIMILAR), f"similar_file_{project.name}", "x.png", data)
    assert not app.exception
    assert "All 3 pictures are compared." in words(app)
    assert "x\\.png" in words(app)
    # The run has no model: that is said, and costs nothing else.
    assert "Its labels are not known" in words(app)
    grid = [one for one in app.get("component_instance")] or app.get("bidi_component")
    assert grid


def test_a_table_of_items_is_taken_in_once_and_reported(
    project: Project, looked_at: list[int]
) -> None:
    name = get_images(project, looked_at[:1])[0].name
    table = f"file,title,price\n{name},Red dress,20\nnowhere.jpg,Ghost,1\n"
    app = upload(
        open_page(**SIMILAR), "similar_items_file", "items.csv", table.encode()
    )
    assert not app.exception
    assert "1 picture now say" in words(app) or "1 picture" in words(app)
    assert "No picture called" in words(app)
    places = [(n, "a.jpg", f"{folder}/a.jpg") for n, folder in enumerate("bcdefg")]
    said = explain("a.jpg", PictureIndex((), lambda: places).find(("a.jpg",)))
    assert "could be 6 files: " in said and "/a.jpg and 3 more. Write" in said
    assert items_of(project, looked_at)[looked_at[0]].price == "20"
    app.checkbox(key="similar_forget_sure").check().run()
    app.button(key="similar_forget").click().run()
    assert not app.exception
    assert count_items(project) == 0


def test_a_table_that_cannot_be_read_is_refused_in_words(
    project: Project, looked_at: list[int]
) -> None:
    app = upload(open_page(**SIMILAR), "similar_items_file", "items.csv", b"a,b\n1,2\n")
    assert "needs a column file" in app.error[0].value


def test_hostile_words_reach_the_browser_as_they_are() -> None:
    one = Similar(1, "f" * 64, HOSTILE, (HOSTILE,), 0.9, HOSTILE, HOSTILE, "")
    data = item_data("a b", one)
    assert data["url"].startswith("/img/a%20b/")
    assert {data["name"], data["labels"], data["title"], data["price"]} == {HOSTILE}


def test_without_a_title_it_says_where_the_picture_comes_from() -> None:
    one = Similar(1, "f" * 64, "1.jpg", (), 0.9, source="dresses/1.jpg")
    assert item_data("a", one)["source"] == "dresses"
    assert item_data("a", replace(one, title="Dress"))["source"] == ""
    assert item_data("a", replace(one, source="1.jpg"))["source"] == ""


def test_links_open_safely_in_the_browser() -> None:
    source = Path(MAIN.parent / "parts" / "similar_grid.js").read_text()
    assert 'rel: "noopener noreferrer"' in source
    assert '["http:", "https:"]' in source
    assert "innerHTML" not in source


def test_looking_says_how_it_ended(
    project: Project, make_image: MakeImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mlcore import side_jobs
    from mlcore.similar_looking import FOLDER_NAME, KIND

    # Without pictures there is nothing to load a network for.
    parent = project.folder / FOLDER_NAME
    monkeypatch.setattr(side_jobs.side_process, "start_process", lambda *_: 0)
    job_id = side_jobs.start_job(parent, KIND, {}, ["mlcore.similar_worker", "x"])
    assert do_looking(project, job_id) == 0
    status = looking_status(project)
    assert status is not None and status.phase == "done"
    assert find_space(project).total == 0
