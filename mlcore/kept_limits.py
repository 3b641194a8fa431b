"""What counts as yes for a run: as its training set it, or as a person kept it since.

What is kept stands in model.json in the place of the run's own, so that every reader
of the file uses it; the run's own stays beside it, to go back to. No TensorFlow.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from mlcore.config_training import THRESHOLDS
from mlcore.decisions import Limits
from mlcore.errors import PredictionError
from mlcore.model_json import MODEL_NAME, encode, read_model_json
from mlcore.prediction_service import usable_run_dir
from mlcore.thresholds import MISS_COST, RunLimits
from storage.files import write_durably
from storage.projects import Project

OWN_KEY = "own_thresholds"
BY_HAND = "by-hand"
RULES = (*THRESHOLDS, MISS_COST, BY_HAND)


def read_limits(facts: Mapping[str, Any]) -> RunLimits:
    """The limits that count for the run of this model.json, kept ones before its own.

    Raises `PredictionError` if they make no sense.
    """
    return _read(facts, facts)


def own_limits(facts: Mapping[str, Any]) -> RunLimits:
    """The limits the run was trained with, whatever a person kept."""
    return _read(facts.get(OWN_KEY, facts), facts)


def has_kept_limits(facts: Mapping[str, Any]) -> bool:
    """Whether a person kept other limits than the run's own."""
    return OWN_KEY in facts


def keep_limits(project: Project, run_id: str, wanted: RunLimits) -> None:
    """Let these limits count for the run from now on, here and wherever it goes."""
    folder, facts = _model_of(project, run_id)
    labels = len(facts["labels"])
    if wanted.rule not in RULES or len(wanted.limits.thresholds) != labels:
        raise PredictionError(
            f"{len(wanted.limits.thresholds)} thresholds by the rule {wanted.rule!r} "
            f"do not fit run {run_id} with {labels} labels. Rules: {', '.join(RULES)}."
        )
    own = own_limits(facts)
    if wanted == own:
        drop_kept_limits(project, run_id)
        return
    _write(folder, facts | {OWN_KEY: own.as_json()} | wanted.as_json())


def drop_kept_limits(project: Project, run_id: str) -> None:
    """Go back to the limits the run was trained with; harmless without kept ones."""
    folder, facts = _model_of(project, run_id)
    if OWN_KEY in facts:
        own = facts.pop(OWN_KEY)
        _write(folder, facts | own)


def _model_of(project: Project, run_id: str) -> tuple[Path, dict[str, Any]]:
    folder = usable_run_dir(project, run_id)
    return folder, read_model_json(folder)


def _write(folder: Path, facts: dict[str, Any]) -> None:
    write_durably(folder / MODEL_NAME, encode(facts))


def _read(said: Mapping[str, Any], facts: Mapping[str, Any]) -> RunLimits:
    try:
        limits = Limits.of(np.asarray(said["thresholds"], float), len(facts["labels"]))
        limits = replace(limits, top_k=int(said.get("top_k", 0)))
        # Earlier versions knew one threshold for all and no rule.
        rule = str(said.get("threshold_rule", "fixed"))
        return RunLimits(limits, rule, float(said.get("threshold_target", 0.9)))
    except (KeyError, TypeError, ValueError) as error:
        raise PredictionError(
            f"The thresholds of this model cannot be understood ({error!r}). "
            "Train a new run."
        ) from error
