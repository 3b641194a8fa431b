"""The preview of augmentation shows what training does."""

import numpy as np
import pytest
from tiny_training import TINY, add_pictures, draw

from mlcore import augmentation_preview as preview
from mlcore.config import TrainConfig
from storage.projects import Project

CHANGES = {
    "rotation_deg": 40.0,
    "shift": 0.2,
    "shear_deg": 12.0,
    "zoom": 0.3,
    "flip_horizontal": True,
    "flip_vertical": True,
    "brightness": 0.3,
    "contrast": 0.4,
}
STILL = TINY.with_changes(
    rotation_deg=0.0, shift=0.0, shear_deg=0.0, zoom=0.0, flip_horizontal=False
)


def photos(count: int, size_px: int) -> np.ndarray:
    """Smooth pictures of noise, as photos are smooth."""
    chance = np.random.default_rng(1)
    coarse = chance.integers(0, 256, (count, size_px // 8, size_px // 8, 3), np.uint8)
    return coarse.repeat(8, axis=1).repeat(8, axis=2)


@pytest.mark.parametrize("quarter_turns", [False, True])
def test_it_changes_pictures_as_training_does(quarter_turns: bool) -> None:
    import tensorflow as tf

    from mlcore import augmentation as trained

    config = TINY.with_changes(image_size_px=48, rotate_90=quarter_turns, **CHANGES)
    before = photos(8, 48)
    seed = tf.constant([3, 4])
    light = tf.random.stateless_uniform(
        (2, 8), tf.random.experimental.stateless_fold_in(seed, 1)
    )
    draws = preview.Draws(
        tf.random.stateless_uniform((9, 8), seed).numpy(), light.numpy()
    )
    ours = preview.vary(before, config, draws).astype(int)
    theirs = trained.augment(tf.constant(before, tf.float32), config, seed).numpy()
    maps = preview.random_maps(config, draws.places, 48)
    np.testing.assert_allclose(
        maps, trained.random_matrices(8, config, seed).numpy(), atol=1e-4
    )
    assert np.abs(ours - theirs).max() <= 2


def test_without_changes_the_pictures_stay_as_they_are() -> None:
    before = photos(3, 32)
    np.testing.assert_array_equal(
        preview.vary(before, STILL, preview.draw(3, 7)), before
    )


def test_a_seed_shows_the_same_eight_again_and_another_seed_others(
    project: Project,
) -> None:
    assert preview.preview(project, TINY, 0) == []
    add_pictures(project, [draw("red", "tall", at) for at in range(20)])
    first, again, other = (preview.preview(project, TINY, seed) for seed in (0, 0, 1))
    assert len(first) == 8
    assert all(
        np.array_equal(a.after, b.after) for a, b in zip(first, again, strict=True)
    )
    assert [v.name for v in first] != [v.name for v in other] or any(
        not np.array_equal(a.after, b.after) for a, b in zip(first, other, strict=True)
    )


def test_gray_settings_are_shown_gray(project: Project) -> None:
    add_pictures(project, [draw("red", "tall", at) for at in range(3)])
    config: TrainConfig = TINY.with_changes(colour="gray")
    for varied in preview.preview(project, config, 0):
        for pixels in (varied.before, varied.after):
            assert (pixels == pixels[..., :1]).all()
