"""A small search: a few sizes, rates and strengths of augmentation, tried as runs.

Every try is an ordinary queued run. Where epochs are many, each is first tried for a
third of them, and only the best third of the tries is then trained whole.
"""

import contextlib
import itertools
import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlcore import jobs
from mlcore.config import TrainConfig
from mlcore.config_fields import FIELDS_BY_NAME
from mlcore.config_kinds import Value
from mlcore.errors import ConfigError, MLError
from mlcore.run_compare import figure_of
from mlcore.run_series import submit_series
from storage.database import immediate
from storage.errors import StorageError
from storage.projects import Project, open_project, project_names
from storage.records import Epoch, Run
from storage.run_series import (
    Series,
    change_plan,
    create_series,
    get_series,
    list_series,
    runs_of_series,
)
from storage.runs import list_epochs

MOST_TRIES = 12
PART = 3
LEAST_EPOCHS_TO_SHORTEN = 6
LEAST_TRIES_TO_SHORTEN = 4
# Not a setting of its own: multiplies those below.
STRENGTH = "augmentation"
STRENGTHENED = (
    "rotation_deg",
    "shift",
    "shear_deg",
    "zoom",
    "brightness",
    "contrast",
)
AXES_OF_TRAINED = ("image_size_px", "learning_rate", STRENGTH)
AXES_OF_FEATURES = ("image_size_px", "regularisation")

Changes = dict[str, Value]


@dataclass(frozen=True, slots=True)
class Search:
    """What is to be tried; `short_epochs` is 0 where every try is trained whole."""

    config: TrainConfig
    tries: tuple[Changes, ...]
    short_epochs: int = 0

    @property
    def whole(self) -> int:
        """How many runs are trained with all epochs."""
        return math.ceil(len(self.tries) / PART) if self.short_epochs else 0

    def as_json(self) -> dict[str, Any]:
        """The plan as it is kept with the series."""
        return {
            "config": self.config.as_json(),
            "tries": list(self.tries),
            "short_epochs": self.short_epochs,
            "whole": self.whole,
            "is_advanced": not self.short_epochs,
        }


@dataclass(frozen=True, slots=True)
class Tried:
    """One run of a search; `score` is None until it has left a model."""

    run: Run
    changes: Changes
    is_whole: bool
    score: tuple[float, float] | None


def axes_for(config: TrainConfig) -> tuple[str, ...]:
    """What can be searched for this network."""
    return AXES_OF_FEATURES if config.network == "features" else AXES_OF_TRAINED


def plan_search(
    config: TrainConfig, axes: Mapping[str, Sequence[Value]], most: int = MOST_TRIES
) -> Search:
    """Every combination of the values; of too many, random ones, the same each time."""
    if not 2 <= most <= MOST_TRIES:
        raise ConfigError(f"A search has 2 to {MOST_TRIES} runs; got {most}.")
    for name in axes:
        if name not in axes_for(config):
            known = ", ".join(axes_for(config))
            raise ConfigError(f"A search here varies {known}; “{name}” is not there.")
    used = {name: tuple(dict.fromkeys(values)) for name, values in axes.items()}
    used = {name: values for name, values in used.items() if values}
    grid = [
        dict(zip(used, values, strict=True))
        for values in itertools.product(*used.values())
    ]
    if len(grid) < 2:
        raise ConfigError("A search needs at least two values of something.")
    if len(grid) > most:
        grid = random.Random(config.seed).sample(grid, most)
    for changes in grid:
        apply_changes(config, changes)  # refuses what does not fit, before it is queued
    return Search(config, tuple(grid), _short_epochs(config, len(grid)))


def _short_epochs(config: TrainConfig, tries: int) -> int:
    is_long = config.network != "features" and config.epochs >= LEAST_EPOCHS_TO_SHORTEN
    if not is_long or tries < LEAST_TRIES_TO_SHORTEN:
        return 0
    return math.ceil(config.epochs / PART)


def apply_changes(config: TrainConfig, changes: Changes) -> TrainConfig:
    """The configuration of one try."""
    plain = {name: value for name, value in changes.items() if name != STRENGTH}
    if STRENGTH in changes:
        plain |= strengthen(config, float(changes[STRENGTH] or 0.0))
    return config.with_changes(**plain)


def strengthen(config: TrainConfig, strength: float) -> Changes:
    """The augmentation's numbers times `strength`, inside their limits."""
    found: Changes = {}
    for name in STRENGTHENED:
        limit = FIELDS_BY_NAME[name].maximum or 0.0
        found[name] = min(limit, round(getattr(config, name) * strength, 6))
    return found


def submit_search(
    project_name: str, search: Search, *, who: str
) -> tuple[str, list[str]]:
    """Queue every try; the series and the ids of its runs."""
    with open_project(project_name) as project:
        series = create_series(
            project, "search", search.config.recipe, search.as_json(), who=who
        )
    configs = [apply_changes(search.config, changes) for changes in search.tries]
    if search.short_epochs:
        configs = [
            config.with_changes(epochs=search.short_epochs) for config in configs
        ]
    run_ids = submit_series(project_name, series.series_id, configs)
    with open_project(project_name) as project:
        # From now on a try that is missing was deleted, not still to come.
        change_plan(project, series.series_id, {**search.as_json(), "is_queued": True})
    return series.series_id, run_ids


def advance_all() -> None:
    """`advance_searches` for every project; a damaged one stops no other."""
    for name in project_names():
        # Whoever keeps the queue going says what is wrong with a project.
        with contextlib.suppress(StorageError):
            advance_searches(name)


def advance_searches(project_name: str) -> list[str]:
    """Queue the whole runs of every search whose short ones are over; their ids."""
    with open_project(project_name) as project:
        waiting = [
            series
            for series in list_series(project)
            if series.kind == "search" and not series.plan.get("is_advanced")
        ]
        run_ids = [
            run_id for series in waiting for run_id in _try_advance(project, series)
        ]
    if run_ids:
        jobs.supervise(project_name)
    return run_ids


def _try_advance(project: Project, series: Series) -> list[str]:
    try:
        return _advance(project, series.series_id)
    except MLError as error:
        # Labels may be gone since; a page that asks each time must not fail each time.
        plan = {**series.plan, "is_advanced": True, "problem": str(error)}
        change_plan(project, series.series_id, plan)
        return []


def _advance(project: Project, series_id: str) -> list[str]:
    # One transaction: the worker and a page may both find that it is time.
    with immediate(project.db):
        series = get_series(project, series_id)
        runs = runs_of_series(project, series_id)
        if series.plan.get("is_advanced") or any(r.is_active for r in runs):
            return []
        if not series.plan.get("is_queued"):
            return []
        best = [one for one in rank(project, series) if one.score is not None]
        change_plan(project, series_id, {**series.plan, "is_advanced": True})
        epochs = int(series.plan["config"]["epochs"])
        return [
            jobs.enqueue(
                project,
                TrainConfig.from_json(one.run.config).with_changes(epochs=epochs),
                series_id=series_id,
            )
            for one in best[: int(series.plan["whole"])]
        ]


def rank(project: Project, series: Series) -> list[Tried]:
    """The runs of a search, best first: whole ones before short ones.

    Judged by validation alone, also where there are test pictures: whoever chooses
    by those has no honest figure left.
    """
    short = int(series.plan.get("short_epochs") or 0)
    base = TrainConfig.from_json(series.plan["config"])
    tries = [
        (apply_changes(base, changes), changes) for changes in series.plan["tries"]
    ]
    found = []
    for run in runs_of_series(project, series.series_id):
        score = None
        if run.is_usable:
            score = validation_score(run, list_epochs(project, run.run_id))
        is_whole = not short or run.epochs_total > short
        found.append(Tried(run, _changes_of(run, tries), is_whole, score))
    return sorted(
        found,
        key=lambda one: (one.score is not None, one.is_whole, one.score or (0.0, 0.0)),
        reverse=True,
    )


def _changes_of(run: Run, tries: Sequence[tuple[TrainConfig, Changes]]) -> Changes:
    config = TrainConfig.from_json(run.config)
    for tried, changes in tries:
        if tried.with_changes(epochs=config.epochs) == config:
            return changes
    return {}


def validation_score(run: Run, epochs: Sequence[Epoch]) -> tuple[float, float] | None:
    """(exact match, minus loss) on validation of what was kept; larger is better.

    The run's own figure, with its thresholds; where that is of test pictures, the
    one of the epoch that was kept.
    """
    kept = [epoch for epoch in epochs if epoch.epoch == run.best_epoch] or epochs[-1:]
    found = kept[0].metrics if kept else {}
    exact = found.get("val_exact_match")
    if run.metrics.get("split") == "validation" or exact is None:
        exact = figure_of(run, "exact_match")
    if exact is None:
        return None
    return float(exact), -float(found.get("val_loss") or 0.0)


def best_config(tried: Sequence[Tried], series: Series) -> TrainConfig | None:
    """The settings of the best run so far, with all epochs; None before the first."""
    for one in tried:
        if one.score is not None:
            epochs = int(series.plan["config"]["epochs"])
            return TrainConfig.from_json(one.run.config).with_changes(epochs=epochs)
    return None
