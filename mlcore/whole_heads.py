"""Heads on features inside a network's graph, plain ones and those that are joint."""

from typing import Any

import numpy as np
from keras import layers, ops

from mlcore.calibration import TINY
from mlcore.head_questions import slices_of
from mlcore.heads import Heads
from mlcore.joint_heads import JointHeads, Term
from mlcore.novelty import NEIGHBOUR, Novelty
from mlcore.whole_answers import Shares, answer, multiply


def plain_shares(heads: Heads, features: Any) -> list[Shares]:
    """What heads say to each of their questions."""
    x = features
    last = len(heads.layers) - 1
    for at, (weights, bias) in enumerate(heads.layers):
        x = multiply(x, weights, bias)
        x = x if at == last else ops.relu(x)
    pairs = zip(heads.questions, slices_of(heads.questions), strict=True)
    return [answer(question, x[:, own]) for question, own in pairs]


def joint_shares(heads: JointHeads, features: Any) -> tuple[list[Shares], Any]:
    """What joint heads say, and (n,) what goes to combinations never shown."""
    weights, bias = heads.layer
    logits = multiply(features, weights, bias)
    scores = [_weigh(heads, logits, term) for term in heads.terms]
    lifted = sum(scores[1:], scores[0]) / float(len(scores))
    lift = np.asarray(heads.lift * ~heads.table.seen[None], np.float32)
    posterior = ops.softmax(lifted + lift, axis=-1)
    found = {one.question.columns: one for one in plain_shares(heads.plain, features)}
    for at, question in enumerate(heads.table.questions):
        chosen = np.eye(question.width)[heads.table.combinations[:, at]]
        share = multiply(posterior, chosen)
        logs = ops.log(ops.maximum(share, TINY))
        found[question.columns] = Shares(question, logs)
    unseen = multiply(posterior, ~heads.table.seen[:, None])
    return list(found.values()), unseen[:, 0]


def _weigh(heads: JointHeads, logits: Any, term: Term) -> Any:
    """(n, K) log-probabilities of combinations by one evidence."""
    table, start, parts, picked = heads.table, term.start, [], []
    for at, question in enumerate(table.questions):
        part = logits[:, start : start + question.width]
        parts.append(part if term.correction is not None else _log_shares(part))
        picked.append(np.eye(question.width)[table.combinations[:, at]].T)
        start += question.width
    together = ops.concatenate(parts, axis=1)
    correction = None if term.correction is None else -term.correction
    scores = multiply(together, np.vstack(picked), correction)
    return scores if correction is None else _log_shares(scores)


def _log_shares(scores: Any) -> Any:
    return ops.log_softmax(scores, axis=-1)


def measure(novelty: Novelty, features: Any) -> Any:
    """(n,) distances of features (n, d), as Novelty measures them."""
    standard = _standardise(novelty, features)
    turned = multiply(standard, novelty.axes)
    rest = _squares(standard) - _squares(turned)
    own = ops.concatenate([turned, ops.sqrt(ops.maximum(rest, 0.0))], axis=1)
    rows = novelty.rows
    cross = multiply(own, -2 * rows.T, np.square(rows).sum(axis=1))
    place = min(NEIGHBOUR, len(rows))
    nearest, _ = ops.top_k(-(cross + _squares(own)), place)
    return ops.sqrt(ops.maximum(-nearest[:, place - 1], 0.0))


def _standardise(novelty: Novelty, features: Any) -> Any:
    # Inference of this layer is (x - mean) * scale, its numbers are weights.
    layer = layers.BatchNormalization(epsilon=0.0, dtype="float32", trainable=False)
    found = layer(features, training=False)
    nothing = np.zeros_like(novelty.mean)
    layer.set_weights([novelty.scale, nothing, novelty.mean, nothing + 1])
    return found


def _squares(values: Any) -> Any:
    return ops.sum(ops.square(values), axis=1, keepdims=True)
