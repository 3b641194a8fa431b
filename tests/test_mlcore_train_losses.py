"""Losses, weights of rare labels, optimizers and schedules against other sources."""

from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy import special
from sklearn.utils.class_weight import compute_class_weight
from tiny_training import TINY

from mlcore import training
from mlcore.class_weights import LabelWeights, balance
from mlcore.config import TrainConfig
from mlcore.config_training import MONITORS
from mlcore.loss_figures import loss_of
from mlcore.losses import divisor, summed_loss
from mlcore.optimizers import make_optimizer
from mlcore.schedules import Plateau, rate_at

pytestmark = pytest.mark.slow

RNG = np.random.default_rng(2)
LOGITS = RNG.normal(0, 3, (20, 4)).astype(np.float32)
Y = RNG.integers(0, 2, (20, 4)).astype(np.int8)
ONE_HOT = np.eye(4, dtype=np.int8)[np.arange(20) % 4]
KINDS = ("auto", "focal", "asymmetric")


def mean_loss(
    logits: np.ndarray,
    y: np.ndarray,
    output: str,
    kind: str,
    weights: LabelWeights | None = None,
) -> float:
    total = summed_loss(tf.constant(logits), tf.constant(y), output, kind, weights)
    return float(total) / float(divisor(y, output))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("output", ["sigmoid", "softmax"])
def test_a_loss_is_the_same_in_the_step_and_in_the_figures(
    output: str, kind: str
) -> None:
    for y in (Y, ONE_HOT, np.where(Y == 0, -1, Y)):
        step = mean_loss(LOGITS, y, output, kind)
        assert loss_of(LOGITS, y, output, kind) == pytest.approx(step, rel=1e-4)


def test_sigmoid_losses_are_those_of_keras() -> None:
    target = Y.astype("float32")
    oracle = keras.losses.BinaryCrossentropy(from_logits=True)
    expected = float(oracle(target, LOGITS))
    assert mean_loss(LOGITS, Y, "sigmoid", "auto") == pytest.approx(expected, rel=1e-5)
    oracle = keras.losses.BinaryFocalCrossentropy(gamma=2.0, from_logits=True)
    expected = float(oracle(target, LOGITS))
    assert mean_loss(LOGITS, Y, "sigmoid", "focal") == pytest.approx(expected, rel=1e-3)


def test_softmax_losses_are_those_of_keras() -> None:
    target = ONE_HOT.astype("float32")
    oracle = keras.losses.CategoricalCrossentropy(from_logits=True)
    expected = float(oracle(target, LOGITS))
    found = mean_loss(LOGITS, ONE_HOT, "softmax", "auto")
    assert found == pytest.approx(expected, rel=1e-5)
    assert mean_loss(LOGITS, ONE_HOT, "softmax", "asymmetric") == found
    oracle = keras.losses.CategoricalFocalCrossentropy(
        alpha=1.0, gamma=2.0, from_logits=True
    )
    expected = float(oracle(target, LOGITS))
    found = mean_loss(LOGITS, ONE_HOT, "softmax", "focal")
    assert found == pytest.approx(expected, rel=1e-3)


def test_asymmetric_loss_is_the_formula_of_its_paper() -> None:
    p = special.expit(LOGITS.astype(float))
    shifted = np.maximum(p - 0.05, 0)
    terms = np.where(Y == 1, np.log(p), shifted**4 * np.log(1 - shifted))
    found = mean_loss(LOGITS, Y, "sigmoid", "asymmetric")
    assert found == pytest.approx(-terms.mean(), rel=1e-4)


def test_several_true_labels_share_the_target_of_softmax() -> None:
    y = np.array([[1, 1, 0, 0]], np.int8)
    logits = np.array([[1.0, 2.0, 0.0, -1.0]], np.float32)
    expected = -special.log_softmax(logits[0])[:2].mean()
    assert mean_loss(logits, y, "softmax", "auto") == pytest.approx(expected)


@pytest.mark.parametrize("kind", KINDS)
def test_huge_numbers_and_unknown_answers_leave_gradients_finite(kind: str) -> None:
    logits = tf.Variable([[1e4, -1e4, 0.0], [1e4, -1e4, 3.0]])
    y = tf.constant([[1, 0, -1], [0, 1, -1]], tf.int8)
    for output in ("sigmoid", "softmax"):
        with tf.GradientTape() as tape:
            loss = summed_loss(logits, y, output, kind)
        gradient = tape.gradient(loss, logits).numpy()
        assert np.isfinite(gradient).all() and np.isfinite(loss)
        assert output == "softmax" or (gradient[:, 2] == 0).all()
    nothing = np.full((2, 3), -1, np.int8)
    assert mean_loss(logits.numpy(), nothing, "sigmoid", kind) == 0


def test_balanced_weights_are_those_of_scikit_learn() -> None:
    y = np.zeros((40, 2), np.int8)
    y[:8, 0], y[:30, 1] = 1, 1
    y[35:, 1] = -1
    found = balance(y, "sigmoid")
    for at in range(2):
        known = y[y[:, at] >= 0, at]
        no, yes = compute_class_weight("balanced", classes=np.array([0, 1]), y=known)
        assert (found.no[at], found.yes[at]) == pytest.approx((no, yes))
    classes = np.repeat(np.arange(3), [5, 10, 25])
    found = balance(np.eye(3, dtype=np.int8)[classes], "softmax")
    expected = compute_class_weight("balanced", classes=np.arange(3), y=classes)
    assert found.yes == pytest.approx(expected) and (found.no == 1).all()


def test_weights_of_very_rare_and_of_absent_answers_stay_sane() -> None:
    y = np.zeros((1000, 2), np.int8)
    y[0, 0] = 1
    found = balance(y, "sigmoid")
    assert found.yes.tolist() == [20, 1]
    assert found.no == pytest.approx([1000 / 1998, 0.5])


def test_weights_change_what_a_yes_and_a_no_cost() -> None:
    weights = LabelWeights(np.array([3, 1], "f"), np.array([1, 0.5], "f"))
    y = np.array([[1, 0], [0, 1]], np.int8)
    logits = LOGITS[:2, :2]
    each = np.logaddexp(0, np.where(y == 1, -logits, logits))
    expected = (each * [[3, 0.5], [1, 1]]).sum() / 4
    found = mean_loss(logits, y, "sigmoid", "auto", weights)
    assert found == pytest.approx(expected, rel=1e-5)
    rows = special.log_softmax(logits, axis=1)
    expected = -(3 * rows[0, 0] + rows[1, 1]) / 2
    found = mean_loss(logits, y, "softmax", "auto", weights)
    assert found == pytest.approx(expected, rel=1e-5)


def rates(schedule: str, steps: int, **changes: object) -> list[float]:
    config = TrainConfig(schedule=schedule, learning_rate=0.1).with_changes(**changes)
    return [rate_at(config, step, steps) for step in range(steps)]


def test_cosine_and_inverse_time_are_those_of_keras() -> None:
    oracle = keras.optimizers.schedules.CosineDecay(0.1, 50)
    expected = [float(oracle(step)) for step in range(50)]
    assert rates("cosine", 50) == pytest.approx(expected, abs=1e-7)
    oracle = keras.optimizers.schedules.InverseTimeDecay(0.1, 1, 0.1 / 10)
    expected = [float(oracle(step)) for step in range(50)]
    assert rates("inverse-time", 50, epochs=10) == pytest.approx(expected)
    assert set(rates("constant", 50)) == {0.1}


def test_one_cycle_rises_for_three_tenths_and_falls_to_nothing() -> None:
    found = rates("one-cycle", 101)
    # Worked out by hand: start 1/25, half-way up at 15, peak at 30, middle at 65.
    assert found[0] == pytest.approx(0.004)
    assert found[15] == pytest.approx((0.004 + 0.1) / 2)
    assert found[30] == pytest.approx(0.1) and max(found) == found[30]
    assert found[65] == pytest.approx((0.1 + 4e-7) / 2)
    assert found[100] == pytest.approx(4e-7)
    assert rates("one-cycle", 1) == pytest.approx([0.004])


# keras 3.15 with numpy 2.4, in its own callback.
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_a_plateau_cuts_when_the_one_of_keras_does() -> None:
    losses = [1.0, 0.9, 0.95, 0.91, 0.89995, 0.8, 0.9, 0.8, 0.85, 0.8, 0.8, 0.8, 0.7]
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.1))
    oracle = keras.callbacks.ReduceLROnPlateau("val_loss", factor=0.5, patience=3)
    oracle.set_model(model)
    oracle.on_train_begin()
    config = TrainConfig(
        schedule="reduce-on-plateau", learning_rate=0.1, plateau_factor=0.5
    )
    ours = Plateau()
    for epoch, loss in enumerate(losses):
        oracle.on_epoch_end(epoch, {"val_loss": loss})
        ours.note(-loss, patience=3)
        expected = float(model.optimizer.learning_rate)
        assert rate_at(config, 0, 1, ours.cuts) == pytest.approx(expected)
    assert ours.cuts == 3


def step_of(config: TrainConfig, times: int = 2) -> np.ndarray:
    weight = keras.Variable([1.0, -2.0], name="kernel")
    bias = keras.Variable([1.0], name="bias")
    optimizer = make_optimizer(config)
    optimizer.build([weight, bias])
    for _ in range(times):
        gradients = [tf.constant([0.5, 0.25]), tf.constant([0.5])]
        optimizer.apply(gradients, [weight, bias])
    return np.append(weight.numpy(), bias.numpy())


def test_optimizers_step_as_their_formulas_say() -> None:
    start, slope = np.array([1.0, -2.0, 1.0]), np.array([0.5, 0.25, 0.5])
    config = TrainConfig(learning_rate=0.1, optimizer="sgd", momentum=0.9)
    # Velocities 0.1 g, then 0.9 * 0.1 g + 0.1 g.
    expected = start - 0.1 * slope * (1 + 1.9)
    assert step_of(config) == pytest.approx(expected)
    decayed = config.with_changes(weight_decay=0.1, momentum=0.0)
    expected = start * [0.99, 0.99, 1] - 0.1 * slope
    assert step_of(decayed, 1) == pytest.approx(expected)
    # The first step of Adam is the rate whatever the slope; AdamW shrinks as well.
    adam = TrainConfig(learning_rate=0.1)
    assert step_of(adam, 1) == pytest.approx(start - 0.1, abs=1e-5)
    adamw = adam.with_changes(optimizer="adamw", weight_decay=0.1)
    expected = start * [0.99, 0.99, 1] - 0.1
    assert step_of(adamw, 1) == pytest.approx(expected, abs=1e-5)
    rmsprop = adam.with_changes(optimizer="rmsprop")
    expected = start - 0.1 / np.sqrt(0.1)
    assert step_of(rmsprop, 1) == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("monitor", MONITORS)
def test_best_epoch_plateau_and_patience_follow_whatever_is_monitored(
    monitor: str,
) -> None:
    config = TINY.with_changes(
        monitor=monitor, patience=2, plateau_patience=2, schedule="reduce-on-plateau"
    )
    rows = np.arange(0)
    data = training.RunData(None, np.zeros((0, 1), np.int8), rows, rows)  # type: ignore[arg-type]
    network = SimpleNamespace(cuts=0)
    reporter = training.Reporter(lambda *_: None, lambda _: None)
    trainer = training.Trainer(config, network, data, Path(), reporter)  # type: ignore[arg-type]
    better = -0.1 if monitor == "val_loss" else 0.1
    # The others say the opposite all along.
    for epoch, step in enumerate([0, 1, 2, 1, 1], start=1):
        metrics = {name: 0.5 - 0.1 * step for name in MONITORS}
        metrics["val_loss"] = 0.5 + 0.1 * step
        metrics[monitor] = 0.5 + better * step
        metrics |= {name.removeprefix("val_"): 9.0 for name in MONITORS}
        assert not trainer._is_patience_out()
        trainer._remember({"epoch": epoch, "seconds": 1.0, "metrics": metrics})
    assert trainer.progress.best_epoch == 3
    assert trainer._is_patience_out()
    assert network.cuts == 1
