"""Commands about runs: train, stop, resume, classify. No streamlit.

Nothing here imports tensorflow: training and prediction happen in other processes.
"""

import argparse
import sys
import time
from pathlib import Path
from typing import Any

from mlcore import jobs, preflight
from mlcore.classified import is_remembering, remember_files
from mlcore.cli_data import WHO
from mlcore.cli_output import MakeCommand, ProgressLine, print_json, print_table
from mlcore.config import TrainConfig, parse_setting
from mlcore.errors import PredictionError, TrainingError
from mlcore.own_recipes import find_any_recipe
from mlcore.predictions import Prediction
from mlcore.recipes import DEFAULT_RECIPE
from mlcore.result_tables import write_results
from storage import projects, runs
from storage.errors import RunError
from storage.records import Run

POLL_S = 0.5


def add_commands(make: MakeCommand, commands: Any) -> None:
    """Add the commands of this module to the parser."""
    _add_train(make, commands)
    listing = make(commands, "runs", "list a project's runs", list_runs)
    listing.add_argument("project")
    end = make(commands, "stop", "stop a run and keep its best", stop)
    end.add_argument("run", help="RUN or PROJECT/RUN")
    end.add_argument(
        "--discard", action="store_true", help="cancel it and keep nothing"
    )
    again = make(commands, "resume", "go on from the last checkpoint", resume)
    again.add_argument("run", help="RUN or PROJECT/RUN")
    reading = make(commands, "classify", "label new pictures", classify)
    reading.add_argument("project")
    reading.add_argument("run")
    reading.add_argument("paths", nargs="+", metavar="PATH")
    reading.add_argument("--csv", metavar="OUT", help="write the answers as CSV")
    reading.add_argument(
        "--remember", action="store_true", help="count them among what arrives in use"
    )


def _add_train(make: MakeCommand, commands: Any) -> None:
    queue = make(commands, "train", "queue a run", train)
    queue.add_argument("project")
    queue.add_argument(
        "--recipe",
        default=DEFAULT_RECIPE,
        help="a name that `recipes PROJECT` lists; %(default)s unless said",
    )
    queue.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        dest="settings",
        help="change one number of the recipe; may be repeated",
    )
    queue.add_argument(
        "--wait", action="store_true", help="show progress, return when done"
    )


def configure(
    project: projects.Project, recipe: str, settings: list[str]
) -> TrainConfig:
    """Return the recipe's configuration with `key=value` changes; `ConfigError`."""
    changes = dict(parse_setting(text) for text in settings)
    return find_any_recipe(project, recipe).config.with_changes(**changes)


def train(options: argparse.Namespace) -> int:
    """Queue a run; with --wait show its progress and report how it ended."""
    with projects.open_project(options.project) as project:
        config = configure(project, options.recipe, options.settings)
        say_what_to_know(project, config)
    run_id = jobs.submit(options.project, config)
    if not options.wait:
        _print_run({"run": run_id, "state": "queued"}, as_json=options.json)
        return 0
    run = wait_for_run(options.project, run_id)
    _print_run(_ended_as_json(run), as_json=options.json)
    if not run.is_usable:
        raise TrainingError(f"Run {run.run_id} {run.state}: {run.message}")
    return 0


def say_what_to_know(project: projects.Project, config: TrainConfig) -> None:
    """Print on stderr what is risky; raises `TrainingError` for what forbids a run."""
    for finding in preflight.check(project, config):
        sentence = f"{finding.text} {finding.hint}".strip()
        if finding.level == "stop":
            raise TrainingError(sentence)
        print(f"{finding.level}: {sentence}", file=sys.stderr)


def wait_for_run(project_name: str, run_id: str) -> Run:
    """Return the run once it has ended, drawing its epochs on a terminal."""
    progress = ProgressLine("Epoch")
    while True:
        jobs.supervise(project_name)
        with projects.open_project(project_name) as project:
            run = runs.get_run(project, run_id)
        progress(run.epochs_done, run.epochs_total)
        if not run.is_active:
            progress.close()
            return run
        time.sleep(POLL_S)


def _ended_as_json(run: Run) -> dict[str, object]:
    return {
        "run": run.run_id,
        "state": run.state,
        "seconds": round(run.seconds, 1),
        "epochs": run.epochs_done,
        "best_epoch": run.best_epoch,
        "metrics": run.metrics,
    }


def _print_run(report: dict[str, object], *, as_json: bool) -> None:
    if as_json:
        print_json(report)
        return
    metrics = report.pop("metrics", None)
    print("  ".join(f"{key} {value}" for key, value in report.items()))
    if isinstance(metrics, dict):
        print_table(("metric", "value"), sorted(metrics.items()))


def list_runs(options: argparse.Namespace) -> None:
    """Print a project's runs, newest first."""
    with projects.open_project(options.project) as project:
        found = runs.list_runs(project)
    if options.json:
        print_json([{**_ended_as_json(r), "recipe": r.recipe} for r in found])
        return
    rows = [(r.run_id, r.state, f"{r.epochs_done}/{r.epochs_total}") for r in found]
    print_table(("run", "state", "epochs"), rows)


def find_run(text: str) -> tuple[str, str]:
    """Return project and run id of `RUN` or `PROJECT/RUN`; raises `RunError`."""
    wanted_project, _, run_id = text.rpartition("/")
    found = []
    for summary in projects.list_projects():
        # A damaged project is in nobody's way until it is named.
        if wanted_project == summary.name or not (wanted_project or summary.problem):
            with projects.open_project(summary.name) as project:
                ids = {run.run_id for run in runs.list_runs(project)}
            found += [summary.name] if run_id in ids else []
    if len(found) == 1:
        return found[0], run_id
    if not found:
        raise RunError(f"There is no run {text}. See: runs PROJECT")
    raise RunError(
        f"Several projects have a run {run_id}: {', '.join(found)}. "
        f"Write {found[0]}/{run_id}."
    )


def stop(options: argparse.Namespace) -> None:
    """Ask a run to stop: keeping its best, or with --discard keeping nothing."""
    project_name, run_id = find_run(options.run)
    jobs.stop(project_name, run_id, discard=options.discard)
    state = "cancelling" if options.discard else "stopping"
    _print_run({"run": run_id, "state": state}, as_json=options.json)


def resume(options: argparse.Namespace) -> None:
    """Queue an interrupted run again; it goes on from its last checkpoint."""
    project_name, run_id = find_run(options.run)
    jobs.resume(project_name, run_id)
    _print_run({"run": run_id, "state": "queued"}, as_json=options.json)


def classify(options: argparse.Namespace) -> int:
    """Print labels, probabilities and warnings for each picture."""
    from mlcore.prediction_service import classify as classify_paths
    from mlcore.prediction_service import shutdown_all

    paths = _list_pictures(options.paths)
    if options.csv:
        # Before the work, not after it: can the file be written at all?
        Path(options.csv).touch()
    progress = ProgressLine("Classified")
    try:
        found = classify_paths(
            options.project, options.run, paths, on_progress=progress
        )
    finally:
        shutdown_all()
    progress.close()
    if options.remember:
        _remember(options, list(zip(paths, found, strict=True)))
    if options.csv:
        with Path(options.csv).open("w", newline="", encoding="utf-8") as file:
            write_results(file, found)
    if options.json:
        print_json([prediction.as_json() for prediction in found])
    else:
        print_table(
            ("picture", "labels", "warning"),
            [(p.name, " ".join(p.labels), _remark(p)) for p in found],
        )
    return 0


def _remember(
    options: argparse.Namespace, found: list[tuple[Path, Prediction]]
) -> None:
    with projects.open_project(options.project) as project:
        if not is_remembering(project):
            print("Not remembered: it is switched off on Classify.", file=sys.stderr)
            return
        count = remember_files(project, options.run, found, who=WHO)
    print(f"Remembered: {count} of {len(found)}.", file=sys.stderr)


def _remark(prediction: Prediction) -> str:
    return prediction.error or " ".join(prediction.warnings)


def _list_pictures(texts: list[str]) -> list[Path]:
    paths: list[Path] = []
    for text in texts:
        path = Path(text)
        if path.is_dir():
            paths += sorted(p for p in path.rglob("*") if p.is_file())
        elif path.exists():
            paths.append(path)
        else:
            raise PredictionError(f"{path} does not exist. Check the name.")
    if not paths:
        raise PredictionError("There is no file in the folders given.")
    return paths
