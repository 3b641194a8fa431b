"""What could run a network: Keras, ONNX Runtime, OpenVINO, on the same numbers."""

import os
import statistics
import time
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np

from benchmarks.measure import Figure
from mlcore.feature_spec import FeatureSpec

Floats = np.ndarray
Network = Callable[[np.ndarray], Floats]
BATCHES = (1, 32)
# Of the largest output; bf16 of a processor that has it would differ by more.
MAY_DIFFER = 1e-3


def measure_engines(rounds: int) -> list[Figure]:
    """Pictures a second of each engine, and how many times Keras' they are."""
    found = []
    for title, (model, size) in make_models().items():
        engines = make_engines(model, size)
        for batch in BATCHES:
            found += compare(f"{title}, {batch}", engines, batch, size, rounds)
    return [*found, Figure("load of the machine", os.getloadavg()[0], "", "")]


def make_models() -> dict[str, tuple[Any, int]]:
    """Networks as runs have them; the trained one with random weights."""
    from mlcore.quiet import import_tensorflow

    import_tensorflow()
    from mlcore.architectures import build
    from mlcore.backbone_building import assemble, build_backbone
    from mlcore.recipes import RECIPES

    classic = RECIPES["smallervggnet"].config
    size = classic.image_size_px
    vgg = FeatureSpec("vgg16", 128)
    return {
        f"smallervggnet {size} px": (build(classic, 6, 1), size),
        "lite0 224 px": (build_backbone(FeatureSpec(size_px=224)), 224),
        "vgg16 128 px": (assemble(vgg)[0], 128),
    }


def make_engines(model: Any, size: int) -> dict[str, Network]:
    """Every engine there is here, around one model."""
    import tensorflow as tf

    from mlcore.engine import Engine
    from mlcore.model_onnx import convert_function

    def answer(pictures: Any) -> Any:
        return model(tf.cast(pictures, tf.float32), training=False)

    data = convert_function(answer, size).SerializeToString()
    run = tf.function(answer, [tf.TensorSpec((None, size, size, 3), tf.uint8)])
    found: dict[str, Network] = {
        "Keras, tf.function": lambda x: np.asarray(run(x)),
        "Keras predict": lambda x: model.predict(x.astype("f4"), verbose=0),
        "ONNX Runtime": Engine(data),
        "ONNX Runtime, spinning": spinning(data),
    }
    if find_spec("openvino"):
        found["OpenVINO"] = openvino_network(data)
    return found


def spinning(data: bytes) -> Network:
    """ONNX Runtime as it comes: its threads spin while they wait."""
    import onnxruntime as ort

    session = ort.InferenceSession(data, providers=["CPUExecutionProvider"])
    return lambda x: session.run(None, {session.get_inputs()[0].name: x})[0]


def openvino_network(data: bytes) -> Network:
    """OpenVINO on the same ONNX."""
    import openvino

    core = openvino.Core()
    compiled = core.compile_model(core.read_model(data), "CPU")
    return lambda x: np.asarray(compiled(x)[0])


def compare(
    what: str, engines: dict[str, Network], batch: int, size: int, rounds: int
) -> list[Figure]:
    """Let the engines take turns on the same pictures."""
    shape = (batch, size, size, 3)
    pictures = np.random.default_rng(1).integers(0, 256, shape).astype(np.uint8)
    wanted, *others = (run(pictures) for run in engines.values())
    for name, got in zip(list(engines)[1:], others, strict=True):
        worst = np.abs(wanted - got).max() / max(1.0, np.abs(wanted).max())
        if worst > MAY_DIFFER:
            raise SystemExit(f"{what}: {name} differs by {worst:.2g}")
    seconds: dict[str, list[float]] = {name: [] for name in engines}
    for _ in range(rounds):
        for name, run in engines.items():
            began = time.perf_counter()
            run(pictures)
            seconds[name].append(time.perf_counter() - began)
    middle = {name: statistics.median(own) for name, own in seconds.items()}
    base = middle["Keras, tf.function"]
    return [
        Figure(f"{what}: {name}", batch / own, "pictures/s", f"{base / own:.2f} times")
        for name, own in middle.items()
    ]
