"""Run folders of every kind of model, with random numbers: nothing is trained."""

from itertools import pairwise, product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mlcore.backbones import digest_weights, fetch_backbone_weights
from mlcore.calibration import ask_temperatures, temperatures_as_json
from mlcore.combination_table import groups_that_combine, make_table, read_values
from mlcore.config import TrainConfig
from mlcore.feature_model import heads_as_bytes, heads_facts, spec_of
from mlcore.head_questions import FREE, Question, count_logits
from mlcore.heads import Heads
from mlcore.joint_heads import JointHeads, Term
from mlcore.model_json import (
    HEADS_NAME,
    MODEL_NAME,
    WEIGHTS_NAME,
    describe_model,
    encode,
)
from mlcore.novelty import NOVELTY_NAME, learn_novelty, novelty_as_bytes
from mlcore.recipes import find_recipe
from mlcore.snapshot import Snapshot, SnapshotGroup, SnapshotLabel
from mlcore.two_branch_plan import BOTH, COLOUR, SHAPE, make_plan
from storage.files import write_durably

CONVNET = TrainConfig(
    image_size_px=16, conv_blocks="4,8", first_pool_px=2, head_units=8, pooling="max"
)
SCRATCH = find_recipe("compositional-scratch").config.with_changes(
    image_size_px=24, conv_blocks="4,8", head_units=8
)
QUICK = find_recipe("quick").config.with_changes(image_size_px=32)
JOINT = find_recipe("compositional").config.with_changes(image_size_px=32)

LABELS = ("red", "blue", "tall", "wide", "round", "striped")
FREE_LABEL = 5


def make_snapshot(config: TrainConfig, output: str, each: int = 4) -> Snapshot:
    """Two groups, exactly-one and at-most-one, and a free label; one pair unseen."""
    kinds = [k for k in product((0, 1), (2, 3, 4, None)) if k != (1, 4)] * each
    y = np.zeros((len(kinds), len(LABELS)), np.int8)
    for at, (colour, shape) in enumerate(kinds):
        y[at, [colour] if shape is None else [colour, shape]] = 1
        y[at, FREE_LABEL] = at % 3 == 0
    images = pd.DataFrame(
        {
            "image_id": np.arange(1, len(kinds) + 1),
            "sha256": [f"{at:064x}" for at in range(len(kinds))],
            "ext": "png",
            "split": ["train", "validation"] * (len(kinds) // 2),
        }
    )
    labels = [
        SnapshotLabel(11, "red", "colour"),
        SnapshotLabel(12, "blue", "colour"),
        *(SnapshotLabel(13 + at, LABELS[2 + at], "shape") for at in range(3)),
        SnapshotLabel(16, "striped", None),
    ]
    groups = (
        SnapshotGroup(1, "colour", "exactly-one", (11, 12)),
        SnapshotGroup(2, "shape", "at-most-one", (13, 14, 15)),
    )
    impossible: frozenset[tuple[int, ...]] = frozenset()
    return Snapshot(images, tuple(labels), groups, y, impossible, config, output, "ab")


def write_run(
    folder: Path, snapshot: Snapshot, files: dict[str, bytes], facts: dict[str, Any]
) -> Path:
    """A model folder whose groups are less, and more, sure than the network says."""
    folder.mkdir(parents=True, exist_ok=True)
    asked = ask_temperatures(snapshot.labels, snapshot.groups, snapshot.output)
    rows = temperatures_as_json(asked, snapshot.labels)
    for row, value in zip(rows, (0.8, 1.7, 1.3), strict=False):
        row["value"] = value
    more = {"best_epoch": 1, "temperatures": rows} | facts
    for name, content in files.items():
        write_durably(folder / name, content)
    described = describe_model(snapshot, more, files)
    write_durably(folder / MODEL_NAME, encode(described))
    return folder


def make_network_run(folder: Path, config: TrainConfig, output: str) -> Path:
    """A run of a trained network; with two branches where the config asks for them."""
    import keras

    from mlcore.two_branch_network import build_network

    snapshot, plan = make_snapshot(config, output), None
    if config.has_branches:
        words = [COLOUR] * 2 + [SHAPE] * 3 + [BOTH]
        plan = make_plan(words, snapshot.questions(), snapshot.y, [(1, 2)])
    keras.utils.set_random_seed(7)
    network = build_network(config, len(snapshot.labels), 10, plan)
    chance = np.random.default_rng(3)
    for variable in network.weights:
        # Batch norm that has seen something, and logits that tell labels apart.
        noise = chance.uniform(0.0, 0.3, variable.shape)
        variable.assign(np.asarray(variable) * 1.5 + noise)
    folder.mkdir(parents=True, exist_ok=True)
    network.save_weights(folder / WEIGHTS_NAME)
    files = {WEIGHTS_NAME: (folder / WEIGHTS_NAME).read_bytes()}
    return write_run(
        folder, snapshot, files, {"branches": plan.as_json()} if plan else {}
    )


def make_feature_run(folder: Path, config: TrainConfig, width: int) -> Path:
    """A run of heads on `width` frozen features: linear, hidden or joint ones."""
    snapshot = make_snapshot(config, "groups")
    questions = snapshot.questions()
    chance = np.random.default_rng(5)
    sizes = [width, count_logits(questions)]
    if config.feature_head == "hidden":
        sizes.insert(1, 16)
    layers = tuple(_random_layer(chance, *pair) for pair in pairwise(sizes))
    heads: Heads | JointHeads = Heads(questions, layers, (1.0,) * len(questions))
    if config.feature_head == "joint":
        heads = _joint(heads, snapshot, questions, chance)
    features = chance.random((60, width)).astype(np.float32)
    novelty = learn_novelty(features, features, 1)
    assert novelty is not None
    files = {HEADS_NAME: heads_as_bytes(heads), NOVELTY_NAME: novelty_as_bytes(novelty)}
    digest = digest_weights(fetch_backbone_weights(config.backbone))
    return write_run(
        folder, snapshot, files, heads_facts(heads, spec_of(config), digest)
    )


def _joint(
    plain: Heads,
    snapshot: Snapshot,
    questions: tuple[Question, ...],
    chance: np.random.Generator,
) -> JointHeads:
    asked = groups_that_combine(questions)
    table = make_table(asked, read_values(asked, snapshot.y))
    assert table is not None and not table.seen.all()
    each = sum(q.width for q in questions if q.kind != FREE)
    layer = _random_layer(chance, plain.width, 2 * each)
    correction = chance.normal(size=len(table.seen))
    return JointHeads(plain, layer, table, (Term(0, correction), Term(each)), 0.7)


def _random_layer(
    chance: np.random.Generator, width: int, out: int
) -> tuple[np.ndarray, np.ndarray]:
    weights = chance.normal(size=(width, out), scale=6 / np.sqrt(width))
    return weights.astype(np.float32), chance.normal(size=out).astype(np.float32)
