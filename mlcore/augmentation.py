"""Random turns, shifts, slants, zooms, mirrors as one affine map a picture; light.

One ImageProjectiveTransformV3 for the composed matrix runs about five times as
fast as a layer for each change. Ranges mean what ImageDataGenerator means by them.
"""

import math

import tensorflow as tf

from mlcore.config import TrainConfig


def moves(config: TrainConfig) -> bool:
    """Whether any change of place is switched on."""
    return bool(
        config.rotation_deg
        or config.shift
        or config.shear_deg
        or config.zoom
        or config.flip_horizontal
        or config.flip_vertical
        or config.rotate_90
    )


def is_wanted(config: TrainConfig) -> bool:
    """Whether any change at all is switched on."""
    return moves(config) or bool(config.brightness or config.contrast)


def augment(images: tf.Tensor, config: TrainConfig, seed: tf.Tensor) -> tf.Tensor:
    """Float32 pictures (n, s, s, 3) changed at random, in the graph.

    `seed` is int32 (2,); the same seed gives the same changes.
    """
    if moves(config):
        matrices = random_matrices(tf.shape(images)[0], config, seed)
        images = transform(images, matrices)
    if config.brightness or config.contrast:
        images = relight(images, *random_light(tf.shape(images)[0], config, seed))
    return images


def random_light(
    count: tf.Tensor, config: TrainConfig, seed: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """(count,) factors of brightness and of contrast around 1."""
    # Folded in, so that places and light of a picture are drawn independently.
    drawn = tf.random.stateless_uniform(
        (2, count), tf.random.experimental.stateless_fold_in(seed, 1)
    )
    signed = drawn * 2.0 - 1.0
    return 1.0 + signed[0] * config.brightness, 1.0 + signed[1] * config.contrast


def relight(images: tf.Tensor, brightness: tf.Tensor, contrast: tf.Tensor) -> tf.Tensor:
    """Multiply each picture, then its distance from its mean colour; within 0..255."""
    images = images * brightness[:, None, None, None]
    mean = tf.reduce_mean(images, axis=(1, 2), keepdims=True)
    images = mean + (images - mean) * contrast[:, None, None, None]
    return tf.clip_by_value(images, 0.0, 255.0)


def transform(images: tf.Tensor, matrices: tf.Tensor) -> tf.Tensor:
    """Apply (n, 3, 3) maps from output to input (row, column), about the centre.

    Pixels from outside repeat the border ("nearest"), between pixels bilinear.
    """
    size = tf.shape(images)[1:3]
    middle = (tf.cast(size, tf.float32) - 1.0) / 2.0
    linear = matrices[:, :2, :2]
    # p_in = L (p_out - middle) + t + middle
    offset = matrices[:, :2, 2] + middle - tf.linalg.matvec(linear, middle)
    count = tf.shape(images)[0]
    # The operation wants x before y, that is column before row.
    rows = [
        linear[:, 1, 1],
        linear[:, 1, 0],
        offset[:, 1],
        linear[:, 0, 1],
        linear[:, 0, 0],
        offset[:, 0],
        tf.zeros(count),
        tf.zeros(count),
    ]
    return tf.raw_ops.ImageProjectiveTransformV3(
        images=images,
        transforms=tf.stack(rows, axis=1),
        output_shape=size,
        fill_value=0.0,
        interpolation="BILINEAR",
        fill_mode="NEAREST",
    )


def random_matrices(
    count: tf.Tensor, config: TrainConfig, seed: tf.Tensor
) -> tf.Tensor:
    """(count, 3, 3) maps: rotation, shift, shear, zoom, then mirrors."""
    draws = tf.random.stateless_uniform((9, count), seed)
    signed = draws * 2.0 - 1.0
    angle = signed[0] * math.radians(config.rotation_deg)
    if config.rotate_90:
        angle += tf.floor(draws[1] * 4.0) * (math.pi / 2)
    shift = signed[2:4] * config.shift
    shear = signed[4] * math.radians(config.shear_deg)
    zoom = 1.0 + signed[5:7] * config.zoom
    mirror_rows = _mirror(draws[7], config.flip_vertical)
    mirror_columns = _mirror(draws[8], config.flip_horizontal)
    size = float(config.image_size_px)
    return (
        _rotations(angle)
        @ _shifts(shift[0] * size, shift[1] * size)
        @ _shears(shear)
        @ _scales(zoom[0] * mirror_rows, zoom[1] * mirror_columns)
    )


def _mirror(draw: tf.Tensor, is_on: bool) -> tf.Tensor:
    if not is_on:
        return tf.ones_like(draw)
    return tf.where(draw < 0.5, -1.0, 1.0)


def _matrices(rows: list[list[tf.Tensor]]) -> tf.Tensor:
    return tf.stack([tf.stack(row, axis=-1) for row in rows], axis=-2)


def _rotations(angle: tf.Tensor) -> tf.Tensor:
    cos, sin = tf.cos(angle), tf.sin(angle)
    none, one = tf.zeros_like(angle), tf.ones_like(angle)
    return _matrices([[cos, -sin, none], [sin, cos, none], [none, none, one]])


def _shifts(rows: tf.Tensor, columns: tf.Tensor) -> tf.Tensor:
    none, one = tf.zeros_like(rows), tf.ones_like(rows)
    return _matrices([[one, none, rows], [none, one, columns], [none, none, one]])


def _shears(angle: tf.Tensor) -> tf.Tensor:
    cos, sin = tf.cos(angle), tf.sin(angle)
    none, one = tf.zeros_like(angle), tf.ones_like(angle)
    return _matrices([[one, -sin, none], [none, cos, none], [none, none, one]])


def _scales(rows: tf.Tensor, columns: tf.Tensor) -> tf.Tensor:
    none, one = tf.zeros_like(rows), tf.ones_like(rows)
    return _matrices([[rows, none, none], [none, columns, none], [none, none, one]])
