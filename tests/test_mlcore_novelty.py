"""Distances from the training pictures, on made-up features."""

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from mlcore.errors import PredictionError
from mlcore.feature_model import heads_as_bytes
from mlcore.head_questions import Question
from mlcore.heads import Heads
from mlcore.model_answers import FeatureAnswers
from mlcore.model_json import HEADS_NAME
from mlcore.novelty import (
    NOVELTY_NAME,
    learn_novelty,
    novelty_as_bytes,
    read_novelty,
)

WIDTH = 30


def draw(images, seed, lift=0.0):
    """Pictures near a plane of four directions; `lift` moves them off it."""
    plane = np.random.default_rng(0).normal(size=(4, WIDTH))
    chance = np.random.default_rng(seed)
    found = chance.normal(size=(images, 4)) @ plane
    found += chance.normal(0, 0.3, (images, WIDTH))
    off = np.random.default_rng(9).normal(size=WIDTH)
    return (found + lift * off).astype(np.float32)


def share_far(novelty, features):
    return np.mean([novelty.judge(float(d)).far for d in novelty.measure(features)])


@pytest.fixture(scope="module")
def novelty():
    return learn_novelty(draw(600, 1), draw(300, 2), seed=1)


def test_pictures_like_those_of_training_are_rarely_far_and_others_are(novelty):
    assert share_far(novelty, draw(1000, 3)) <= 0.03
    assert share_far(novelty, draw(200, 4, lift=3)) == 1
    assert share_far(novelty, 5 * draw(200, 5)) >= 0.9


def test_the_percentile_is_the_share_of_held_out_pictures_that_are_nearer(novelty):
    own = novelty.measure(draw(300, 2))
    found = novelty.judge(float(np.median(own)))
    assert found.percentile == pytest.approx(0.5, abs=0.01) and not found.far
    assert novelty.judge(1e6).percentile == 1 and novelty.judge(1e6).far


def test_a_distance_is_that_to_the_fifth_nearest_training_picture(novelty):
    # all 30 directions fit into the axes: standardised distances, nothing left over
    train, new = draw(600, 1), draw(50, 6)
    scale = train.std(axis=0) * np.sqrt(WIDTH)
    nearest = NearestNeighbors(n_neighbors=5).fit(train / scale)
    expected = nearest.kneighbors(new / scale)[0][:, 4]
    assert novelty.measure(new) == pytest.approx(expected, abs=0.01)


def test_without_held_out_pictures_the_training_pictures_tell_what_is_usual():
    alone = learn_novelty(draw(600, 1), draw(0, 2), seed=1)
    assert share_far(alone, draw(1000, 3)) <= 0.03
    assert share_far(alone, draw(200, 4, lift=3)) == 1
    assert learn_novelty(draw(49, 1), draw(300, 2), seed=1) is None


def test_features_that_never_vary_and_many_of_them_do_no_harm():
    flat = np.ones((60, WIDTH), np.float32)
    assert not share_far(learn_novelty(flat, flat, seed=1), flat)
    wide = np.random.default_rng(1).normal(size=(2500, 200)).astype(np.float32)
    found = learn_novelty(wide, wide, seed=1)
    assert found.axes.shape == (200, 64) and len(found.rows) == 2000


def test_a_run_measures_distances_only_with_a_file_its_description_lists(
    novelty, tmp_path
):
    columns = (0, 1, 2)
    weights = np.eye(WIDTH, 3, dtype=np.float32)
    heads = Heads((Question("exactly-one", columns),), ((weights, weights[0]),))
    (tmp_path / HEADS_NAME).write_bytes(heads_as_bytes(heads))
    (tmp_path / NOVELTY_NAME).write_bytes(novelty_as_bytes(novelty))
    facts = {
        "labels": [{"label_id": n} for n in columns],
        "questions": [{"kind": "exactly-one", "columns": columns}],
        "files": {HEADS_NAME: ""},
    }
    older = FeatureAnswers(tmp_path, facts)
    assert older.novelty is None and older(draw(5, 3)).distances is None
    row = {"group": "a", "kind": "exactly-one", "label_ids": columns}
    facts["temperatures"] = [row | {"value": 2.0, "images": 99}]
    facts["files"][NOVELTY_NAME] = ""
    newer = FeatureAnswers(tmp_path, facts)
    found, before = newer(draw(5, 3)), older(draw(5, 3)).probabilities
    assert (found.distances == novelty.measure(draw(5, 3))).all()
    assert found.unseen is None
    square_roots = np.sqrt(before) / np.sqrt(before).sum(axis=1, keepdims=True)
    assert found.probabilities == pytest.approx(square_roots, abs=1e-5)


def test_it_is_kept_as_plain_numbers_and_a_damaged_file_is_refused(novelty, tmp_path):
    assert read_novelty(tmp_path, WIDTH) is None
    path = tmp_path / NOVELTY_NAME
    path.write_bytes(novelty_as_bytes(novelty))
    kept = read_novelty(tmp_path, WIDTH)
    assert (kept.measure(draw(9, 3)) == novelty.measure(draw(9, 3))).all()
    with pytest.raises(PredictionError, match="do not fit the model"):
        read_novelty(tmp_path, WIDTH + 1)
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(PredictionError, match="Train again"):
        read_novelty(tmp_path, WIDTH)
