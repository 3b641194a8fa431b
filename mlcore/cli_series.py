"""Commands about several runs: compare, repeat, search. No streamlit, no tensorflow."""

import argparse
import time
from typing import Any

from mlcore import jobs, run_search, run_series
from mlcore.cli_output import MakeCommand, ProgressLine, print_json, print_table
from mlcore.cli_pairs import pairs_as_json, pairs_of, print_pairs
from mlcore.cli_runs import POLL_S, configure, say_what_to_know
from mlcore.config import parse_setting
from mlcore.config_kinds import Value
from mlcore.errors import ConfigError
from mlcore.recipes import DEFAULT_RECIPE
from mlcore.run_compare import compare, data_note, figure_of, setting_title
from mlcore.run_series import FIGURES, Repeats
from mlcore.run_verdict import missing_words, spread_words
from storage import projects, runs
from storage import run_series as series_rows
from storage.records import Run


def add_commands(make: MakeCommand, commands: Any) -> None:
    """Add the commands of this module to the parser."""
    beside = make(commands, "compare", "runs beside each other", compare_runs)
    beside.add_argument("project")
    beside.add_argument("runs", nargs="+", metavar="RUN")
    repeat = make(commands, "repeat", "the same run with other seeds", repeat_run)
    repeat.add_argument("project")
    repeat.add_argument("run")
    repeat.add_argument(
        "--seeds", type=int, default=3, help="how many in all; %(default)s unless said"
    )
    search = make(commands, "search", "try values of a few settings", search_runs)
    search.add_argument("project")
    search.add_argument("--recipe", default=DEFAULT_RECIPE)
    search.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", dest="settings"
    )
    search.add_argument(
        "--try",
        action="append",
        default=[],
        metavar="KEY=VALUE,VALUE",
        dest="axes",
        help="image_size_px, learning_rate, augmentation; regularisation for features",
    )
    search.add_argument("--most", type=int, default=run_search.MOST_TRIES)
    for waiting in (repeat, search):
        waiting.add_argument(
            "--wait", action="store_true", help="return when all runs are over"
        )


def compare_runs(options: argparse.Namespace) -> None:
    """Print figures, data and every setting that differs, a row a run; then how each
    further run does on the pictures that the first kept out too.
    """
    with projects.open_project(options.project) as project:
        chosen = [runs.get_run(project, run_id) for run_id in options.runs]
        pairs = pairs_of(project, chosen)
    found = compare(chosen)

    def settings(run: Run) -> dict[str, Value]:
        return {name: found.values[run.run_id].get(name) for name in found.settings}

    if options.json:
        rows = [
            _as_json(run) | {"data": found.data[run.run_id], "settings": settings(run)}
            for run in chosen
        ]
        notes = {"data_note": data_note(chosen), "pairs": pairs_as_json(pairs)}
        print_json({"runs": rows} | notes)
        return
    titles = [setting_title(name) for name in found.settings]
    cells = [
        (
            *(run.run_id, run.state),
            *(figure_of(run, name) for name in FIGURES),
            *(round(run.seconds), found.data[run.run_id], run.config.get("seed")),
            *map(_cell, settings(run).values()),
        )
        for run in chosen
    ]
    print_table(("run", "state", *FIGURES, "seconds", "data", "seed", *titles), cells)
    print(data_note(chosen))
    print_pairs(pairs)


def repeat_run(options: argparse.Namespace) -> None:
    """Queue what is missing to that many seeds; with --wait say mean and spread."""
    name, run_id = options.project, options.run
    with projects.open_project(name) as project:
        missing = options.seeds - len(run_series.seeds_used(project, run_id))
    queued: list[str] = []
    if missing > 0:
        _, queued = run_series.repeat_run(name, run_id, more=missing, who="")
    with projects.open_project(name) as project:
        run = runs.get_run(project, run_id)
        series = run_series.series_of_run(series_rows.list_series(project), run)
    if series is None:
        raise ConfigError(f"--seeds counts this run too; got {options.seeds}.")
    if options.wait:
        _wait_for(name, series.series_id)
    with projects.open_project(name) as project:
        found = run_series.list_repeats([series], runs.list_runs(project))
    if not found:
        raise ConfigError(f"No other run like {run_id} is left to count with it.")
    _print_seeds(found[0], queued, as_json=options.json)


def _print_seeds(repeats: Repeats, queued: list[str], *, as_json: bool) -> None:
    spreads = repeats.spreads()
    if as_json:
        shown = {n: {"mean": s.mean, "values": s.values} for n, s in spreads.items()}
        print_json(
            {
                "series": repeats.series.series_id,
                "queued": queued,
                "runs": [_as_json(run) for run in repeats.runs],
                "spreads": shown,
            }
        )
        return
    print(f"queued: {' '.join(queued) or 'nothing, so many seeds are there'}")
    if "exact_match" in spreads:
        print(spread_words(spreads["exact_match"], "Exact match"))
    rows = [(n, s.mean, min(s.values), max(s.values)) for n, s in spreads.items()]
    print_table(("figure", "mean", "lowest", "highest"), rows)
    if reason := missing_words(repeats):
        print(reason)


def search_runs(options: argparse.Namespace) -> None:
    """Queue a run for every combination; with --wait rank them, best first."""
    with projects.open_project(options.project) as project:
        config = configure(project, options.recipe, options.settings)
        say_what_to_know(project, config)
    axes = dict(_read_axis(text) for text in options.axes)
    search = run_search.plan_search(config, axes, options.most)
    series_id, queued = run_search.submit_search(options.project, search, who="")
    if options.wait:
        _wait_for(options.project, series_id)
    with projects.open_project(options.project) as project:
        tried = run_search.rank(project, series_rows.get_series(project, series_id))
    if options.json:
        ranking = [_tried_as_json(one) for one in tried]
        print_json({"series": series_id, "queued": queued, "ranking": ranking})
        return
    names = list(search.tries[0])
    cells = [
        (
            *(one.run.run_id, one.run.state, one.run.epochs_total),
            *(_cell(one.changes.get(name)) for name in names),
            one.score and one.score[0],
        )
        for one in tried
    ]
    print_table(("run", "state", "epochs", *names, "exact_match"), cells)


def _tried_as_json(one: run_search.Tried) -> dict[str, Any]:
    return _as_json(one.run) | {
        "tried": one.changes,
        "whole": one.is_whole,
        "validation": one.score and one.score[0],
    }


def _cell(value: Value) -> Value:
    """A setting as it was written: a rate of .0005 is not .001."""
    return f"{value:g}" if isinstance(value, float) else value


def _read_axis(text: str) -> tuple[str, list[Value]]:
    """`"learning_rate=.001,.003"` with each value checked as a setting is."""
    name, equals, values = text.partition("=")
    if not equals:
        raise ConfigError(f"“{text}” is nothing to try; write name=value,value.")
    if name == run_search.STRENGTH:
        try:
            return name, [float(value) for value in values.split(",")]
        except ValueError:
            raise ConfigError(
                f"Strengths of augmentation are numbers such as 0.5,1; got “{values}”."
            ) from None
    return name, [parse_setting(f"{name}={value}")[1] for value in values.split(",")]


def _wait_for(project_name: str, series_id: str) -> None:
    """Return when no run of the series waits or trains, and none is to come."""
    line = ProgressLine("Run")
    while True:
        jobs.supervise(project_name)
        run_search.advance_searches(project_name)
        with projects.open_project(project_name) as project:
            found = series_rows.runs_of_series(project, series_id)
        over = sum(not run.is_active for run in found)
        line(over, len(found))
        if over == len(found):
            line.close()
            return
        time.sleep(POLL_S)


def _as_json(run: Run) -> dict[str, Any]:
    return {
        "run": run.run_id,
        "recipe": run.recipe,
        "state": run.state,
        "seed": run.config.get("seed"),
        "seconds": round(run.seconds, 1),
        "figures": {name: figure_of(run, name) for name in FIGURES},
    }
