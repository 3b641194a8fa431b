"""Fixtures for every test: a data folder of its own, a project, small pictures."""

import functools
import io
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from filled_project import HOSTILE, MakeImage, fill
from PIL import Image as PillowImage
from streamlit.components.v2 import manifest_scanner

from mlcore import side_process
from mlcore.quiet import settle_computing
from storage.database import describe_engine
from storage.labels import create_labels, list_labels, set_group
from storage.projects import Project, create_project

# Some tests import TensorFlow themselves and compare with what a worker computes.
settle_computing()
# No test starts a conversion unasked: it would take seconds from the next ones.
os.environ["UNSEEN_ENGINE"] = "keras"
# Streamlit reads the metadata of every installed package whenever a page is first
# drawn: for a script of one page that was half of its test.
manifest_scanner.scan_component_manifests = functools.cache(
    manifest_scanner.scan_component_manifests
)


def pytest_report_header() -> str:
    engine = describe_engine()
    return (
        f"sqlite: {engine['sqlite_version']} from {engine['library']}, "
        f"journal {engine['journal_mode']}"
    )


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of this test alone, so that none touches a person's data."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("UNSEEN_HOME", str(folder))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    return folder


@pytest.fixture
def project(home: Path) -> Iterator[Project]:
    """An open project without images or labels."""
    with create_project("clothes") as opened:
        yield opened


@pytest.fixture
def no_child_is_left() -> Iterator[None]:
    """End what the test started in processes beside this one."""
    yield
    for child in side_process._children.values():
        child.kill()
        child.wait()
    side_process._children.clear()


@pytest.fixture
def make_image() -> MakeImage:
    """A function: colour and size (one side or two, in px) to a picture's bytes."""
    return _draw


@pytest.fixture
def images(project: Project, make_image: MakeImage) -> list[int]:
    """Ids of three small pictures."""
    return fill(project, make_image, 3)


@pytest.fixture
def labels(project: Project) -> dict[str, int]:
    """Ids by name: black or blue (one of them), striped, and a hostile name."""
    set_group(project, "colour", ["black", "blue"], "exactly-one", who="")
    create_labels(project, ["striped", HOSTILE], who="")
    return {label.name: label.label_id for label in list_labels(project)}


def _draw(
    colour: str | tuple[int, int, int] = "red",
    size: int | tuple[int, int] = 16,
    format: str = "PNG",
) -> bytes:
    size_px = (size, size) if isinstance(size, int) else size
    file = io.BytesIO()
    PillowImage.new("RGB", size_px, colour).save(file, format)
    return file.getvalue()
