"""Several processors train one network: two logical ones stand for two cards."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parent.parent

# A process of its own: processors can be divided only before their first use.
SCRIPT = """
import json
import numpy as np
import tensorflow as tf
from mlcore.config import TrainConfig
from mlcore.network import Network

cpu = tf.config.list_physical_devices("CPU")[0]
half = tf.config.LogicalDeviceConfiguration()
tf.config.set_logical_device_configuration(cpu, [half, half])
config = TrainConfig(
    image_size_px=12, conv_blocks="4 8", first_pool_px=2, head_units=8, epochs=2,
    batchnorm_momentum="none", conv_dropout=0.0, head_dropout=0.0, rotation_deg=0.0,
    shift=0.0, shear_deg=0.0, zoom=0.0, flip_horizontal=False, optimizer="adam",
    mixed_precision="float32",
)
rng = np.random.default_rng(0)
images = rng.integers(0, 256, (7, 12, 12, 3), np.uint8)
y = rng.integers(-1, 2, (7, 3)).astype(np.int8)
network = Network(config, 3, "sigmoid", steps=3)
steps = [network.train(images, y, 1, 0), network.train(images, y, 1, 1)]
# The last batch of an epoch may be smaller than the number of processors.
steps.append(network.train(images[:1], y[:1], 1, 2))
state = network.optimizer_state()
network.set_optimizer_state(state)
print(json.dumps({
    "devices": network.strategy.num_replicas_in_sync,
    "logits": [step.logits.tolist() for step in steps],
    "finite": [step.is_finite for step in steps],
    "after": network.predict(images).tolist(),
}))
"""


def train_on(devices: str) -> dict:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={"PATH": "", "UNSEEN_TRAIN_DEVICES": devices, "CUDA_VISIBLE_DEVICES": "-1"},
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.slow
def test_two_processors_learn_what_one_learns() -> None:
    one, two = train_on(""), train_on("CPU:0 CPU:1")
    assert (one["devices"], two["devices"]) == (1, 2)
    assert all(two["finite"])
    np.testing.assert_allclose(two["after"], one["after"], atol=1e-4)
    for ours, theirs in zip(two["logits"], one["logits"], strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-4)
