"""Networks as data: an allow-list of descriptions and one builder.

Every network takes float32 pictures 0..255 (n, size, size, 3) and gives float32
logits (n, labels); preprocessing is inside, sigmoid or softmax outside.
"""

from dataclasses import dataclass

import keras
from keras import layers, ops

from mlcore.batchnorm import BatchNormalization
from mlcore.colour_features import LUMINANCE
from mlcore.config import TrainConfig
from mlcore.errors import ConfigError

# Means of ImageNet in blue, green, red: what VGG16's weights were trained with.
IMAGENET_MEANS_BGR = (103.939, 116.779, 123.68)


_POOLINGS = {
    "flatten": layers.Flatten,
    "average": layers.GlobalAveragePooling2D,
    "max": layers.GlobalMaxPooling2D,
}


@dataclass(frozen=True, slots=True)
class Block:
    """Convolutions 3x3 with relu, then pooling and dropout."""

    filters: tuple[int, ...]
    pool_px: int = 2
    dropout: float = 0.0


@dataclass(frozen=True, slots=True)
class Architecture:
    """A network as data; `batchnorm_momentum` None means no batch normalisation."""

    blocks: tuple[Block, ...]
    preprocessing: str
    head_units: int
    head_dropout: float
    head_initializer: str
    batchnorm_momentum: float | None
    frozen_blocks: int = 0
    is_gray: bool = False
    padding: str = "same"
    pooling: str = "flatten"
    flatten_dropout: float = 0.0


def describe(config: TrainConfig, steps_total: int = 10_000) -> Architecture:
    """The description of the network `config` asks for."""
    if config.network == "convnet":
        return _convnet(config, steps_total)
    if config.network == "vgg16":
        return _vgg16(config)
    raise ConfigError(f"There is no network “{config.network}”.")


def build(config: TrainConfig, labels: int, steps_total: int = 10_000) -> keras.Model:
    """The network with random weights and `labels` logits.

    `steps_total` only settles batch-norm momentum, which prediction ignores.
    """
    return _assemble(describe(config, steps_total), config.image_size_px, labels)


def cut_after(model: keras.Model, blocks: int) -> tuple[keras.Model, keras.Model]:
    """The first `blocks` blocks of `model`, and all that follows, as two networks.

    They share its layers: what one learns is in `model`.
    """
    middle = model.get_layer(f"block{blocks}_pool").output
    return keras.Model(model.input, middle), keras.Model(middle, model.output)


def _convnet(config: TrainConfig, steps_total: int) -> Architecture:
    filters = config.block_filters()
    pools = [config.first_pool_px] + [2] * (len(filters) - 1)
    return Architecture(
        blocks=tuple(
            Block(sizes, pool_px, config.conv_dropout)
            for sizes, pool_px in zip(filters, pools, strict=True)
        ),
        preprocessing="divide-255",
        head_units=config.head_units,
        head_dropout=config.head_dropout,
        head_initializer="glorot_uniform",
        batchnorm_momentum=config.momentum_for(steps_total),
        is_gray=config.colour == "gray",
        padding=config.padding,
        pooling=config.pooling,
        flatten_dropout=config.flatten_dropout,
    )


def _vgg16(config: TrainConfig) -> Architecture:
    filters = ((64,) * 2, (128,) * 2, (256,) * 3, (512,) * 3, (512,) * 3)
    return Architecture(
        blocks=tuple(Block(sizes, 2, config.conv_dropout) for sizes in filters),
        preprocessing="imagenet-bgr",
        head_units=config.head_units,
        head_dropout=config.head_dropout,
        head_initializer="he_uniform",
        batchnorm_momentum=None,
        frozen_blocks=config.frozen_blocks,
        is_gray=config.colour == "gray",
        pooling=config.pooling,
        flatten_dropout=config.flatten_dropout,
    )


def _assemble(network: Architecture, size_px: int, labels: int) -> keras.Model:
    images = keras.Input((size_px, size_px, 3), dtype="float32", name="images")
    x = _preprocess(images, network.preprocessing, network.is_gray)
    x = add_head(add_trunk(x, network), network)
    # bfloat16 logits would round probabilities to three digits.
    logits = layers.Dense(labels, dtype="float32", name="logits")(x)
    return keras.Model(images, logits)


def add_trunk(
    x: keras.KerasTensor, network: Architecture, prefix: str = ""
) -> keras.KerasTensor:
    """All blocks of a network and its pooling; `prefix` begins the layers' names."""
    for number, block in enumerate(network.blocks, 1):
        x = _add_block(x, block, f"{prefix}block{number}", number, network)
    return _POOLINGS[network.pooling](name=f"{prefix}{network.pooling}")(x)


def add_head(
    x: keras.KerasTensor, network: Architecture, prefix: str = ""
) -> keras.KerasTensor:
    """The dense layer before the answers, with its dropouts."""
    if network.flatten_dropout:
        x = layers.Dropout(network.flatten_dropout, name=f"{prefix}flatten_dropout")(x)
    x = layers.Dense(
        network.head_units,
        activation="relu",
        kernel_initializer=network.head_initializer,
        name=f"{prefix}head",
    )(x)
    if network.batchnorm_momentum is not None:
        x = batchnorm(network.batchnorm_momentum, f"{prefix}head_bn")(x)
    if network.head_dropout:
        x = layers.Dropout(network.head_dropout, name=f"{prefix}head_dropout")(x)
    return x


def luminance(images: keras.KerasTensor) -> keras.KerasTensor:
    """Pictures (n, s, s, 3) as gray ones (n, s, s, 1)."""
    return ops.sum(images * ops.array(LUMINANCE), axis=-1, keepdims=True)


def _preprocess(
    images: keras.KerasTensor, how: str, is_gray: bool = False
) -> keras.KerasTensor:
    # Gray is made here, so that whoever feeds pictures feeds RGB to every network.
    if is_gray:
        images = luminance(images)
    if how == "divide-255":
        return images / 255.0
    # Weights from ImageNet want three channels; a gray picture has three equal ones.
    images = ops.repeat(images, 3, axis=-1) if is_gray else images
    return ops.flip(images, axis=-1) - ops.array(IMAGENET_MEANS_BGR, "float32")


def _add_block(
    x: keras.KerasTensor, block: Block, name: str, number: int, network: Architecture
) -> keras.KerasTensor:
    # Names are those of the official VGG16 file, by which weights are matched.
    for at, filters in enumerate(block.filters, 1):
        conv = f"{name}_conv{at}"
        x = layers.Conv2D(
            filters,
            3,
            padding=network.padding,
            activation="relu",
            name=conv,
            trainable=number > network.frozen_blocks,
        )(x)
        if network.batchnorm_momentum is not None:
            x = batchnorm(network.batchnorm_momentum, f"{conv}_bn")(x)
    x = layers.MaxPooling2D(block.pool_px, name=f"{name}_pool")(x)
    if block.dropout:
        x = layers.Dropout(block.dropout, name=f"{name}_dropout")(x)
    return x


def batchnorm(momentum: float, name: str) -> BatchNormalization:
    """Batch normalisation as every network here has it."""
    return BatchNormalization(momentum=momentum, name=name)
