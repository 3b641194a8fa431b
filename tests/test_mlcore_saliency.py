"""Why a run said so: slopes, evidence spread over pixels, where the maps light up."""

from dataclasses import replace

import numpy as np
import pytest

from mlcore.combination_table import CombinationTable
from mlcore.config import TrainConfig
from mlcore.feature_spec import FeatureSpec
from mlcore.head_questions import AT_MOST_ONE, FREE, ONE, Question
from mlcore.heads import Heads, HeadSettings, fit_heads
from mlcore.joint_heads import JointHeads, Term
from mlcore.quiet import import_tensorflow
from mlcore.saliency_features import FeatureLight, join_features, make_look, pool
from mlcore.saliency_maps import (
    GRID,
    resize,
    spread_colours,
    spread_taps,
    to_heat,
)
from mlcore.saliency_slopes import slope_of_features

QUESTIONS = (
    Question(ONE, (0, 1, 2)),
    Question(AT_MOST_ONE, (3, 4)),
    Question(FREE, (5,)),
)
COLOURS = {"red": (210, 30, 40), "blue": (30, 50, 210)}


def layer(chance: np.random.Generator, width: int, out: int) -> tuple:
    weights = chance.normal(size=(width, out)).astype(np.float32)
    return weights, chance.normal(size=out).astype(np.float32)


def make_heads(kind: str) -> Heads | JointHeads:
    chance = np.random.default_rng(4)
    logits = sum(question.width for question in QUESTIONS)
    if kind == "hidden":
        return Heads(QUESTIONS, (layer(chance, 9, 6), layer(chance, 6, logits)))
    plain = Heads(QUESTIONS, (layer(chance, 9, logits),))
    if kind == "linear":
        return plain
    combinations = np.array([(a, b) for a in range(3) for b in range(3)])
    seen = np.arange(9) % 4 > 0
    table = CombinationTable(QUESTIONS[:2], combinations, seen)
    terms = (Term(0), Term(6, chance.normal(size=9)))
    return JointHeads(plain, layer(chance, 9, 12), table, terms, -0.7)


@pytest.mark.parametrize("column", [1, 3, 5])
@pytest.mark.parametrize("kind", ["linear", "hidden", "joint"])
def test_the_slope_is_that_of_the_log_odds(kind: str, column: int) -> None:
    heads = make_heads(kind)
    x = np.random.default_rng(8).normal(size=9) * 0.4

    def log_odds(features: np.ndarray) -> float:
        p = float(heads.probabilities(features[None].astype(np.float32))[0, column])
        return float(np.log(p) - np.log1p(-p))

    step = 0.02 * np.eye(9)
    measured = [(log_odds(x + s) - log_odds(x - s)) / 0.04 for s in step]
    slope = slope_of_features(heads, x.astype(np.float32), column)
    assert slope == pytest.approx(measured, abs=0.02)


def test_evidence_sums_up_to_how_far_the_features_lean() -> None:
    chance = np.random.default_rng(2)
    taps = [chance.random((s, s, c), np.float32) for s, c in ((12, 4), (6, 5), (3, 7))]
    picture = chance.integers(0, 256, (40, 40, 3)).astype(np.uint8)
    spec = FeatureSpec(size_px=40)
    features = join_features([taps], picture, spec).astype(np.float64)
    width = len(pool(taps))
    slope, base = chance.normal(size=(2, len(features)))
    network = spread_taps(slope[:width], base[:width], taps)
    colours = spread_colours(slope[width:], base[width:], picture)
    assert network.shape == colours.shape == (GRID, GRID)
    leaning = slope * (features - base)
    assert network.sum() == pytest.approx(leaning[:width].sum(), rel=1e-4)
    assert colours.sum() == pytest.approx(leaning[width:].sum(), rel=1e-4)


def test_resizing_keeps_the_sum_and_the_strongest_place_is_full() -> None:
    values = np.zeros((7, 5))
    values[6, 0] = 3.0
    assert resize(values).sum() == pytest.approx(3.0)
    heat = to_heat(resize(values))
    assert heat.max() == 255 and heat[-3:, :8].max() == 255
    assert to_heat(np.ones((GRID, GRID))).max() == 0
    # A network that learned nothing: everywhere alike but for a corner.
    nearly_all = np.ones((GRID, GRID))
    nearly_all[-8:, -8:] = -5
    assert to_heat(nearly_all).max() == 0


def draw_square(colour: str, corner: int, size_px: int, seed: int) -> tuple:
    """A picture of noise with a coloured square in a corner, and where that is."""
    noise = np.random.default_rng(seed).integers(95, 160, (size_px, size_px, 1))
    picture = np.repeat(noise, 3, axis=2).astype(np.uint8)
    side = size_px // 3
    edge = size_px // 12
    top = edge if corner in (0, 1) else size_px - side - edge
    left = edge if corner in (0, 2) else size_px - side - edge
    place = np.s_[top : top + side, left : left + side]
    picture[place] = COLOURS[colour]
    where = np.zeros((size_px, size_px), bool)
    where[place] = True
    return picture, where


def make_squares(images: int, size_px: int) -> tuple:
    """Pictures, answers (n, 2), and where each one's square is."""
    names = list(COLOURS)
    drawn = [
        draw_square(names[at % 2], at // 2 % 4, size_px, at) for at in range(images)
    ]
    y = np.eye(2, dtype=np.int8)[np.arange(images) % 2]
    return np.stack([d[0] for d in drawn]), y, np.stack([d[1] for d in drawn])


def mass_on(heat: np.ndarray, where: np.ndarray) -> float:
    """The part of a map that lies on the square, or a cell's width beside it."""
    covered = resize(where.astype(np.float64)) > 0
    return float(heat[covered].sum() / max(1, heat.sum()))


def test_on_frozen_features_the_map_lies_on_the_square() -> None:
    import_tensorflow()
    from mlcore.features import make_extractor

    spec = FeatureSpec(size_px=64)
    pictures, y, where = make_squares(40, 64)
    x = make_extractor(spec)(pictures)
    questions = (Question(ONE, (0, 1)),)
    heads = fit_heads(x[:32], y[:32], questions, HeadSettings(regularisation=0.1))
    light = FeatureLight(spec, heads, make_look(spec), x[:32].mean(axis=0))
    shares = []
    for at in range(32, 40):
        column = int(y[at].argmax())
        [found] = light.explain(pictures[at], [column])
        leaning = slope_of_features(heads, x[at], column) @ (x[at] - light.usual)
        whole = found.network.sum() + found.colours.sum()
        assert whole == pytest.approx(leaning, rel=0.05, abs=0.02)
        shares.append(mass_on(to_heat(found.network + found.colours), where[at]))
        assert 0 < found.colour_share < 1
    # The square is a ninth of the picture.
    assert np.mean(shares) > 0.5, shares


def test_in_a_trained_network_the_map_lies_on_the_square() -> None:
    import_tensorflow()
    from mlcore.network import Network
    from mlcore.saliency_networks import NetworkLight

    config = replace(
        TrainConfig(),
        image_size_px=24,
        conv_blocks="8 8",
        first_pool_px=2,
        head_units=16,
        batch_size=16,
        learning_rate=0.01,
        conv_dropout=0.0,
        head_dropout=0.0,
    )
    pictures, y, where = make_squares(72, 24)
    network = Network(config, 2, "groups", 4)
    for step in range(60):
        rows = np.arange(16) + 16 * (step % 4)
        network.train(pictures[rows], y[rows], 1 + step // 4, step % 4)
    assert ((network.predict(pictures[64:]) > 0) == y[64:]).all()
    questions = (Question(ONE, (0, 1)),)
    light = NetworkLight.of_model(network.model, config, questions)
    shares = []
    for at in range(64, 72):
        [found] = light.explain(pictures[at], [int(y[at].argmax())])
        shares.append(mass_on(to_heat(found.network), where[at]))
    assert np.mean(shares) > 0.5, shares


def test_of_two_branches_every_path_from_the_picture_counts() -> None:
    import_tensorflow()
    from mlcore.saliency_networks import NetworkLight
    from mlcore.two_branch_fusion import Fusion
    from mlcore.two_branch_network import build_network
    from mlcore.two_branch_plan import TwoBranchPlan

    config = replace(
        TrainConfig(), image_size_px=24, conv_blocks="4 4", head_units=8, branches="two"
    )
    questions = (Question(ONE, (0, 1)), Question(ONE, (2, 3)))
    plan = TwoBranchPlan(("colour", "colour", "shape", "shape"), ((0, 0), (1, 1)))
    network = build_network(config, 4, 1, plan)
    fusion = Fusion(plan, questions)
    light = NetworkLight.of_model(network, config, questions, fusion)
    pictures, _, _ = make_squares(4, 24)
    found = light.explain(pictures[0], [0, 3])
    assert len(light.trunk.outputs) == 3
    assert all(np.isfinite(one.network).all() for one in found)
    assert all(np.abs(one.network).max() > 0 for one in found)
    sure = np.array([9, -90, 9, -90] * 2, np.float32)
    assert np.isfinite(light.slope(sure, 0)).all() and light.slope(sure, 0)[0] > 0
