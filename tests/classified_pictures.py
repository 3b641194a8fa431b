"""A project with a run, and pictures a person has just had classified."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from mlcore.predictions import Alternative, Prediction
from mlcore.recipes import RECIPES
from mlcore.uploads import (
    finish_file,
    new_upload,
    stage_path,
)
from pages.parts.classify_batch import Batch, Picture
from storage import answers, labels, runs
from storage.projects import Project

MakeImage = Callable[..., bytes]

MAIN = Path(__file__).parent.parent / "pages" / "main.py"

EVIL = "<img src=x onerror=alert(1)>"


@pytest.fixture
def sorted_out(project: Project) -> Project:
    labels.set_group(project, "colour", ["black", "blue"], "exactly-one", who="")
    labels.set_group(project, "garment", ["dress", "jeans"], "exactly-one", who="")
    labels.create_labels(project, ["striped"], who="")
    return project


@pytest.fixture
def pictures(tmp_path: Path, make_image: MakeImage) -> list[Picture]:
    found = []
    for n in range(3):
        path = tmp_path / f"{n}.png"
        path.write_bytes(make_image((n, 0, 0)))
        found.append(Picture(n, path, f"folder/photo {n}.png", f"/img/clothes/{n}"))
    return found


def black_dress(**changes: object) -> Prediction:
    known: dict[str, object] = {
        "path": "/x.png",
        "name": "x.png",
        "labels": ["black", "dress"],
        "probabilities": {"black": 0.99, "dress": 0.83, "jeans": 0.12, "blue": 0.001},
        "alternatives": [Alternative(["black", "jeans"], 0.12, True)],
        "warnings": ["None of the 288 training images shows a black dress."],
        "combination": ["black", "dress"],
        "doubts": ["unseen"],
    }
    return Prediction(**{**known, **changes})  # type: ignore[arg-type]


def yes_names(project: Project, image_id: int) -> set[str]:
    names = {label.label_id: label.name for label in labels.list_labels(project)}
    known = answers.answers_of(project, [image_id])[image_id]
    return {names[label_id] for label_id, is_yes in known.items() if is_yes}


def add_run(
    project: Project, state: str = "finished", exact_match: float = 0.9771
) -> str:
    config = RECIPES["smallervggnet"].config
    runs.create_run(
        project, recipe=config.recipe, config=config.as_json(), epochs_total=1
    )
    run = runs.claim_next(project)
    assert run is not None
    runs.finish_run(
        project,
        run.run_id,
        run.attempt,
        state,
        seconds=1.0,
        metrics={"val_exact_match": exact_match},
    )
    return run.run_id


def add_model(project: Project, run_id: str) -> None:
    """Describe a model of the project's labels that was trained on blue jeans."""
    known = {label.name: label for label in labels.list_labels(project)}
    groups = [
        {"name": g.name, "rule": g.rule, "label_ids": [x.label_id for x in g.labels]}
        for g in labels.list_groups(project)
    ]
    seen = sorted(known[name].label_id for name in ("blue", "jeans"))
    facts = {
        "format": 1,
        "architecture": "convnet",
        "output": "sigmoid",
        "labels": [
            {"label_id": x.label_id, "name": x.name, "group": None}
            for x in known.values()
            if x.group_id
        ],
        "groups": groups,
        "thresholds": 0.5,
        "seen": [{"label_ids": seen, "count": 9}],
        "impossible": [],
    }
    folder = runs.run_dir(project, run_id)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.json").write_text(json.dumps(facts))


def open_page(**session: object) -> AppTest:
    app = AppTest.from_file(str(MAIN), default_timeout=60)
    for key, value in session.items():
        app.session_state[key] = value
    app.run()
    app.switch_page("classify.py")
    return app.run()


def words(app: AppTest) -> str:
    return "\n".join(
        str(element.value)
        for kind in ("markdown", "caption")
        for element in app.get(kind)
    )


def filled_batch(run_id: str, found: list[Picture]) -> Batch:
    batch = Batch("k", "clothes", run_id, {p.number: p for p in found})
    batch.predictions = {p.number: black_dress() for p in found}
    return batch


def stage(project: Project, name: str, data: bytes, upload_id: str) -> None:
    path = stage_path(project, upload_id, name)
    path.write_bytes(data)
    finish_file(project, upload_id, name, path, len(data))


@pytest.fixture
def uploaded(sorted_out: Project, make_image: MakeImage) -> dict[str, object]:
    """Session state of a person who has uploaded two pictures, now classified."""
    from pages.parts.classify_source import staged_pictures
    from pages.parts.classify_ways import Upload

    run_id = add_run(sorted_out)
    upload_id = new_upload(sorted_out)
    for n in (1, 2):
        stage(sorted_out, f"photo {n}.png", make_image((n, 9, 9)), upload_id)
    batch = filled_batch(run_id, staged_pictures(sorted_out, upload_id))
    batch.asked = set(batch.pictures)
    return {
        "classify_upload_clothes": Upload(upload_id, []),
        "classify_batches": {f"clothes/{run_id}/upload {upload_id}": batch},
    }
