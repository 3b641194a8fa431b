"""A model taken away: each format in its own runtime, the script alone, the proof."""

import io
import json
import runpy
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_models import CONVNET, LABELS, make_network_run, make_snapshot
from PIL import Image
from tiny_training import add_pictures, draw

from mlcore.config import TrainConfig
from mlcore.dataset import fit_image
from mlcore.errors import PredictionError
from mlcore.exporting import ExportError
from mlcore.images import open_rgb
from mlcore.model_about import describe_export
from mlcore.model_export import export_model
from mlcore.model_formats import FORMATS, TOLERANCE
from mlcore.model_json import describe_model
from mlcore.model_package import write_texts
from mlcore.model_proof import prove
from mlcore.model_scripts import ONNX, Runtime, write_predict
from mlcore.model_steps import EXPORT_STEPS
from mlcore.novelty import Strangeness
from mlcore.predictions import FAR, PERHAPS_UNSEEN, UNSEEN, UNSURE
from mlcore.quiet import import_tensorflow
from mlcore.readings import Evidence, predict_one
from mlcore.training_view import view_of_model
from storage.projects import Project, create_project
from storage.runs import claim_next, create_run, finish_run, run_dir

slow = pytest.mark.slow
pytestmark = [
    # keras 3.15 with numpy 2.4, in its own save_weights.
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
    # LiteRT's converter and interpreter, each in their own code.
    pytest.mark.filterwarnings("ignore::DeprecationWarning:tensorflow"),
    pytest.mark.filterwarnings("ignore:.*TF Lite:UserWarning"),
]
MODEL = {"title": "ONNX", "words": "", "tolerance": TOLERANCE}
ORIGIN = {"project": "clothes", "run": "r0001-quick", "made_at": "today"}


def make_run(
    project: Project,
    config: TrainConfig,
    output: str = "groups",
    metrics: dict[str, Any] | None = None,
) -> str:
    """A finished run with random numbers, in a project of a few pictures."""
    kinds = [("red", "tall"), ("blue", "wide"), ("red", "wide")]
    add_pictures(project, [draw(*kind, seed) for seed, kind in enumerate(kinds)])
    create_run(project, recipe="fast", config=config.as_json(), epochs_total=1)
    run = claim_next(project)
    assert run is not None
    make_network_run(run_dir(project, run.run_id), config, output)
    end = {"seconds": 1.0, "metrics": metrics}
    finish_run(project, run.run_id, run.attempt, "finished", **end)
    return run.run_id


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Path]:
    """The whole model of a run with batch norm, and its folder."""
    import_tensorflow()
    from mlcore.whole_model import build_whole_model

    folder = make_network_run(tmp_path_factory.mktemp("run") / "r1", CONVNET, "groups")
    return build_whole_model(folder), folder


@slow
@pytest.mark.parametrize("key", FORMATS)
def test_each_format_says_the_same_in_its_own_runtime(
    key: str, network: tuple[Any, Path], tmp_path: Path
) -> None:
    from mlcore.model_forms import write_form

    model, run_folder = network
    chance = np.random.default_rng(0)
    seen = chance.integers(0, 256, (8, 16, 16, 3)).astype(np.uint8)
    write_form(key, model, tmp_path, lambda size_px, count: seen)
    facts = json.loads((run_folder / "model.json").read_text())
    write_texts(tmp_path, describe_export(facts, ORIGIN, MODEL), FORMATS[key])
    script = runpy.run_path(str(tmp_path / "predict.py"))

    said = script["ask"](seen)

    expected = {name: np.asarray(value) for name, value in model(seen).items()}
    assert said.keys() == expected.keys()
    allowed = 0.5 if FORMATS[key].is_rounded else 1e-4
    for name, value in expected.items():
        assert np.abs(np.asarray(said[name]) - value).max() <= allowed


@slow
def test_an_export_proves_itself_and_leaves_out_what_is_nobodys_business(
    home: Path,
) -> None:
    target, steps = home / "out" / "model.zip", []
    with create_project("clothes") as project:
        run_id = make_run(project, CONVNET.with_changes(weights_file="/home/me/x.h5"))
        made = export_model(
            project, run_id, "onnx", target, lambda done, total: steps.append(done)
        )

    assert made is not None and made.proof.pictures == 3 == made.proof.same
    assert made.proof.difference <= 1e-5 and made.size_bytes == target.stat().st_size
    assert steps == list(range(len(EXPORT_STEPS) + 1))
    assert [path.name for path in target.parent.iterdir()] == ["model.zip"]
    with zipfile.ZipFile(target) as archive:
        names = set(archive.namelist())
        kept = json.loads(archive.read("unseen/model.json"))
        manifest = json.loads(archive.read("manifest.json"))
        script = archive.read("predict.py").decode()
    assert {"model.onnx", "about.json", "coverage.csv", "README.txt"} < names
    assert names - {"manifest.json"} == manifest["files"].keys()
    assert kept["config"]["weights_file"] is None
    assert kept["files"].keys() == {"weights.weights.h5"}
    assert len(script.splitlines()) <= 56
    with create_project("other") as project, pytest.raises(ExportError, match="exists"):
        export_model(project, make_run(project, CONVNET), "onnx", target)


@slow
def test_int8_says_how_far_it_is_off_and_a_changed_run_is_refused_by_name(
    home: Path,
) -> None:
    target = home / "model.zip"
    with create_project("clothes") as project:
        run_id = make_run(project, CONVNET)
        made = export_model(project, run_id, "onnx-int8", target)
        assert made is not None and made.proof.difference <= made.tolerance < 0.5
        with zipfile.ZipFile(target) as archive:
            about = json.loads(archive.read("about.json"))
        assert about["model"]["tolerance"] == made.tolerance

        stopped = home / "stopped.zip"
        asked: list[int] = []
        never_done = export_model(
            project,
            run_id,
            "onnx",
            stopped,
            lambda done, total: asked.append(done),
            lambda: len(asked) > 1,
        )
        assert never_done is None and not stopped.exists()

        weights = run_dir(project, run_id) / "weights.weights.h5"
        weights.write_bytes(weights.read_bytes()[:-1])
        with pytest.raises(PredictionError, match=r"weights\.weights\.h5 was changed"):
            export_model(project, run_id, "onnx", stopped)


def make_stub(folder: Path, facts: dict[str, Any]) -> dict[str, Any]:
    """The functions of predict.py beside an about.json, with no model to load."""
    about = describe_export(facts, ORIGIN, MODEL)
    (folder / "about.json").write_text(json.dumps(about))
    stub = Runtime("", "", "ask = None", ())
    (folder / "predict.py").write_text(write_predict(stub))
    return runpy.run_path(str(folder / "predict.py"))


RULES = [
    ("groups", {}),
    ("groups", {"top_k": 3}),
    ("sigmoid", {}),
    ("sigmoid", {"top_k": 2}),
    ("softmax", {}),
]


@pytest.mark.parametrize(("output", "changes"), RULES)
def test_the_script_chooses_the_labels_that_the_app_would_choose(
    output: str, changes: dict[str, Any], tmp_path: Path
) -> None:
    snapshot = make_snapshot(CONVNET, output)
    facts = describe_model(snapshot, {"best_epoch": 1}, {}) | changes
    facts["thresholds"] = [0.5, 0.4, 0.3, 0.6, 0.35, 0.45]
    if output == "softmax":
        facts["groups"] = [
            {**facts["groups"][0], "label_ids": [11, 12, 13, 14, 15, 16]}
        ]
    view = view_of_model(facts)
    choose = make_stub(tmp_path, facts)["choose"]
    rows = np.random.default_rng(2).random((200, len(LABELS))).astype(np.float32)

    for row in rows:
        said = predict_one(view, row, Path("x"), "x").labels
        assert set(choose(row.tolist())[0]) == set(said)


def test_a_threshold_that_never_counts_is_not_told() -> None:
    facts = describe_model(make_snapshot(CONVNET, "groups"), {"best_epoch": 1}, {})
    about = describe_export(facts, ORIGIN, MODEL)
    forced = {
        name
        for g in about["groups"]
        if g["rule"] == "exactly-one"
        for name in g["labels"]
    }
    told = {row["name"] for row in about["labels"] if row["threshold"] is not None}
    assert forced and told and told == set(LABELS) - forced
    assert about["thresholds"]["rule"]

    facts["labels"] = [row for row in facts["labels"] if row["name"] in forced]
    facts["thresholds"] = [0.0847] * len(forced)
    facts["groups"] = [g for g in facts["groups"] if g["rule"] == "exactly-one"]
    about = describe_export(facts, ORIGIN, MODEL)
    assert [row["threshold"] for row in about["labels"]] == [None] * len(forced)
    assert about["thresholds"]["rule"] is None


FAR_ABOVE = 2.0
SCRIPT_DOUBTS = (FAR, UNSEEN, UNSURE)


@pytest.mark.parametrize(("output", "changes"), RULES[:4])
def test_the_script_doubts_what_is_far_or_was_never_shown_as_the_app_does(
    output: str, changes: dict[str, Any], tmp_path: Path
) -> None:
    facts = describe_model(make_snapshot(CONVNET, output), {"best_epoch": 1}, {})
    view = view_of_model(facts := facts | changes)
    make_stub(tmp_path, facts)
    about = describe_export(facts, ORIGIN, MODEL, FAR_ABOVE)
    (tmp_path / "about.json").write_text(json.dumps(about))
    answer = runpy.run_path(str(tmp_path / "predict.py"))["answer"]
    asked = answer.__globals__
    asked["read"] = lambda path: np.zeros((1, 1, 3))
    kinds, sure = set(), 0

    odds = np.random.default_rng(3).normal(0, 4, (120, len(LABELS)))
    for row in (1 / (1 + np.exp(-odds))).astype(np.float32):
        far = float(row[0]) * 4
        asked["ask"] = lambda _, row=row, far=far: {
            "probabilities": row[None],
            "distances": np.array([far]),
        }
        novelty = Strangeness(far, 0.5, far > FAR_ABOVE)
        said = predict_one(view, row, Path("x"), "x", Evidence(novelty=novelty)).doubts
        assert answer("x")["doubts"] == [k for k in said if k in SCRIPT_DOUBTS]
        kinds |= set(said)
        sure += UNSURE not in said
    assert {FAR, UNSEEN, UNSURE} <= kinds and sure
    seen = [float(name in about["coverage"][0]["labels"]) for name in LABELS]
    limit = about["limits"]["unseen_above"]
    for share, doubts in ((limit - 0.01, []), (limit + 0.01, [PERHAPS_UNSEEN])):
        asked["ask"] = lambda _, share=share: {
            "probabilities": np.array([seen]),
            "unseen": np.array([share]),
        }
        assert changes or answer("x")["doubts"] == doubts


def encode(image: Image.Image, kind: str, **more: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **more)
    return buffer.getvalue()


def odd_pictures() -> dict[str, bytes]:
    """Pictures that need more than decoding before they are RGB."""
    chance = np.random.default_rng(4)
    plain = Image.fromarray(chance.integers(0, 256, (90, 60, 3)).astype(np.uint8))
    turned = Image.Exif()
    turned[0x0112] = 6
    see_through = plain.convert("RGBA")
    see_through.putalpha(plain.convert("L"))
    deep = Image.fromarray(chance.integers(0, 65536, (50, 70)).astype(np.uint16))
    return {
        "turned.jpg": encode(plain, "JPEG", exif=turned),
        "see-through.png": encode(see_through, "PNG"),
        "deep.png": encode(deep, "PNG"),
        "palette.png": encode(plain.convert("P"), "PNG", transparency=3),
        "gray.png": encode(plain.convert("L"), "PNG"),
        "print.jpg": encode(plain.convert("CMYK"), "JPEG"),
        "large.jpg": encode(plain.resize((900, 700)), "JPEG"),
    }


@pytest.mark.parametrize("name", odd_pictures())
def test_the_script_makes_the_same_pixels_of_a_picture(
    name: str, tmp_path: Path
) -> None:
    facts = describe_model(make_snapshot(CONVNET, "groups"), {"best_epoch": 1}, {})
    read = make_stub(tmp_path, facts)["read"]
    (tmp_path / name).write_bytes(odd_pictures()[name])

    ours = fit_image(open_rgb(tmp_path / name), facts["image_size_px"])
    assert np.array_equal(read(tmp_path / name), ours)


def test_a_file_that_cannot_be_read_is_a_line_and_the_rest_goes_on(
    tmp_path: Path,
) -> None:
    facts = describe_model(make_snapshot(CONVNET, "groups"), {"best_epoch": 1}, {})
    make_stub(tmp_path, facts)
    asked = "ask = lambda pixels: dict(probabilities=np.full((1, 99), 0.9))"
    (tmp_path / "predict.py").write_text(write_predict(Runtime("", "", asked, ())))
    whole = odd_pictures()["large.jpg"]
    files = {"broken.jpg": b"no picture", "cut.jpg": whole[:9000], "whole.jpg": whole}
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)

    command = [sys.executable, "predict.py", *files, "gone.jpg"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)

    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["file"] for row in rows] == [*files, "gone.jpg"]
    assert ["error" in row for row in rows] == [True, True, False, True]
    assert "cannot identify" in rows[0]["error"] and "No such" in rows[3]["error"]
    assert rows[2]["labels"] and done.returncode == 1 and not done.stderr
    with pytest.raises(ExportError, match=r"by itself: .*cannot identify"):
        prove(tmp_path, ONNX, [{"file": "broken.jpg"}], lambda: False)


@pytest.mark.parametrize("module", ["mlcore.errors", "tensorflow", "scipy"])
def test_the_proof_runs_with_nothing_but_what_the_readme_names(
    module: str, tmp_path: Path
) -> None:
    (tmp_path / "predict.py").write_text(f"import numpy, json, {module}")

    with pytest.raises(ExportError, match=f"failed by itself.*{module[:6]}"):
        prove(tmp_path, ONNX, [], lambda: False)


def test_a_script_that_leaves_pictures_out_proves_nothing(tmp_path: Path) -> None:
    (tmp_path / "predict.py").write_text("print('warming up')")
    row = {"file": "test/01.png", "labels": ["red"], "probabilities": {"red": 0.5}}

    with pytest.raises(ExportError, match="left pictures out"):
        prove(tmp_path, ONNX, [row], lambda: False)
    (tmp_path / "predict.py").write_text("import time; time.sleep(60)")
    assert prove(tmp_path, ONNX, [row], lambda: True) is None
