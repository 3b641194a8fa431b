"""Two branches: what may answer a group, how answers are joined, unseen ones found."""

from itertools import product

import numpy as np
import pytest
from scipy import special

from mlcore.combination_table import read_values
from mlcore.epoch_scores import Scoring, score
from mlcore.errors import PredictionError
from mlcore.head_questions import AT_MOST_ONE, FREE, ONE, Question
from mlcore.two_branch_evidence import choose_evidence
from mlcore.two_branch_fusion import FACT, Fusion, read_fusion
from mlcore.two_branch_plan import (
    BOTH,
    COLOUR,
    SHAPE,
    TwoBranchPlan,
    make_plan,
)

COLOURS = ((220, 40, 40), (40, 60, 220), (40, 190, 60))
SIDE_PX = 24
# Colour, shape, and whether there is a white dot: in two groups and a free label.
QUESTIONS = (Question(ONE, (0, 1, 2)), Question(ONE, (3, 4, 5)), Question(FREE, (6,)))
LEFT_OUT = (0, 1)


def draw(colour: int, shape: int, has_dot: bool, seed: int) -> np.ndarray:
    """A thing somewhere on noise: a bar that stands, one that lies, or a square."""
    rng = np.random.default_rng(seed)
    picture = rng.integers(90, 160, (SIDE_PX, SIDE_PX, 3)).astype(np.uint8)
    height, width = ((18, 4), (4, 18), (10, 10))[shape]
    top, left = (rng.integers(1, SIDE_PX - side) for side in (height, width))
    shade = rng.uniform(0.7, 1.1)
    filled = np.clip(np.array(COLOURS[colour]) * shade, 0, 255)
    picture[top : top + height, left : left + width] = filled
    if has_dot:
        picture[top : top + 2, left : left + 2] = 255
    return picture


def draw_all(each: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Pictures and answers (n, 7), `each` of every colour and shape."""
    kinds = list(product(range(3), range(3))) * each
    dots = np.random.default_rng(seed).random(len(kinds)) < 0.5
    drawn = zip(kinds, dots, strict=True)
    pixels = [draw(*kind, dot, seed + at) for at, (kind, dot) in enumerate(drawn)]
    y = np.zeros((len(kinds), 7), np.int8)
    for at, ((colour, shape), dot) in enumerate(zip(kinds, dots, strict=True)):
        y[at, [colour, 3 + shape]] = 1
        y[at, 6] = dot
    return np.stack(pixels), y


def is_left_out(y: np.ndarray) -> np.ndarray:
    return (y[:, LEFT_OUT[0]] == 1) & (y[:, 3 + LEFT_OUT[1]] == 1)


def test_colour_is_told_by_colour_and_shape_by_shape() -> None:
    pixels, y = draw_all(each=20)
    rest = ~is_left_out(y)
    expected = (COLOUR,) * 3 + (SHAPE,) * 3 + (BOTH,)
    assert choose_evidence(pixels[rest], y[rest], QUESTIONS) == expected


def test_groups_of_nothing_and_lone_groups_may_use_everything() -> None:
    pixels, y = draw_all(each=6)
    shuffled = y[np.random.default_rng(0).permutation(len(y))]
    assert set(choose_evidence(pixels, shuffled, QUESTIONS)) == {BOTH}
    one = (QUESTIONS[0], *(Question(FREE, (at,)) for at in range(3, 7)))
    assert set(choose_evidence(pixels, y, one)) == {BOTH}


def test_where_nothing_can_be_left_out_everything_may_be_used() -> None:
    pixels, y = draw_all(each=4)
    alike = (y[:, :3] == y[:, 3:6]).all(axis=1)
    assert set(choose_evidence(pixels[alike], y[alike], QUESTIONS)) == {BOTH}


def joint_by_hand(
    raw: np.ndarray, questions: list[Question], plan: TwoBranchPlan
) -> tuple[list[np.ndarray], float]:
    """What one picture's logits say, combination by combination."""

    def shares(half: np.ndarray) -> list[np.ndarray]:
        own = [half[list(q.columns)] for q in questions]
        return [
            special.softmax(np.append(o, 0.0) if q.kind == AT_MOST_ONE else o)
            for q, o in zip(questions, own, strict=True)
        ]

    plain, branches = shares(raw[: len(raw) // 2]), shares(raw[len(raw) // 2 :])
    weights, agreed = {}, {}
    for z in product(*(range(q.width) for q in questions)):
        alone = float(np.prod([s[v] for s, v in zip(branches, z, strict=True)]))
        if z in plan.seen:
            agreed[z] = float(np.prod([s[v] for s, v in zip(plain, z, strict=True)]))
            weights[z] = alone
        elif z not in plan.impossible:
            weights[z] = alone * np.exp(plan.offset)
    trained = sum(weights[z] for z in agreed)
    for z, value in agreed.items():
        weights[z] = trained * value / sum(agreed.values())
    total = sum(weights.values())
    found = [np.zeros(q.width) for q in questions]
    for z, weight in weights.items():
        for at, v in enumerate(z):
            found[at][v] += weight / total
    return found, 1 - trained / total


@pytest.mark.parametrize("offset", [-3.0, 0.0, 1.5])
def test_joined_answers_are_those_counted_combination_by_combination(
    offset: float,
) -> None:
    rng = np.random.default_rng(4)
    questions = [Question(ONE, (0, 2, 4)), Question(AT_MOST_ONE, (1, 3))]
    y = np.array(
        [[1, 1, 0, 0, 0], [0, 0, 1, 1, 0], [0, 0, 0, 0, 1], [1, -1, 0, -1, 0]], np.int8
    )
    # Of label 2 and label 1: the second choice of one, the first of the other.
    plan = make_plan([BOTH] * 5, questions, y, [(2, 1)]).with_offset(offset)
    assert plan.seen == ((0, 0), (1, 1), (2, 2)) and plan.impossible == ((1, 0),)
    fusion = Fusion(plan, questions)
    raw = rng.normal(0, 3, (6, 10)).astype(np.float32)
    logits, unseen = fusion.logits(raw), fusion.unseen_share(raw)
    for row in range(6):
        (one, at_most), share = joint_by_hand(raw[row], questions, plan)
        assert special.softmax(logits[row, [0, 2, 4]]) == pytest.approx(one, abs=1e-5)
        some = special.softmax(np.append(logits[row, [1, 3]], 0.0))
        assert some == pytest.approx(at_most, abs=1e-5)
        assert unseen[row] == pytest.approx(share, abs=1e-5)


def test_sure_and_right_answers_have_a_loss_near_nothing() -> None:
    y = np.array([[1, 0, 0, 1, 0, 0, 1], [0, 1, 0, 0, 0, 1, 0]], np.int8)
    fusion = Fusion(make_plan([BOTH] * 7, QUESTIONS, y, []), QUESTIONS)
    raw = np.tile(np.where(y == 1, 12, -12), 2).astype(np.float32)
    assert score(fusion.logits(raw), y, Scoring("groups"))["loss"] < 1e-3
    assert score(fusion.logits(-raw), y, Scoring("groups"))["loss"] > 3


def test_a_plan_is_read_as_it_was_written_and_refused_when_it_does_not_fit() -> None:
    _, y = draw_all(each=2)
    plan = make_plan([COLOUR] * 3 + [SHAPE] * 3 + [BOTH], QUESTIONS, y, [])
    assert TwoBranchPlan.from_json(plan.as_json(), 7) == plan
    labels = [{"label_id": at} for at in range(7)]
    facts = {"labels": labels, FACT: plan.as_json()}
    found = read_fusion(facts, QUESTIONS)
    assert found is not None and found.plan == plan
    assert read_fusion({"labels": labels}, QUESTIONS) is None
    for wrong in (
        {"evidence": ["taste"] * 7},
        {"evidence": [BOTH]},
        {"seen": [[0, 9]]},
        {"seen": [[0]]},
        {"offset": "much"},
    ):
        with pytest.raises(PredictionError):
            read_fusion(facts | {FACT: plan.as_json() | wrong}, QUESTIONS)


def test_half_answered_groups_belong_to_no_combination() -> None:
    y = np.array([[1, 0, 0, -1, -1, 0, 1], [-1, 0, 1, 0, 0, -1, 0]], np.int8)
    assert read_values(QUESTIONS[:2], y).tolist() == [[0, -1], [2, -1]]
