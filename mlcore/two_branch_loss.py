"""The loss of two branches in the graph: one choice of each group, free labels alone.

A picture with a half-known group counts too: what is possible shares the blame.
"""

from collections.abc import Sequence

import tensorflow as tf

from mlcore.head_questions import AT_MOST_ONE, FREE, Question

# Instead of minus infinity, whose slope is not a number.
IMPOSSIBLE = -1e9


def branch_loss(
    logits: tf.Tensor, y: tf.Tensor, questions: Sequence[Question]
) -> tf.Tensor:
    """The summed loss of logits (n, L) by answers int8 (n, L) of 1, 0 and -1."""
    losses = [
        _loss_of_free(logits, y, question.columns[0])
        if question.kind == FREE
        else _loss_of_group(logits, y, question)
        for question in questions
    ]
    return tf.add_n(losses)


def _loss_of_free(logits: tf.Tensor, y: tf.Tensor, column: int) -> tf.Tensor:
    own, said = y[:, column], logits[:, column]
    losses = tf.nn.sigmoid_cross_entropy_with_logits(
        tf.cast(own == 1, tf.float32), said
    )
    return tf.reduce_sum(losses * tf.cast(own >= 0, tf.float32))


def _loss_of_group(logits: tf.Tensor, y: tf.Tensor, question: Question) -> tf.Tensor:
    columns = list(question.columns)
    own, said = tf.gather(y, columns, axis=1), tf.gather(logits, columns, axis=1)
    yes = tf.equal(own, 1)
    has_yes = tf.reduce_any(yes, axis=1, keepdims=True)
    possible = tf.where(has_yes, yes, own != 0)
    if question.kind == AT_MOST_ONE:
        # "None of them" has the logit 0.
        said = tf.pad(said, [[0, 0], [0, 1]])
        possible = tf.concat([possible, ~has_yes], axis=1)
    known = tf.reduce_any(possible, axis=1)
    part = tf.reduce_logsumexp(tf.where(possible, said, IMPOSSIBLE), axis=1)
    losses = tf.reduce_logsumexp(said, axis=1) - part
    # Rows that break their rule have no possible answer.
    return tf.reduce_sum(tf.where(known, losses, 0.0))
