"""Where a run on frozen features finds what it says: exact, place by place.

TensorFlow is loaded only by what looks at pictures, never by importing this.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from mlcore.colour_features import WIDTH, as_gray
from mlcore.config import TrainConfig
from mlcore.dataset import Pixels
from mlcore.feature_model import read_heads, read_spec
from mlcore.feature_spec import FeatureSpec
from mlcore.features import fingerprint
from mlcore.head_solver import Doubles, Floats
from mlcore.heads import Heads
from mlcore.joint_heads import JointHeads
from mlcore.novelty import NOVELTY_NAME, read_novelty
from mlcore.saliency_maps import Evidence, spread_colours, spread_taps
from mlcore.saliency_slopes import slope_of_features

Taps = list[Floats]
# A picture to the channels of each depth of the frozen network.
Look = Callable[[Pixels], Taps]


class FeatureLight:
    """The heads of a run, and the frozen network before anything is averaged."""

    def __init__(
        self,
        spec: FeatureSpec,
        heads: Heads | JointHeads,
        look: Look,
        usual: Floats | None = None,
    ):
        """`usual` (d,) are the features of a usual picture, the mean of training."""
        self.spec, self.heads, self.look, self.usual = spec, heads, look, usual

    @classmethod
    def of_run(
        cls, run_dir: Path, facts: dict[str, Any], config: TrainConfig
    ) -> "FeatureLight":
        """Of a run whose files were checked; PredictionError if it cannot be read."""
        spec = read_spec(run_dir, facts, config)
        heads = read_heads(run_dir, facts)
        novelty = None
        if NOVELTY_NAME in facts.get("files", ()):
            novelty = read_novelty(run_dir, heads.width)
        look = make_look(spec, config.weights_file)
        return cls(spec, heads, look, novelty.mean if novelty else None)

    def explain(self, picture: Pixels, columns: Sequence[int]) -> list[Evidence]:
        """The evidence for each label in a picture uint8 (s, s, 3)."""
        views = [self.look(picture)]
        if self.spec.view == "both":
            views.append(self.look(as_gray(picture[None])[0]))
        features = join_features(views, picture, self.spec)
        usual = features if self.usual is None else self.usual
        base = usual.astype(np.float64)
        return [
            self._spread(
                slope_of_features(self.heads, features, column), base, views, picture
            )
            for column in columns
        ]

    def _spread(
        self, slope: Doubles, base: Doubles, views: Sequence[Taps], picture: Pixels
    ) -> Evidence:
        width = width_of(views[0])
        network = spread_taps(slope[:width], base[:width], views[0])
        colours = np.zeros_like(network)
        at = width
        if self.spec.has_colours:
            own = slice(at, at + WIDTH)
            colours = spread_colours(slope[own], base[own], picture)
            at += WIDTH
        if len(views) > 1:
            network = network + spread_taps(slope[at:], base[at:], views[1])
        return Evidence(network, colours)


def join_features(views: Sequence[Taps], picture: Pixels, spec: FeatureSpec) -> Floats:
    """(d,) the features as `features.make_extractor` gives them."""
    from mlcore.colour_features import describe_colours

    parts = [pool(views[0])]
    if spec.has_colours:
        parts.append(describe_colours(picture[None])[0])
    parts += [pool(view) for view in views[1:]]
    return np.concatenate(parts).astype(np.float32)


def pool(taps: Taps) -> Floats:
    """(d,) mean and spread of each tap's channels, of the last the mean."""
    parts = []
    for tap in taps[:-1]:
        parts += [tap.mean(axis=(0, 1)), tap.std(axis=(0, 1))]
    return np.concatenate([*parts, taps[-1].mean(axis=(0, 1))])


def width_of(taps: Taps) -> int:
    """How many features they make."""
    return 2 * sum(int(tap.shape[2]) for tap in taps[:-1]) + int(taps[-1].shape[2])


def make_look(spec: FeatureSpec, weights_file: str | None = None) -> Look:
    """What a frozen network sees in a picture; loads TensorFlow and the weights."""
    return _make_look(spec, weights_file, fingerprint(spec, weights_file))


@lru_cache(maxsize=1)
def _make_look(spec: FeatureSpec, weights_file: str | None, _made_with: str) -> Look:
    import tensorflow as tf

    from mlcore.backbone_building import build_taps

    model = build_taps(spec, weights_file)
    size = spec.size_px
    run: Any = tf.function(
        lambda pictures: model(tf.cast(pictures, tf.float32), training=False),
        [tf.TensorSpec((None, size, size, 3), tf.uint8)],
    )

    def look(picture: Pixels) -> Taps:
        found = run(picture[None])
        taps = found if isinstance(found, list | tuple) else [found]
        return [np.asarray(tap)[0] for tap in taps]

    return look
