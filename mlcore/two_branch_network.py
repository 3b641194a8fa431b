"""A plain network beside two branches, each of which cannot see what the other sees.

A gray picture of even light holds shape and no colour; small patches of colour, of
which a glance picks the ones that matter, hold colour and no shape. What a label is
answered from is in the run's plan.
"""

import keras
from keras import layers, ops

from mlcore.architectures import (
    Architecture,
    add_head,
    add_trunk,
    batchnorm,
    build,
    describe,
    luminance,
)
from mlcore.config import TrainConfig
from mlcore.two_branch_plan import BOTH, COLOUR, SHAPE, TwoBranchPlan

# Patches a side that colour is told from.
PATCHES = 16
COLOUR_FILTERS = (24, 24)
# How far around a patch the glance looks before it picks it.
GLANCE = 5
# Less spread than this is noise of an empty picture, not shape.
LEAST_SPREAD = 0.05


def build_network(
    config: TrainConfig, labels: int, steps_total: int, plan: TwoBranchPlan | None
) -> keras.Model:
    """The network of `config` with random weights.

    Logits (n, L); with a plan (n, 2L), first the plain network's, then the branches'.
    """
    plain = build(config, labels, steps_total)
    if plan is None:
        return plain
    network = describe(config, steps_total)
    images = plain.input / 255.0
    seen = {
        COLOUR: _see_colour(images, network),
        SHAPE: add_head(_see_shape(images, network), network, SHAPE),
    }
    seen[BOTH] = layers.Concatenate(name=BOTH)([seen[COLOUR], seen[SHAPE]])
    answers = [
        layers.Dense(plan.evidence.count(word), dtype="float32", name=f"{word}_logits")(
            seen[word]
        )
        for word in (COLOUR, SHAPE, BOTH)
        if word in plan.evidence
    ]
    together = layers.Concatenate(dtype="float32", name="branches")(answers)
    return keras.Model(
        plain.input, ops.concatenate([plain.output, _in_order(together, plan)], axis=1)
    )


def _see_shape(images: keras.KerasTensor, network: Architecture) -> keras.KerasTensor:
    gray = luminance(images)
    # A dark thing must not be known by its darkness: that is its colour.
    gray -= ops.mean(gray, axis=(1, 2), keepdims=True)
    gray /= ops.std(gray, axis=(1, 2), keepdims=True) + LEAST_SPREAD
    return add_trunk(gray, network, "shape_")


def _see_colour(images: keras.KerasTensor, network: Architecture) -> keras.KerasTensor:
    patch = max(1, images.shape[1] // PATCHES)
    x = layers.AveragePooling2D(patch, name="colour_patches")(images) * 2.0 - 1.0
    for at, filters in enumerate(COLOUR_FILTERS, 1):
        name = f"colour_conv{at}"
        x = layers.Conv2D(filters, 1, activation="relu", name=name)(x)
        if network.batchnorm_momentum is not None:
            x = batchnorm(network.batchnorm_momentum, f"{name}_bn")(x)
    glance = layers.Conv2D(
        1, GLANCE, padding="same", dtype="float32", name="colour_glance"
    )(x)
    places = x.shape[1] * x.shape[2]
    weights = ops.softmax(ops.reshape(glance, (-1, places, 1)), axis=1)
    x = ops.cast(ops.reshape(x, (-1, places, COLOUR_FILTERS[-1])), "float32")
    return ops.sum(x * weights, axis=1)


def _in_order(together: keras.KerasTensor, plan: TwoBranchPlan) -> keras.KerasTensor:
    """The logits, sorted by evidence, in the order of the labels."""
    sorted_labels = [
        label
        for word in (COLOUR, SHAPE, BOTH)
        for label, own in enumerate(plan.evidence)
        if own == word
    ]
    places = [sorted_labels.index(label) for label in range(len(plan.evidence))]
    return ops.take(together, places, axis=1)
