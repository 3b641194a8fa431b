"""The same run with other seeds: queue the repeats, sum up what came out.

Seeds change shuffles, turns and first weights; the pictures held out stay the same,
so the spread is what chance alone does to a figure.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import mean

from mlcore import jobs
from mlcore.config import TrainConfig
from mlcore.errors import ConfigError, MLError
from mlcore.run_compare import figure_of
from storage.projects import Project, open_project
from storage.records import Run
from storage.run_series import (
    Series,
    create_series,
    delete_series,
    list_series,
    runs_of_series,
)
from storage.runs import get_run, list_runs

MOST_REPEATS = 10
FIGURES = (
    "exact_match",
    "f2",
    "binary_accuracy",
    "micro_f1",
    "macro_f1",
    "mean_average_precision",
)


@dataclass(frozen=True, slots=True)
class Spread:
    """One figure of several runs, in the order of the runs."""

    values: tuple[float, ...]

    @property
    def mean(self) -> float:
        """The arithmetic mean."""
        return mean(self.values)

    @property
    def width(self) -> float:
        """From the least to the most."""
        return max(self.values) - min(self.values)


@dataclass(frozen=True, slots=True)
class Repeats:
    """A series of seeds with its runs, oldest first; cancelled ones are left out."""

    series: Series
    runs: tuple[Run, ...]

    @property
    def usable(self) -> tuple[Run, ...]:
        """The runs that left a model."""
        return tuple(run for run in self.runs if run.is_usable)

    @property
    def is_over(self) -> bool:
        """Whether no run of it waits or trains any more."""
        return not any(run.is_active for run in self.runs)

    def spreads(self) -> dict[str, Spread]:
        """Figures of the usable runs by name; seconds among them."""
        found = {
            name: [figure_of(run, name) for run in self.usable] for name in FIGURES
        }
        found["seconds"] = [run.seconds for run in self.usable]
        return {
            name: Spread(tuple(known))
            for name, values in found.items()
            if (known := [value for value in values if value is not None])
        }


def submit_seeds(
    project_name: str, config: TrainConfig, count: int, *, who: str
) -> tuple[str, list[str]]:
    """Queue `count` runs of one configuration; the series and the ids of its runs."""
    seeds = next_seeds([], config.seed, count)
    with open_project(project_name) as project:
        series = create_series(
            project,
            "seeds",
            config.recipe,
            {"seeds": seeds, "config": config.as_json(), "with": []},
            who=who,
        )
    return series.series_id, submit_series(
        project_name,
        series.series_id,
        [config.with_changes(seed=seed) for seed in seeds],
    )


def submit_series(
    project_name: str, series_id: str, configs: Iterable[TrainConfig]
) -> list[str]:
    """Queue runs of a series; when the first is refused, the series goes with it."""
    run_ids: list[str] = []
    try:
        for config in configs:
            run_ids.append(jobs.submit(project_name, config, series_id=series_id))
    except MLError:
        if not run_ids:
            with open_project(project_name) as project:
                delete_series(project, series_id)
        raise
    return run_ids


def repeat_run(
    project_name: str, run_id: str, *, more: int, who: str
) -> tuple[str, list[str]]:
    """Queue `more` runs like this one with seeds nobody used yet.

    They join the series that the run is in, if it is one of seeds. Returns the
    series and the new runs' ids.
    """
    with open_project(project_name) as project:
        run = get_run(project, run_id)
        config = TrainConfig.from_json(run.config)
        series = series_of_run(list_series(project), run)
        if series is None:
            plan = {"seeds": [], "config": run.config, "with": [run_id]}
            series = create_series(project, "seeds", run.recipe, plan, who=who)
        others = runs_of_series(project, series.series_id)
    used = [config.seed, *(int(other.config.get("seed", 0)) for other in others)]
    seeds = next_seeds(used, config.seed, more)
    changed = [config.with_changes(seed=seed) for seed in seeds]
    return series.series_id, submit_series(project_name, series.series_id, changed)


def seeds_used(project: Project, run_id: str) -> set[int]:
    """The seeds that count beside this run's, its own among them."""
    run = get_run(project, run_id)
    series = series_of_run(list_series(project), run)
    others = [
        one
        for one in list_runs(project)
        if series is not None
        and _counts_in(series, one)
        and one.state not in ("failed", "cancelled")
    ]
    return {int(one.config.get("seed", 0)) for one in (run, *others)}


def series_of_run(series: Iterable[Series], run: Run) -> Series | None:
    """The series of seeds this run counts in, as a repeat or as what is repeated."""
    for one in series:
        if one.kind == "seeds" and _counts_in(one, run):
            return one
    return None


def _counts_in(series: Series, run: Run) -> bool:
    return run.series_id == series.series_id or run.run_id in series.plan.get(
        "with", []
    )


def next_seeds(used: Sequence[int], first: int, count: int) -> list[int]:
    """`count` seeds from `first` on that are not used yet."""
    if not 1 <= count <= MOST_REPEATS:
        raise ConfigError(
            f"A run is repeated 1 to {MOST_REPEATS} times at once; got {count}."
        )
    taken = set(used)
    seeds: list[int] = []
    seed = first
    while len(seeds) < count:
        if seed not in taken:
            seeds.append(seed)
        seed = (seed + 1) % 2**31
    return seeds


def list_repeats(series: Iterable[Series], runs: Iterable[Run]) -> list[Repeats]:
    """Series of seeds that have at least two runs worth counting, newest first."""
    kept = [run for run in runs if run.state != "cancelled"]
    found = [
        Repeats(
            one,
            tuple(
                sorted(
                    (run for run in kept if _counts_in(one, run)),
                    key=lambda run: run.number,
                )
            ),
        )
        for one in series
        if one.kind == "seeds"
    ]
    return [repeats for repeats in found if len(repeats.runs) > 1]
