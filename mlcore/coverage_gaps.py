"""Unlabelled images that, by the model, show a combination the project lacks."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mlcore.combinations import Combination
from mlcore.coverage_live import live_coverage
from storage.projects import Project
from storage.queue_rows import read_open_scores

# Beyond these the gain of one image is too small to rank them by.
GAPS_AT_MOST = 400
# Below this the model only does not rule the combination out.
LEAST_PROBABILITY = 0.1

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Gap:
    """A missing or thin combination; `need` is 1 when missing and falls with images."""

    combination: Combination
    need: float


@dataclass(frozen=True, slots=True)
class Filler:
    """The gap an image would fill most, and how probably it shows that combination."""

    gap: Gap
    probability: float


def list_gaps(project: Project) -> list[Gap]:
    """Combinations of two labels that are missing or thin, the worst first."""
    coverage = live_coverage(project)
    gaps = coverage.gaps[:GAPS_AT_MOST]
    worst = [*gaps, *coverage.thin[: GAPS_AT_MOST - len(gaps)]]
    return [Gap(found, 1 - found.count / coverage.thin_below) for found in worst]


def list_fillers(project: Project) -> list[int]:
    """Unlabelled images that may fill a gap: probability times need, best first."""
    gaps = list_gaps(project)
    if not gaps:
        return []
    ids: list[int] = []
    worths: list[float] = []
    for chunk, text in read_open_scores(project):
        probability = _probabilities(json.loads(text), gaps)
        worth = (probability * _needs(gaps)).max(axis=1)
        likely = probability.max(axis=1) >= LEAST_PROBABILITY
        ids += np.asarray(chunk)[likely].tolist()
        worths += worth[likely].tolist()
    order = np.argsort(-np.asarray(worths), kind="stable")
    return [ids[place] for place in order]


def best_fillers(
    project: Project, probabilities: dict[int, dict[int, float]]
) -> dict[int, Filler]:
    """For images with their probabilities by label: the gap each would fill most."""
    gaps = list_gaps(project)
    if not (gaps and probabilities):
        return {}
    texts = [{str(k): p for k, p in row.items()} for row in probabilities.values()]
    table = _probabilities(texts, gaps)
    best = (table * _needs(gaps)).argmax(axis=1)
    return {
        image_id: Filler(gaps[place], float(row[place]))
        for image_id, place, row in zip(probabilities, best, table, strict=True)
        if row[place] > 0
    }


def _needs(gaps: Sequence[Gap]) -> Floats:
    return np.array([gap.need for gap in gaps], np.float32)


def _probabilities(rows: list[dict[str, float]], gaps: Sequence[Gap]) -> Floats:
    """One row an image, one column a gap: that all its labels are on the image.

    Groups are taken as independent, as the model answers them one by one.
    """
    keys = sorted({str(i) for gap in gaps for i in gap.combination.label_ids})
    columns = {key: place for place, key in enumerate(keys)}
    table = np.array([[row.get(key, 0.0) for key in keys] for row in rows], np.float32)
    parts = np.array([[columns[str(i)] for i in g.combination.label_ids] for g in gaps])
    found: Floats = table[:, parts[:, 0]]
    for place in range(1, parts.shape[1]):
        found = found * table[:, parts[:, place]]
    return found
