"""The whole of a run as one keras model: pixels in, probabilities out.

Everything a run does to a picture, whatever kind it is, from uint8 RGB pixels to
probabilities as sure as they may be: what other programs need, and fast runtimes.
"""

from pathlib import Path
from typing import Any

import keras
from keras import ops

from mlcore.backbone_building import build_backbone
from mlcore.calibration import read_temperatures
from mlcore.config import TrainConfig
from mlcore.feature_model import read_spec
from mlcore.joint_heads import JointHeads
from mlcore.model_answers import FeatureAnswers
from mlcore.model_files import read_network, read_questions
from mlcore.model_json import check_files, config_of, read_model_json
from mlcore.whole_answers import (
    Shares,
    answer_labels,
    questions_of_output,
    to_probabilities,
)
from mlcore.whole_colours import as_gray, describe_colours
from mlcore.whole_fusion import fused_shares
from mlcore.whole_heads import joint_shares, measure, plain_shares

PIXELS = "pixels"
# What it gives: of n pictures (n, L), and (n,) where the run knows it.
PROBABILITIES, UNSEEN, DISTANCES = "probabilities", "unseen", "distances"

Facts = dict[str, Any]


def build_whole_model(run_dir: Path) -> keras.Model:
    """A model from uint8 RGB pixels (n, s, s, 3) to a dict of float32 answers.

    "probabilities" (n, L) are what the predictor says to 1e-4; "unseen" (n,) and
    "distances" (n,) are there where the run has them, as in ModelAnswers. Pictures are
    made with `dataset.fit_image` at model.json's image_size_px. Raises
    `PredictionError` if any file of the run was changed.
    """
    facts = read_model_json(run_dir)
    config = config_of(run_dir, facts)
    check_files(run_dir, facts)
    size = int(facts["image_size_px"])
    pixels = keras.Input((size, size, 3), dtype="uint8", name=PIXELS)
    pictures = ops.cast(pixels, "float32")
    is_headed = config.network == "features"
    read = _read_features if is_headed else _read_network
    shares, more = read(run_dir, facts, config, pictures)
    found = to_probabilities(shares, read_temperatures(facts))
    return keras.Model(pixels, {PROBABILITIES: found} | more)


def _read_network(
    run_dir: Path, facts: Facts, config: TrainConfig, pictures: Any
) -> tuple[list[Shares], dict[str, Any]]:
    network, fusion = read_network(run_dir, facts, config)
    raw = network(pictures, training=False)
    if fusion is not None:
        shares, unseen = fused_shares(fusion, raw)
        return shares, {UNSEEN: unseen}
    asked = questions_of_output(
        read_questions(facts), facts["output"], len(facts["labels"])
    )
    return answer_labels(asked, raw), {}


def _read_features(
    run_dir: Path, facts: Facts, config: TrainConfig, pictures: Any
) -> tuple[list[Shares], dict[str, Any]]:
    answers = FeatureAnswers(run_dir, facts)
    features = _look(run_dir, facts, config, pictures)
    more = {}
    if answers.novelty is not None:
        more[DISTANCES] = measure(answers.novelty, features)
    if isinstance(answers.heads, JointHeads):
        shares, more[UNSEEN] = joint_shares(answers.heads, features)
        return shares, more
    return plain_shares(answers.heads, features), more


def _look(run_dir: Path, facts: Facts, config: TrainConfig, pictures: Any) -> Any:
    """(n, d) the features of pictures, in the order of `features.make_extractor`."""
    spec = read_spec(run_dir, facts, config)
    backbone = build_backbone(spec, config.weights_file)
    if spec.view != "both":
        colours = [describe_colours(pictures, spec.size_px)] if spec.has_colours else []
        return _side_by_side([backbone(pictures, training=False), *colours])
    # Both pictures in one pass: converters then see the network once, not twice.
    size = spec.size_px
    pairs = ops.stack([pictures, as_gray(pictures)], axis=1)
    found = backbone(ops.reshape(pairs, (-1, size, size, 3)), training=False)
    found = ops.reshape(found, (-1, 2, found.shape[1]))
    colours = describe_colours(pictures, size)
    return _side_by_side([found[:, 0], colours, found[:, 1]])


def _side_by_side(parts: list[Any]) -> Any:
    return ops.concatenate(parts, axis=1) if len(parts) > 1 else parts[0]
