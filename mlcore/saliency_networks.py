"""Where a trained network looks: the slope of a label by its last convolutions.

Grad-CAM with every place's own slope instead of their mean (HiResCAM, Draelos & Carin
2020): these networks mostly flatten, so a place has a slope of its own, and with the
mean a corner would light up for what lies in another one.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from mlcore.architectures import describe
from mlcore.config import TrainConfig
from mlcore.dataset import Pixels
from mlcore.epoch_scores import to_probabilities
from mlcore.head_questions import AT_MOST_ONE, FREE, Question
from mlcore.head_solver import Doubles, Floats
from mlcore.model_files import read_network
from mlcore.model_reading import read_questions
from mlcore.saliency_maps import Evidence, resize
from mlcore.saliency_slopes import against_rivals
from mlcore.two_branch_fusion import Fusion
from mlcore.two_branch_network import COLOUR_FILTERS

# How far a logit is moved to see what it does.
STEP = 0.05


class NetworkLight:
    """A network cut at its last convolutions: forward once, back for each label."""

    def __init__(self, run_dir: Path, facts: dict[str, Any], config: TrainConfig):
        """Of a run whose files were checked; PredictionError if it cannot be read."""
        self.output = str(facts["output"])
        self.questions = read_questions(facts)
        model, self.fusion = read_network(run_dir, facts, config)
        self.setup(model, config)

    @classmethod
    def of_model(
        cls,
        model: keras.Model,
        config: TrainConfig,
        questions: Sequence[Question],
        fusion: Fusion | None = None,
    ) -> "NetworkLight":
        """A network that answers each question, not from a run."""
        found = cls.__new__(cls)
        found.output, found.questions, found.fusion = "groups", list(questions), fusion
        found.setup(model, config)
        return found

    def setup(self, model: keras.Model, config: TrainConfig) -> None:
        """Cut the network in two where places are still told apart."""
        names = last_convolutions(config, self.fusion)
        cuts = [model.get_layer(name).output for name in names]
        self.trunk = keras.Model(model.input, cuts)
        self.tail = keras.Model(cuts, model.output)

    def explain(self, picture: Pixels, columns: Sequence[int]) -> list[Evidence]:
        """The evidence for each label in a picture uint8 (s, s, 3)."""
        images = tf.cast(picture[None], tf.float32)
        found = self.trunk(images, training=False)
        cuts = [
            tf.convert_to_tensor(x) for x in (found if _is_many(found) else [found])
        ]
        raw = np.asarray(self._answer(cuts))[0]
        slopes = [self.slope(raw, column) for column in columns]
        grown = [tf.repeat(cut, len(columns), axis=0) for cut in cuts]
        with tf.GradientTape() as tape:
            tape.watch(grown)
            leaning = tf.reduce_sum(self._answer(grown) * np.array(slopes, np.float32))
        by_places = tape.gradient(leaning, grown)
        parts = [
            (np.asarray(cut) * np.asarray(slope)).sum(axis=-1, dtype=np.float64)
            for cut, slope in zip(grown, by_places, strict=True)
        ]
        nothing = np.zeros((1, 1))
        return [
            Evidence(sum_up([part[at] for part in parts]), resize(nothing))
            for at in range(len(columns))
        ]

    def _answer(self, cuts: list[Any]) -> Any:
        return self.tail(cuts if len(cuts) > 1 else cuts[0], training=False)

    def slope(self, raw: Floats, column: int) -> Doubles:
        """The slope of a label's log-odds by what the network gives."""
        if self.fusion is None:
            return self._plain_slope(raw, column)
        moved = np.vstack([np.eye(len(raw)), -np.eye(len(raw))]) * STEP + raw
        logits = self.fusion.logits(moved.astype(np.float32))
        share = to_probabilities(logits, self.output, self.questions)[:, column]
        rise = share[: len(raw)].astype(np.float64) - share[len(raw) :]
        top = float(np.abs(rise).max())
        if top > 0:
            return np.asarray(rise / top)
        # As sure as float32 can say: both halves speak for themselves.
        labels = len(raw) // 2
        halves = [
            self._plain_slope(part, column) for part in (raw[:labels], raw[labels:])
        ]
        return np.concatenate(halves)

    def _plain_slope(self, logits: Floats, column: int) -> Doubles:
        found = np.zeros(len(logits))
        if self.output == "softmax":
            return against_rivals(logits.astype(np.float64), column)
        found[column] = 1.0
        if self.output == "sigmoid":
            return found
        own = next(q for q in self.questions if column in q.columns)
        if own.kind != FREE:
            columns = list(own.columns)
            part = logits[columns].astype(np.float64)
            if own.kind == AT_MOST_ONE:
                part = np.append(part, 0.0)  # "none of them" has the logit 0
            slope = against_rivals(part, columns.index(column))
            found[columns] = slope[: len(columns)]
        return found


def last_convolutions(config: TrainConfig, fusion: Fusion | None) -> list[str]:
    """The layers to cut at: one of each path from the picture to the answers."""
    blocks = describe(config).blocks
    last = f"block{len(blocks)}_conv{len(blocks[-1].filters)}"
    if fusion is None:
        return [last]
    evidence = fusion.plan.evidence
    return [
        last,
        *([f"shape_{last}"] if set(evidence) & {"shape", "both"} else []),
        *(
            [f"colour_conv{len(COLOUR_FILTERS)}"]
            if set(evidence) & {"colour", "both"}
            else []
        ),
    ]


def sum_up(parts: Sequence[npt.NDArray[np.float64]]) -> Doubles:
    """The evidence of several paths on one grid."""
    return np.asarray(np.sum([resize(part) for part in parts], axis=0))


def _is_many(found: Any) -> bool:
    return isinstance(found, list | tuple)
