"""Heads that weigh combinations answer what training never showed."""

from itertools import product

import numpy as np
import pytest
from scipy.special import logsumexp

from mlcore.colour_features import WIDTH
from mlcore.combination_table import CombinationTable, make_table, read_values
from mlcore.feature_model import heads_as_bytes, heads_facts
from mlcore.feature_spec import FeatureSpec
from mlcore.head_questions import Question
from mlcore.heads import HeadSettings
from mlcore.joint_fit import JointFitting
from mlcore.joint_heads import JointHeads
from mlcore.joint_solver import correct_for_shown, solve_joint
from mlcore.joint_training import Composed, Material, can_compose, compose_heads
from mlcore.joint_views import ALL, DIFFERENCE, select_view, unfold_view

COLOUR, GARMENT = Question("exactly-one", (0, 1, 2)), Question("exactly-one", (3, 4, 5))
NET = 30
MISSING = ((0, 0), (0, 1))


def make_material(
    missing: tuple[tuple[int, int], ...], each: int = 60, seed: int = 0
) -> tuple[Material, np.ndarray]:
    """Pictures of 3 x 3 combinations: the network mixes colour and garment.

    Its gray features know the garment only; the last columns are the colours.
    """
    chance = np.random.default_rng(seed)
    values = np.array([c for c in product(range(3), range(3)) for _ in range(each)])
    # The network is made once: seeds differ in pictures only.
    made = np.random.default_rng(99)
    shape, tint, both = made.standard_normal((3, 9, NET))
    place = values[:, 0] * 3 + values[:, 1]
    gray = shape[values[:, 1]] + chance.normal(0, 1.0, (len(values), NET))
    net = gray + tint[values[:, 0]] + 0.8 * both[place]
    net += chance.normal(0, 0.5, net.shape)
    colours = np.zeros((len(values), WIDTH))
    colours[np.arange(len(values)), values[:, 0]] = 1
    colours[:, :6] += chance.normal(0, 0.3, (len(values), 6))
    x = np.hstack([net, colours, gray]).astype(np.float32)
    y = np.zeros((len(values), 6), np.int8)
    y[np.arange(len(y)), values[:, 0]] = 1
    y[np.arange(len(y)), 3 + values[:, 1]] = 1
    is_missing = np.array([tuple(v) in missing for v in values])
    return Material(x, y, (COLOUR, GARMENT)), is_missing


def compose(material: Material, train: np.ndarray) -> Composed:
    nobody = np.zeros(0, np.intp)
    settings = HeadSettings(regularisation=0.03)
    found = compose_heads(material, train, nobody, settings, lambda done, total: None)
    assert found is not None
    return found


def count_exact(probabilities: np.ndarray, y: np.ndarray) -> float:
    said = np.stack(
        [probabilities[:, q].argmax(axis=1) for q in ([0, 1, 2], [3, 4, 5])]
    )
    truth = np.stack([y[:, q].argmax(axis=1) for q in ([0, 1, 2], [3, 4, 5])])
    return float((said == truth).all(axis=0).mean())


@pytest.fixture(scope="module")
def composed() -> Composed:
    material, is_missing = make_material(MISSING)
    return compose(material, np.flatnonzero(~is_missing))


def test_combinations_never_shown_are_read_right_where_plain_heads_fail(
    composed: Composed,
) -> None:
    fresh, is_missing = make_material(MISSING, seed=1)
    x, y = fresh.x[is_missing], fresh.y[is_missing]

    plain = count_exact(composed.heads.plain.probabilities(x), y)
    ours = count_exact(composed.heads.probabilities(x), y)

    assert ours > 0.8
    assert ours > plain + 0.2


def test_seen_combinations_lose_next_to_nothing(composed: Composed) -> None:
    fresh, is_missing = make_material(MISSING, seed=2)
    x, y = fresh.x[~is_missing], fresh.y[~is_missing]

    plain = count_exact(composed.heads.plain.probabilities(x), y)

    assert count_exact(composed.heads.probabilities(x), y) >= plain - 0.02


def test_what_goes_to_unseen_combinations_tells_them_apart(composed: Composed) -> None:
    fresh, is_missing = make_material(MISSING, seed=3)

    unseen = composed.heads.read(fresh.x)[1]

    limit = np.quantile(unseen[~is_missing], 0.95)
    assert (unseen[is_missing] > limit).mean() > 0.8


def test_probabilities_of_a_group_add_up_to_one(composed: Composed) -> None:
    found = composed.heads.probabilities(make_material(())[0].x)

    assert np.allclose(found[:, :3].sum(axis=1), 1, atol=1e-5)
    assert np.allclose(found[:, 3:].sum(axis=1), 1, atol=1e-5)


def test_every_combination_that_can_be_spared_was_left_out(composed: Composed) -> None:
    studied = composed.studied

    assert len(studied.trials) + len(studied.refused) == 7
    assert all(trial.images == 60 for trial in studied.trials)
    # Colour 0 is only seen with garment 2: without it, it would vanish.
    assert [tuple(studied.table.combinations[p]) for p in studied.refused] == [(0, 2)]


def test_heads_are_the_same_after_they_were_written_and_read(
    composed: Composed, tmp_path
) -> None:
    from mlcore.feature_model import read_heads
    from mlcore.model_json import HEADS_NAME

    (tmp_path / HEADS_NAME).write_bytes(heads_as_bytes(composed.heads))
    facts = heads_facts(composed.heads, FeatureSpec(view="both"), "digest")

    found = read_heads(tmp_path, facts)

    x = make_material(())[0].x
    assert isinstance(found, JointHeads)
    for mine, theirs in zip(composed.heads.read(x), found.read(x), strict=True):
        assert np.array_equal(mine, theirs)


def test_what_cannot_exist_is_never_answered() -> None:
    material, is_missing = make_material(MISSING)
    bound = Material(material.x, material.y, material.questions, ((0, 3),))

    heads = compose(bound, np.flatnonzero(~is_missing)).heads

    assert (0, 0) not in {tuple(c) for c in heads.table.combinations.tolist()}


def test_half_known_pictures_are_no_obstacle() -> None:
    material, is_missing = make_material(MISSING)
    y = material.y.copy()
    y[::7, :3] = -1
    y[::11] = -1

    found = compose(
        Material(material.x, y, material.questions), np.flatnonzero(~is_missing)
    )

    assert count_exact(found.heads.probabilities(material.x), material.y) > 0.8


def test_one_group_or_free_labels_make_no_combinations() -> None:
    assert not can_compose([COLOUR, Question("free", (3,))])
    assert make_table([COLOUR], np.zeros((3, 1), np.intp)) is None
    assert can_compose([COLOUR, GARMENT])


def test_a_group_that_may_have_none_has_one_value_more() -> None:
    maybe = Question("at-most-one", (3, 4))
    y = np.array([[1, 0, 0, 0, 0], [0, 1, 0, 1, 0], [0, 0, 1, -1, 0]], np.int8)

    values = read_values((COLOUR, maybe), y)

    assert values.tolist() == [[0, 2], [1, 0], [2, -1]]
    table = make_table((COLOUR, maybe), values)
    assert table is not None
    assert table.columns_of((0, 2)) == (0,)


def test_thousands_of_values_are_cut_to_the_likeliest() -> None:
    wide = (Question("exactly-one", tuple(range(200))),)
    wide += (Question("exactly-one", tuple(range(200, 400))),)
    values = np.random.default_rng(0).integers(0, 200, (500, 2))

    table = make_table(wide, values)

    assert table is not None
    assert len(table.combinations) <= 4096 + 500
    assert (table.places_of(values) >= 0).all()


def test_the_joint_loss_has_its_least_where_its_formula_says() -> None:
    """An oracle: the loss written out once more, and its slope by differences."""
    material, is_missing = make_material(MISSING, each=10)
    fitting = JointFitting(material.x, material.y, (COLOUR, GARMENT), lambda: None)
    rows = np.flatnonzero(~is_missing)
    table = make_table((COLOUR, GARMENT), fitting.values[rows])
    assert table is not None
    shown = table.shown
    places = np.array([shown.tolist().index(v) for v in fitting.values[rows].tolist()])
    axes = [fitting.axes(ALL).rows(rows)] * 2
    found = solve_joint(axes, shown, places, (3, 3), 0.5, lambda: None)

    def measure(move: float) -> float:
        weights = [w.copy() for w in found.weights]
        weights[0][0, 0] += move
        logits = [axes[0].turned @ w for w in weights]
        scores = logits[0][:, shown[:, 0]] + logits[1][:, shown[:, 1]] + found.bias
        loss = (logsumexp(scores, axis=1) - scores[np.arange(len(rows)), places]).sum()
        return float(loss + 0.25 * sum((w**2).sum() for w in weights))

    assert measure(0) <= measure(0.05)
    assert measure(0) <= measure(-0.05)
    assert abs(measure(0.01) - measure(-0.01)) / 0.02 < 0.05


def test_the_correction_is_the_mean_of_its_formula() -> None:
    chance = np.random.default_rng(0)
    evidence = [chance.normal(size=(20, 2)), chance.normal(size=(20, 3))]
    combinations = np.array(list(product(range(2), range(3))))
    shown, bias = combinations[[0, 2, 4]], np.array([0.1, -0.2, 0.3])

    found = correct_for_shown(evidence, shown, bias, combinations)

    scores = evidence[0][:, combinations[:, 0]] + evidence[1][:, combinations[:, 1]]
    beside = scores[:, [0, 2, 4]] + bias
    whole = np.log(np.exp(beside).sum(axis=1))
    assert np.allclose(found, np.log(np.exp(scores - whole[:, None]).mean(axis=0)))


def test_weights_of_a_view_are_the_same_on_features_as_they_come() -> None:
    x = make_material((), each=2)[0].x
    chance = np.random.default_rng(0)
    for view in (ALL, DIFFERENCE):
        seen = select_view(x, view)
        weights = chance.normal(size=(seen.shape[1], 3)).astype(np.float32)
        unfolded = unfold_view(weights, view, x.shape[1])
        assert np.allclose(seen @ weights, x @ unfolded, atol=1e-3)


def test_a_table_finds_the_places_of_values() -> None:
    combinations = np.array([[0, 0], [1, 2], [2, 1]])
    table = CombinationTable((COLOUR, GARMENT), combinations, np.ones(3, bool))

    found = table.places_of(np.array([[1, 2], [0, 0], [0, 1], [-1, 2]]))

    assert found.tolist() == [1, 0, -1, -1]
    assert table.without((1, 2)).seen.tolist() == [True, False, True]
