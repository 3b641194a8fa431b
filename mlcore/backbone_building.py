"""Backbones as keras models: pictures in, features of every tap side by side out."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf
from keras import layers, ops

from mlcore.architectures import IMAGENET_MEANS_BGR
from mlcore.backbone_efficientnet import build_lite0, load_lite0
from mlcore.backbone_h5 import load_official
from mlcore.backbones import OUTPUT, Backbone, fetch_backbone_weights, find_backbone
from mlcore.colour_features import LUMINANCE
from mlcore.dataset import Pixels
from mlcore.feature_spec import FeatureSpec
from mlcore.weights import load_into

Floats = npt.NDArray[np.float32]

APPLICATIONS = {
    "vgg16": "VGG16",
    "mobilenet-v3": "MobileNetV3Large",
    "efficientnet-v2-b0": "EfficientNetV2B0",
    "convnext-tiny": "ConvNeXtTiny",
    "resnet50": "ResNet50",
}
# These two were trained on blue, green, red minus the means; the others prepare
# their pictures themselves.
MEANS_REMOVED = ("vgg16", "resnet50")


def build_backbone(spec: FeatureSpec, weights_file: str | None = None) -> keras.Model:
    """float32 pictures 0..255 (n, s, s, 3) to float32 features (n, d), pretrained.

    Mean and spread over the picture of each tap's channels, of the last tap the mean.
    WeightsError when the weights cannot be had: never a random start.
    """
    backbone = find_backbone(spec.backbone)
    path = fetch_backbone_weights(spec.backbone, weights_file)
    with _float32():
        model, trunk = assemble(spec)
        if backbone.download is None:
            load_lite0(trunk, path)
        elif backbone.name == "vgg16":
            load_into(trunk, path)
        else:
            load_official(trunk, path, backbone.title)
    model.trainable = False
    return model


def build_taps(spec: FeatureSpec, weights_file: str | None = None) -> keras.Model:
    """Like `build_backbone`, but to each tap's channels (n, h, w, c) in a list."""
    model = build_backbone(spec, weights_file)
    pooled = [
        layer
        for layer in model.layers
        if isinstance(layer, layers.GlobalAveragePooling2D)
    ]
    # Made one after the other, in the order of the taps.
    pooled.sort(key=lambda layer: int(layer.name.rpartition("_")[2]))
    return keras.Model(model.input, [layer.input for layer in pooled])


def assemble(spec: FeatureSpec) -> tuple[keras.Model, keras.Model]:
    """The feature model with random weights, and the network inside that holds them."""
    backbone = find_backbone(spec.backbone)
    taps = backbone.taps if spec.depths == "all" else backbone.taps[-1:]
    images = keras.Input((spec.size_px, spec.size_px, 3), dtype="float32")
    trunk = _build_trunk(backbone, spec.size_px)
    tapped = keras.Model(trunk.inputs, [_tap(trunk, tap) for tap in taps])
    found = tapped(_preprocess(images, spec))
    maps = found if isinstance(found, list) else [found]
    pooled = [
        layers.GlobalAveragePooling2D(name=f"mean_{number}")(one)
        for number, one in enumerate(maps)
    ]
    # How much a channel varies tells texture, which its mean does not; of the last
    # depth, the widest, it adds nothing.
    pooled[:-1] = [
        layers.concatenate([mean, ops.std(one, axis=(1, 2))])
        for mean, one in zip(pooled[:-1], maps[:-1], strict=True)
    ]
    features = layers.concatenate(pooled) if len(pooled) > 1 else pooled[0]
    return keras.Model(images, features), trunk


def compile_backbone(
    spec: FeatureSpec, weights_file: str | None = None
) -> Callable[[Pixels], Floats]:
    """The pretrained backbone as one compiled function from uint8 to numpy."""
    model = build_backbone(spec, weights_file)
    size = spec.size_px
    run = tf.function(
        lambda pictures: model(tf.cast(pictures, tf.float32), training=False),
        [tf.TensorSpec((None, size, size, 3), tf.uint8)],
    )

    def answer(pictures: Pixels) -> Floats:
        # oneDNN's fused layers refuse a batch of none; of one they tell the width.
        fed = pictures if len(pictures) else np.zeros((1, size, size, 3), np.uint8)
        return np.asarray(run(fed), np.float32)[: len(pictures)]

    return answer


def _build_trunk(backbone: Backbone, size_px: int) -> keras.Model:
    if backbone.download is None:
        return build_lite0(size_px)
    make: Any = getattr(keras.applications, APPLICATIONS[backbone.name])
    # weights=None: Keras would download on its own and unpack what it gets.
    return make(weights=None, include_top=False, input_shape=(size_px, size_px, 3))


def _tap(trunk: keras.Model, name: str) -> Any:
    return trunk.outputs[0] if name == OUTPUT else trunk.get_layer(name).output


def _preprocess(images: Any, spec: FeatureSpec) -> Any:
    if spec.view == "gray":
        gray = ops.sum(images * ops.array(LUMINANCE), -1, keepdims=True)
        images = ops.repeat(gray, 3, axis=-1)
    if spec.backbone in MEANS_REMOVED:
        images = ops.flip(images, axis=-1) - ops.array(IMAGENET_MEANS_BGR, "float32")
    return images


@contextmanager
def _float32() -> Iterator[None]:
    # A run with mixed precision sets the policy for the whole process.
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float32")
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
