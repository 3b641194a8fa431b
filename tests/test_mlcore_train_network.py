"""The network's parts against independent oracles: scipy, keras, hand counts."""

import math

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from scipy import ndimage, special
from sklearn import metrics as oracle
from tiny_training import TINY

from mlcore import architectures
from mlcore.augmentation import (
    augment,
    random_light,
    random_matrices,
    relight,
    transform,
)
from mlcore.config import TrainConfig
from mlcore.epoch_scores import Scoring, score, to_probabilities
from mlcore.head_questions import AT_MOST_ONE, FREE, ONE, Question
from mlcore.network import Network
from mlcore.processor import has_bfloat16
from mlcore.recipes import RECIPES

pytestmark = pytest.mark.slow

STILL = TrainConfig(rotation_deg=0, shift=0, shear_deg=0, zoom=0, flip_horizontal=False)


def pictures(count: int = 4, size: int = 12) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, size, size, 3), np.uint8)


def answers(count: int, labels: int) -> np.ndarray:
    return np.random.default_rng(1).integers(-1, 2, (count, labels)).astype(np.int8)


def test_smallervggnet_is_the_network_of_the_tutorial() -> None:
    model = architectures.build(RECIPES["smallervggnet"].config, labels=6)
    # Counted by hand: convolutions, batch norm (4 each), dense layers.
    sizes = [(3, 32), (32, 64), (64, 64), (64, 128), (128, 128)]
    convolutions = sum(9 * a * b + b + 4 * b for a, b in sizes)
    dense = 8 * 8 * 128 * 1024 + 1024 + 4 * 1024 + 1024 * 6 + 6
    assert model.count_params() == convolutions + dense
    assert model.get_layer("block1_pool").output.shape[1:] == (32, 32, 32)
    assert model.get_layer("block3_pool").output.shape[1:] == (8, 8, 128)


def test_catsdogs_is_the_network_of_its_book() -> None:
    model = architectures.build(RECIPES["catsdogs"].config, labels=1)
    # The sum that the book's own summary prints.
    assert model.count_params() == 3_453_121
    assert model.get_layer("block4_pool").output.shape[1:] == (7, 7, 128)
    kinds = [layer.__class__.__name__ for layer in model.layers]
    assert kinds.count("Dropout") == 1 and "BatchNormalization" not in kinds
    assert kinds.index("Dropout") == kinds.index("Flatten") + 1


def test_mnist_is_one_gray_convolution() -> None:
    model = architectures.build(RECIPES["mnist"].config, labels=11)
    convolution = 9 * 32 + 32
    dense = 14 * 14 * 32 * 256 + 256 + 256 * 11 + 11
    assert model.count_params() == convolution + dense


def test_apparel_doubles_its_filters() -> None:
    model = architectures.build(RECIPES["apparel"].config, labels=8)
    assert model.get_layer("block3_pool").output.shape[1:] == (5, 5, 128)


@pytest.mark.parametrize("network", ["convnet", "vgg16"])
def test_gray_networks_see_what_pillow_calls_gray(network: str) -> None:
    config = TINY.with_changes(colour="gray", network=network, image_size_px=32)
    model = architectures.build(config, labels=2)
    images = pictures(2, 32)
    gray = [Image.fromarray(image).convert("L").convert("RGB") for image in images]
    first, second = (
        model(tf.cast(feed, tf.float32)) for feed in (images, np.stack(gray))
    )
    # Pillow rounds its gray to whole numbers.
    np.testing.assert_allclose(first, second, atol=0.02)
    channels = model.get_layer("block1_conv1").kernel.shape[2]
    assert channels == (1 if network == "convnet" else 3)


@pytest.mark.parametrize(
    ("pooling", "expected"),
    [("flatten", (3 * 3 * 8,)), ("average", (8,)), ("max", (8,))],
)
def test_what_comes_before_the_dense_layer(pooling: str, expected: tuple) -> None:
    model = architectures.build(TINY.with_changes(pooling=pooling), labels=2)
    layer = model.get_layer(pooling)
    assert layer.output.shape[1:] == expected
    block = np.random.default_rng(0).normal(size=(2, 3, 3, 8)).astype("f")
    wanted = {
        "flatten": block.reshape(2, -1),
        "average": block.mean(axis=(1, 2)),
        "max": block.max(axis=(1, 2)),
    }
    np.testing.assert_allclose(layer(block), wanted[pooling], rtol=1e-5)


def test_vgg16_trains_its_last_block_and_head_only() -> None:
    config = RECIPES["vgg16"].config.with_changes(image_size_px=32, pretrained=False)
    model = architectures.build(config, labels=17)
    trained = {v.path.split("/")[0] for v in model.trainable_variables}
    assert trained == {
        "block5_conv1",
        "block5_conv2",
        "block5_conv3",
        "head",
        "logits",
    }
    assert model.get_layer("head").kernel_initializer.__class__.__name__ == "HeUniform"


def test_vgg16_preprocessing_is_that_of_keras() -> None:
    images = pictures().astype("float32")
    inputs = keras.Input((12, 12, 3))
    ours = keras.Model(inputs, architectures._preprocess(inputs, "imagenet-bgr"))
    expected = keras.applications.vgg16.preprocess_input(images.copy())
    np.testing.assert_allclose(ours(images), expected, atol=1e-4)


def matrix(rotation: float, shift: tuple[float, float], zoom: float) -> np.ndarray:
    cos, sin = math.cos(rotation), math.sin(rotation)
    turned = np.array([[cos, -sin, shift[0]], [sin, cos, shift[1]], [0, 0, 1.0]])
    return turned @ np.diag([zoom, 1.0, 1.0])


@pytest.mark.parametrize(
    "wanted",
    [
        matrix(0.4, (0, 0), 1.0),
        matrix(0, (2.5, -1.0), 1.0),
        matrix(-0.2, (1.0, 0.5), 0.8),
        np.diag([1.0, -1.0, 1.0]),
    ],
)
def test_the_affine_map_is_that_of_scipy(wanted: np.ndarray) -> None:
    images = pictures(1, 15).astype("float32")
    ours = transform(tf.constant(images), tf.constant(wanted[None], tf.float32))
    middle = np.array([7.0, 7.0])
    offset = wanted[:2, 2] + middle - wanted[:2, :2] @ middle
    for channel in range(3):
        expected = ndimage.affine_transform(
            images[0, ..., channel], wanted[:2, :2], offset, order=1, mode="nearest"
        )
        np.testing.assert_allclose(ours[0, ..., channel], expected, atol=0.02)


def test_mirrors_and_quarter_turns_move_pixels_and_invent_none() -> None:
    config = STILL.with_changes(
        image_size_px=12, flip_horizontal=True, flip_vertical=True, rotate_90=True
    )
    image = pictures(1)[0].astype("float32")
    changed = augment(tf.constant(np.stack([image] * 64)), config, tf.constant([1, 2]))
    allowed = [np.rot90(side, k) for side in (image, image[:, ::-1]) for k in range(4)]
    found = {
        next(at for at, pose in enumerate(allowed) if np.allclose(one, pose, atol=0.05))
        for one in changed.numpy()
    }
    assert found == set(range(8))


def test_random_changes_stay_within_their_ranges() -> None:
    config = STILL.with_changes(rotation_deg=25, image_size_px=100)
    turns = random_matrices(tf.constant(2000), config, tf.constant([3, 4])).numpy()
    degrees = np.degrees(np.arcsin(turns[:, 1, 0]))
    assert -25 <= degrees.min() < -24 and 24 < degrees.max() <= 25
    config = STILL.with_changes(shift=0.1, zoom=0.2, image_size_px=100)
    moved = random_matrices(tf.constant(2000), config, tf.constant([3, 4])).numpy()
    assert -10 <= moved[:, :2, 2].min() < -9.5 and 9.5 < moved[:, :2, 2].max() <= 10
    zooms = moved[:, [0, 1], [0, 1]]
    assert 0.8 <= zooms.min() < 0.81 and 1.19 < zooms.max() <= 1.2


def test_light_and_contrast_are_those_of_tensorflow_and_stay_in_range() -> None:
    images = tf.constant(pictures().astype("float32"))
    factors = tf.constant([0.5, 1.0, 1.3, 1.0]), tf.constant([1.0, 0.5, 0.8, 1.9])
    found = relight(images, *factors).numpy()
    for at, (light, contrast) in enumerate(zip(*factors, strict=True)):
        expected = tf.image.adjust_contrast(images[at] * light, contrast)
        expected = np.clip(expected, 0, 255)
        np.testing.assert_allclose(found[at], expected, atol=1e-2)
    config = STILL.with_changes(brightness=0.3, contrast=0.5)
    lights = np.array(random_light(tf.constant(2000), config, tf.constant([3, 4])))
    assert lights.min(axis=1) == pytest.approx([0.7, 0.5], abs=0.01)
    assert lights.max(axis=1) == pytest.approx([1.3, 1.5], abs=0.01)
    first, again = (augment(images, config, tf.constant([1, 1])) for _ in range(2))
    assert (first.numpy() == again.numpy()).all() and (first != images).numpy().any()


def test_the_same_seed_changes_pictures_alike_and_another_does_not() -> None:
    images = tf.constant(pictures().astype("float32"))
    first, again, other = (
        augment(images, TINY, tf.constant(seed)).numpy()
        for seed in ([1, 1], [1, 1], [1, 2])
    )
    assert (first == again).all() and (first != other).any()
    assert augment(images, STILL, tf.constant([1, 1])) is images


def test_unknown_answers_count_in_no_loss_and_no_figure() -> None:
    logits = np.array([[2.0, -50.0], [-1.0, 50.0]], np.float32)
    y = np.array([[1, -1], [0, -1]], np.int8)
    alone = score(logits[:, :1], y[:, :1], Scoring("sigmoid"))
    assert score(logits, y, Scoring("sigmoid")) == pytest.approx(alone)
    assert alone["exact_match"] == 1.0


def test_epoch_figures_agree_with_scikit_learn() -> None:
    logits = np.random.default_rng(2).normal(0, 3, (50, 5)).astype(np.float32)
    y = (np.random.default_rng(3).random((50, 5)) < 0.4).astype(np.int8)
    y[:, 0] = 1  # every image has a yes, so that F2 is defined for each
    found = score(logits, y, Scoring("sigmoid", 0.2, beta=2.0))
    probabilities = special.expit(logits)
    said = probabilities >= 0.2
    assert found["exact_match"] == pytest.approx(oracle.accuracy_score(y, said))
    assert found["binary_accuracy"] == pytest.approx((said == y).mean())
    for beta in (0.5, 2.0):
        found = score(logits, y, Scoring("sigmoid", 0.2, beta))
        for name, average in (
            ("", "samples"),
            ("_micro", "micro"),
            ("_macro", "macro"),
        ):
            expected = oracle.fbeta_score(
                y, said, beta=beta, average=average, zero_division=0
            )
            assert found[f"f_beta{name}"] == pytest.approx(expected)
    expected = oracle.log_loss(y.ravel(), probabilities.ravel().astype(np.float64))
    assert found["loss"] == pytest.approx(expected, rel=1e-4)


def test_probabilities_of_huge_numbers_stay_numbers() -> None:
    logits = np.array([[1000.0, -1000.0, 0.0]], np.float32)
    np.testing.assert_allclose(to_probabilities(logits, "sigmoid"), [[1, 0, 0.5]])
    np.testing.assert_allclose(to_probabilities(logits, "softmax"), [[1, 0, 0]])


def test_with_groups_each_shares_out_one_yes_and_its_strongest_is_the_answer() -> None:
    logits = np.array([[-1.0, -2.0, 3.0, 1.0, 0.5]], np.float32)
    questions = (Question(ONE, (0, 1)), Question(AT_MOST_ONE, (2, 3)))
    found = to_probabilities(logits, "groups", (*questions, Question(FREE, (4,))))
    np.testing.assert_allclose(found[0, :2], special.softmax(logits[0, :2]), rtol=1e-5)
    some = special.softmax([3.0, 1.0, 0.0])[:2]
    np.testing.assert_allclose(found[0, 2:4], some, rtol=1e-5)
    assert found[0, 4] == pytest.approx(special.expit(0.5))
    y = np.array([[1, 0, 1, 0, 1]], np.int8)
    assert score(logits, y, Scoring("sigmoid"))["exact_match"] == 0
    how = Scoring("groups", questions=questions)
    assert score(logits, y, how)["exact_match"] == 1


def test_a_step_changes_weights_and_an_epoch_restarts_its_dropout() -> None:
    config = TINY.with_changes(head_dropout=0.5)
    network = Network(config, labels=3, output="sigmoid", steps=4)
    before = network.weights()
    network.start_epoch(1)
    first = network.train(pictures(), answers(4, 3), epoch=1, step=0)
    assert any((before[name] != now).any() for name, now in network.weights().items())
    network.set_weights(before)
    network.start_epoch(1)
    again = network.train(pictures(), answers(4, 3), epoch=1, step=0)
    np.testing.assert_array_equal(first.logits, again.logits)


def test_the_learning_rate_falls_as_the_tutorials_decay() -> None:
    network = Network(TINY.with_changes(epochs=10), 3, "sigmoid", steps=4)
    rates = []
    for step in range(3):
        network.train(pictures(), answers(4, 3), 1, step)
        rates.append(float(network.optimizer.learning_rate))
    assert rates == pytest.approx([1e-3 / (1 + 1e-4 * step) for step in range(3)])


def test_bfloat16_is_chosen_only_by_the_processors_flags(tmp_path) -> None:
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text("flags : fpu avx2 avx512_bf16\n")
    assert has_bfloat16(cpuinfo)
    cpuinfo.write_text("flags : fpu avx2\n")
    assert not has_bfloat16(cpuinfo)
    assert not has_bfloat16(tmp_path / "none")


def test_bfloat16_keeps_float32_weights_and_answers() -> None:
    network = Network(
        TINY.with_changes(mixed_precision="bfloat16"), 3, "sigmoid", steps=4
    )
    try:
        assert network.train(pictures(), answers(4, 3), 1, 0).logits.dtype == np.float32
        assert {str(array.dtype) for array in network.weights().values()} == {"float32"}
    finally:
        keras.config.set_dtype_policy("float32")
