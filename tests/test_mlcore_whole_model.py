"""The whole of a run as one model says what the predictor says, in ONNX too."""

from pathlib import Path

import numpy as np
import pytest
from made_models import (
    CONVNET,
    JOINT,
    QUICK,
    SCRATCH,
    make_feature_run,
    make_network_run,
)

from mlcore.config import TrainConfig
from mlcore.errors import PredictionError
from mlcore.feature_model import spec_of
from mlcore.model_files import load_model
from mlcore.quiet import import_tensorflow

pytestmark = [
    pytest.mark.slow,
    # keras 3.15 with numpy 2.4, in its own save_weights.
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]

AGREES = 1e-4
NETWORKS = {
    "groups": (CONVNET, "groups"),
    "sigmoid": (CONVNET.with_changes(colour="gray"), "sigmoid"),
    "softmax": (CONVNET, "softmax"),
    "two-branch": (SCRATCH, "groups"),
}
HEADS = {
    "hidden": QUICK.with_changes(
        feature_head="hidden", feature_depths="last", colour="gray"
    ),
    "joint": JOINT,
}


def draw(size_px: int, count: int = 6) -> np.ndarray:
    """Pictures of noise about a colour each, with black and white ones among them."""
    chance = np.random.default_rng(1)
    middle = chance.integers(0, 256, (count, 1, 1, 3))
    noise = chance.integers(-60, 60, (count, size_px, size_px, 3))
    drawn = np.clip(middle + noise, 0, 255).astype(np.uint8)
    drawn[0], drawn[1] = 0, 255
    return drawn


def width_of(config: TrainConfig) -> int:
    """How many features a picture has with these settings."""
    from mlcore.features import make_extractor

    spec = spec_of(config)
    found = make_extractor(spec)(np.zeros((1, spec.size_px, spec.size_px, 3), np.uint8))
    return found.shape[1]


def compare(run_dir: Path, found: dict[str, np.ndarray]) -> None:
    """Fails unless `found` is what the predictor says of `draw`'s pictures."""
    model = load_model(run_dir)
    said = model.read(draw(int(model.model_json["image_size_px"])))
    assert np.abs(found["probabilities"] - said.probabilities).max() <= AGREES
    for name, own in (("unseen", said.unseen), ("distances", said.distances)):
        assert (name in found) == (own is not None)
        if own is not None:
            assert np.abs(found[name] - own).max() <= AGREES * max(1, own.max())
    spread = said.probabilities.max(axis=0) - said.probabilities.min(axis=0)
    assert spread.max() > 0.05, "answers that never change prove nothing"


def answers_of_onnx(path: Path, pixels: np.ndarray) -> dict[str, np.ndarray]:
    import onnxruntime

    session = onnxruntime.InferenceSession(path)
    names = [one.name for one in session.get_outputs()]
    return dict(zip(names, session.run(names, {"pixels": pixels}), strict=True))


def check_all(run_dir: Path, *, with_onnx: bool) -> None:
    from mlcore.model_onnx import write_onnx
    from mlcore.whole_model import build_whole_model

    model = build_whole_model(run_dir)
    pixels = draw(model.inputs[0].shape[1])
    compare(run_dir, {k: np.asarray(v) for k, v in model(pixels).items()})
    if with_onnx:
        write_onnx(run_dir, run_dir / "model.onnx")
        compare(run_dir, answers_of_onnx(run_dir / "model.onnx", pixels))


@pytest.mark.parametrize("kind", NETWORKS)
def test_a_trained_network_says_the_same_as_one_model_and_as_onnx(
    kind: str, tmp_path: Path
) -> None:
    import_tensorflow()
    run_dir = make_network_run(tmp_path / "r1", *NETWORKS[kind])
    check_all(run_dir, with_onnx=kind != "softmax")


@pytest.mark.parametrize("kind", HEADS)
def test_heads_on_features_say_the_same_as_one_model(kind: str, tmp_path: Path) -> None:
    import_tensorflow()
    config = HEADS[kind]
    run_dir = make_feature_run(tmp_path / "r1", config, width_of(config))
    check_all(run_dir, with_onnx=kind == "joint")


def test_a_changed_file_is_refused_by_name(tmp_path: Path) -> None:
    import_tensorflow()
    from mlcore.whole_model import build_whole_model

    run_dir = make_network_run(tmp_path / "r1", *NETWORKS["groups"])
    with (run_dir / "weights.weights.h5").open("ab") as file:
        file.write(b"more")
    with pytest.raises(PredictionError, match=r"weights\.weights\.h5 was changed"):
        build_whole_model(run_dir)
