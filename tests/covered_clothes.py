"""A project of two groups, of which training shows six combinations of nine."""

import hashlib
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from storage.answers import set_many
from storage.groups import set_group
from storage.images import add_images
from storage.labels import create_labels, list_labels
from storage.projects import Project
from storage.records import NewImage

MakeImage = Callable[..., bytes]

Counts = dict[tuple[str, ...], int]

SIX: Counts = {
    ("black", "jeans"): 31,
    ("blue", "dress"): 12,
    ("blue", "jeans"): 10,
    ("blue", "shirt"): 3,
    ("red", "dress"): 8,
    ("red", "shirt"): 7,
}

CLOTHES = {"colour": ["black", "blue", "red"], "garment": ["dress", "jeans", "shirt"]}


def fill(
    project: Project,
    make_image: MakeImage,
    counts: Counts,
    groups: dict[str, list[str]],
) -> None:
    """Add a tiny picture per image of each combination and label it completely."""
    pictures = {
        make_image((number, place, 3), 8): names
        for place, (names, count) in enumerate(counts.items())
        for number in range(count)
    }
    hashes = {data: hashlib.sha256(data).hexdigest() for data in pictures}
    batch = [
        (NewImage(digest, "a.png", "png", 8, 8, len(data), "test"), data)
        for data, digest in hashes.items()
    ]
    added = add_images(project, batch).added
    for name, members in groups.items():
        set_group(project, name, members, "exactly-one", who="")
    every_name = sorted({name for names in counts for name in names})
    created = create_labels(project, every_name, who="")
    ids = {label.name: label.label_id for label in created}
    rows = [
        (added[hashes[data]], frozenset(ids[name] for name in names))
        for data, names in pictures.items()
    ]
    set_many(project, rows, who="", batch_id="import")


@pytest.fixture
def clothes(project: Project, make_image: MakeImage) -> Project:
    """Six of nine combinations: black dress, black shirt and red jeans are missing."""
    fill(project, make_image, SIX, CLOTHES)
    return project


def ids_of(project: Project, *names: str) -> tuple[int, ...]:
    known = {label.name: label.label_id for label in list_labels(project)}
    return tuple(sorted(known[name] for name in names))


def key_of(project: Project, *names: str) -> str:
    return ",".join(map(str, ids_of(project, *names)))


def open_coverage() -> AppTest:
    page = AppTest.from_file("../pages/main.py", default_timeout=30)
    page.switch_page("coverage.py").run()
    assert not page.exception
    return page


def words(page: AppTest) -> str:
    return "\n".join(element.value for element in [*page.markdown, *page.caption])


def click_row(
    page: AppTest, list_key: str, do: str, key: str, at: int = 1, **more: int
) -> None:
    """Do what the browser does on a click in a list: set the component's state."""
    page.session_state[list_key] = {"act": {"do": do, "key": key, "at": at, **more}}
    page.run()
    assert not page.exception
