"""Sources of annotations, and what a project says after reading them."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from mlcore.importing import plan_import, run_import
from storage.answers import answers_of
from storage.images import list_images
from storage.labels import create_labels, list_groups, list_labels, set_group
from storage.projects import Project

ME = {"who": "me"}

Fill = Callable[[dict[str, object]], Path]

Answers = dict[str, dict[str, bool]]


@pytest.fixture
def fill(tmp_path: Path) -> Fill:
    """A function: names to a picture each (a number) or text; returns the folder."""

    def build(files: dict[str, object]) -> Path:
        for path, content in files.items():
            place = tmp_path / "in" / path
            place.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, int):
                Image.new("RGB", (9, 8), (content, 7, 7)).save(place, "PNG")
            else:
                text = content if isinstance(content, str) else json.dumps(content)
                place.write_text(text, encoding="utf-8")
        return tmp_path / "in"

    return build


def answers(project: Project) -> Answers:
    names = {label.label_id: label.name for label in list_labels(project)}
    images = {image.image_id: image.name for image in list_images(project)}
    return {
        images[image_id]: {names[x]: said for x, said in known.items()}
        for image_id, known in answers_of(project, images).items()
    }


def yes(project: Project) -> dict[str, set[str]]:
    return {
        name: {label for label, said in known.items() if said}
        for name, known in answers(project).items()
    }


def groups(project: Project) -> dict[str, tuple[str, set[str]]]:
    return {
        g.name: (g.rule, {label.name for label in g.labels})
        for g in list_groups(project)
    }


def check_again(project: Project, source: Path) -> None:
    """The same files once more change nothing."""
    before = answers(project)
    plan = plan_import(project, source)
    assert (plan.new, plan.filled, plan.conflicts, plan.new_groups) == (0, 0, 0, [])
    assert plan.splits == 0
    run_import(project, source, **ME)
    assert answers(project) == before


def result(block: str, *choices: str) -> dict[str, object]:
    return {
        "id": "Dx_aB91ISN",
        "from_name": block,
        "to_name": "image",
        "type": "choices",
        "origin": "manual",
        "value": {"choices": list(choices)},
    }


def task(number: int, image: str, *annotations: dict[str, object]) -> dict[str, object]:
    return {
        "id": number,
        "annotations": list(annotations),
        "file_upload": image.rpartition("/")[2],
        "drafts": [],
        "predictions": [{"result": [result("kind", "hat")], "score": 0.9}],
        "data": {"image": image},
        "meta": {},
        "created_at": "2024-03-09T21:52:49.513742Z",
        "updated_at": "2024-03-09T22:16:08.746926Z",
        "inner_id": number,
        "total_annotations": len(annotations),
        "project": 83,
    }


def annotation(*results: dict[str, object], **more: object) -> dict[str, object]:
    return {
        "id": 1001,
        "completed_by": 10,
        "result": list(results),
        "was_cancelled": False,
        "ground_truth": False,
        "updated_at": "2024-03-09T22:16:08.728378Z",
        "lead_time": 4.288,
        **more,
    }


def tagged(image_id: str, original: str, *tags: str) -> dict[str, object]:
    return {
        "id": image_id,
        "created": "2024-03-09T22:16:08.728Z",
        "width": 9,
        "height": 8,
        "resizedImageUri": f"https://irisprod.blob.core.windows.net/{image_id}?sv=2017",
        "thumbnailUri": f"https://irisprod.blob.core.windows.net/t-{image_id}?sv=2017",
        "originalImageUri": original,
        "tags": [
            {"tagId": f"0-{tag}", "tagName": tag, "created": "2024-03-09T22:16:08.7Z"}
            for tag in tags
        ],
        "regions": [],
    }


COLOURS = ["black", "blue", "red"]


@pytest.fixture
def coloured(project: Project) -> Project:
    """The project with colours, garments and a free label, and no pictures yet."""
    set_group(project, "colour", COLOURS, "exactly-one", who="me")
    set_group(project, "garment", ["dress", "jeans", "shirt"], "exactly-one", who="me")
    create_labels(project, ["worn"], who="me")
    return project


def all_no(*names: str) -> dict[str, bool]:
    return dict.fromkeys(names, False)
