"""The engine answers what Keras answers, and gives way where it cannot."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
import pytest
from made_engine import make_engine_run
from made_models import CONVNET, JOINT, SCRATCH, make_feature_run, make_network_run
from test_mlcore_whole_model import width_of

from mlcore import prediction_service
from mlcore.engine import has_engine, load_engine
from mlcore.engine_making import needs_engine
from mlcore.engine_writer import write_engine
from mlcore.errors import PredictionError
from mlcore.prediction_service import classify, shutdown_all
from mlcore.predictor import Picture, Predictor
from mlcore.quiet import import_tensorflow
from storage.projects import Project
from storage.runs import run_dir

pytestmark = [
    pytest.mark.slow,
    # keras 3.15 with numpy 2.4, in its own save_weights.
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]
MakeImage = Callable[..., bytes]
NETWORKS = {"groups": (CONVNET, "groups"), "branches": (SCRATCH, "groups")}


@pytest.fixture(autouse=True)
def engine(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNSEEN_ENGINE", "onnx")


def make_run(kind: str, folder: Path) -> Path:
    import_tensorflow()
    if kind == "joint":
        return make_feature_run(folder, JOINT, width_of(JOINT))
    return make_network_run(folder, *NETWORKS[kind])


@pytest.mark.parametrize("kind", [*NETWORKS, "joint"])
def test_the_engine_says_what_keras_says(kind: str, tmp_path: Path) -> None:
    folder = make_run(kind, tmp_path / "r1")
    from mlcore.model_files import load_model

    assert load_engine(folder) is None and needs_engine(folder)
    assert write_engine(folder) is not None
    assert has_engine(folder) and not needs_engine(folder)
    expected, got = load_model(folder), load_engine(folder)
    assert got is not None
    size = expected.model_json["image_size_px"]
    chance = np.random.default_rng(2)
    pictures = chance.integers(0, 256, (40, size, size, 3)).astype(np.uint8)
    wanted, said = expected.read(pictures), got.read(pictures)
    for name in ("probabilities", "unseen", "distances"):
        one, other = getattr(wanted, name), getattr(said, name)
        assert (one is None) == (other is None)
        if one is not None:
            np.testing.assert_allclose(other, one, atol=1e-4)


def test_once_a_run_is_converted_its_predictor_wants_to_be_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make_image: MakeImage
) -> None:
    folder = make_run("groups", tmp_path / "r1")
    picture = Picture(Path("red.png"), "red.png", make_image("red"))
    predictor = Predictor()
    monkeypatch.setenv("UNSEEN_ENGINE", "keras")
    (by_keras,) = predictor.classify(folder, [picture])
    assert not predictor.is_relieved
    monkeypatch.setenv("UNSEEN_ENGINE", "onnx")
    assert write_engine(folder) is not None
    (by_engine,) = predictor.classify(folder, [picture])
    assert predictor.is_relieved
    assert by_engine.labels == by_keras.labels
    (folder / "weights.weights.h5").unlink()
    with pytest.raises(PredictionError, match=r"weights\.weights\.h5 cannot be read"):
        predictor.classify(folder, [picture])


def test_a_damaged_engine_is_thrown_away_and_a_changed_run_refused(
    project: Project,
) -> None:
    run = make_engine_run(project)
    folder = run_dir(project, run.run_id)
    assert load_engine(folder) is not None
    (path,) = folder.glob("*.onnx")
    path.write_bytes(path.read_bytes()[:-9])
    assert load_engine(folder) is None
    assert not path.exists() and needs_engine(folder)
    path.write_bytes(b"whatever")
    (folder / "weights.weights.h5").write_bytes(b"changed")
    with pytest.raises(PredictionError, match=r"weights\.weights\.h5 was changed"):
        load_engine(folder)


def test_what_cannot_be_converted_is_noted_and_not_tried_again(
    project: Project,
) -> None:
    run = make_engine_run(project)
    folder = run_dir(project, run.run_id)
    (path,) = folder.glob("*.onnx")
    stem = path.stem.rpartition("-")[0]
    path.rename(folder / "elsewhere")
    assert needs_engine(folder)
    (folder / f"{stem}.failed.txt").write_text("no such operation")
    assert not needs_engine(folder) and load_engine(folder) is None


def test_the_predictor_of_a_converted_run_loads_no_tensorflow(
    project: Project, tmp_path: Path
) -> None:
    shutdown_all()
    run = make_engine_run(project)
    (picture,) = [next((project.folder / "images").rglob("*.png"))]
    (found,) = classify(project.name, run.run_id, [picture])
    assert found.error is None and found.combination
    child = prediction_service._child
    assert child is not None
    mapped = {Path(one.path).name for one in psutil.Process(child.pid).memory_maps()}
    shutdown_all()
    assert not [name for name in mapped if "tensorflow" in name]
    assert [name for name in mapped if "onnxruntime" in name]
