"""Which models the HTTP API has, and which one is meant."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple

from mlcore.errors import PredictionError
from mlcore.label_changes import label_changes
from mlcore.model_json import read_model_json
from mlcore.training_view import view_of_model
from pages.parts.best_run import find_best_run
from pages.routes.answers import Refused
from storage.errors import StorageError
from storage.projects import list_projects, open_project
from storage.runs import get_run, list_runs, run_dir

if TYPE_CHECKING:
    from storage.api_access import ApiAccess
    from storage.projects import Project
    from storage.records import Run

# Which run is the best is read from files: not for each of fifty requests a second.
REMEMBERED_S = 5.0


class Choice(NamedTuple):
    """A model; `changed` says how the project's labels differ from its own, or ""."""

    project: str
    run_id: str
    changed: str


remembered: dict[tuple[str, str, str], tuple[float, Choice]] = {}


def choose_model(access: ApiAccess, project: str, run_id: str) -> Choice:
    """Return the model a request means; Refused (400, 404) when there is none.

    Without a run it is the best of the project, without a project the only one that
    has that run; without both the one chosen in Settings, else that of the only project
    that has any.
    """
    key = project, run_id, access.default_model
    known = remembered.get(key)
    if known and time.monotonic() - known[0] < REMEMBERED_S:
        return known[1]
    found = find_model(access, project, run_id)
    if len(remembered) > 1000:
        remembered.clear()
    remembered[key] = time.monotonic(), found
    return found


def find_model(access: ApiAccess, project: str, run_id: str) -> Choice:
    """Like `choose_model`, looked up anew."""
    if not project and run_id:
        project = project_with(run_id)
    if not project and access.default_model:
        project, _, run_id = access.default_model.partition("/")
    with open_project(project or only_project()) as opened:
        run = usable_run(opened, run_id)
        return Choice(opened.name, run.run_id, changes_of(opened, run))


def usable_run(project: Project, run_id: str) -> Run:
    """Return that run, or the project's best; Refused (404) when it has no model."""
    if run_id:
        return get_run(project, run_id)
    usable = [run for run in list_runs(project) if run.is_usable]
    if not usable:
        raise Refused(
            404, f"The project “{project.name}” has no trained run yet.", "no_model"
        )
    return find_best_run(project, usable) or usable[0]


def only_project() -> str:
    """Return the only project with a model; Refused (400) names them if not one."""
    named = [row["project"] for row in list_models() if row["is_best"]]
    if len(named) == 1:
        return str(named[0])
    if not named:
        raise Refused(404, "No project has a trained run yet.", "no_model")
    some = ", ".join(named[:5])
    raise Refused(
        400, f"Name a project, as in ?project={named[0]}: {some}", "bad_query"
    )


def project_with(run_id: str) -> str:
    """Return the only project with that trained run; Refused if it is not just one."""
    named = [row["project"] for row in list_models() if row["run"] == run_id]
    if len(named) == 1:
        return str(named[0])
    if not named:
        raise Refused(404, f"No project has a trained run {run_id}.", "not_found")
    some = ", ".join(named[:5])
    raise Refused(
        400, f"Beside run=… name its project too; {some} have that run.", "bad_query"
    )


def changes_of(project: Project, run: Run) -> str:
    """Return how the project's labels differ from the run's; "" if they do not."""
    try:
        facts = read_model_json(run_dir(project, run.run_id))
        return label_changes(project, facts).sentence()
    except (PredictionError, KeyError, TypeError, ValueError):
        return ""  # asking the run says what is wrong with it


def list_models() -> list[dict[str, Any]]:
    """Return every trained run of every project that can be opened."""
    found: list[dict[str, Any]] = []
    for summary in list_projects():
        if summary.problem:
            continue
        try:
            with open_project(summary.name) as project:
                found += models_of(project)
        except StorageError:
            continue  # it was deleted meanwhile
    return found


def models_of(project: Project) -> list[dict[str, Any]]:
    """Return the trained runs of a project, newest first."""
    usable = [run for run in list_runs(project) if run.is_usable]
    best = find_best_run(project, usable) or (usable[0] if usable else None)
    rows = [(run, read_facts(project, run)) for run in usable]
    return [
        {
            "project": project.name,
            "run": run.run_id,
            "recipe": run.recipe,
            "finished_at": run.ended_at,
            "is_best": run is best,
            **describe(facts),
            "labels_changed": changes_of(project, run),
        }
        for run, facts in rows
        if facts is not None
    ]


def read_facts(project: Project, run: Run) -> dict[str, Any] | None:
    """Return the run's model.json, None when it is damaged."""
    try:
        return read_model_json(run_dir(project, run.run_id))
    except PredictionError:
        return None


def describe(facts: dict[str, Any]) -> dict[str, Any]:
    """Return what a program wants to know of a model before it asks it."""
    names = {row["label_id"]: row["name"] for row in facts["labels"]}
    return {
        "image_size_px": facts["image_size_px"],
        "labels": list(names.values()),
        "groups": [
            {
                "name": group["name"],
                "rule": group["rule"],
                "labels": [names[i] for i in group["label_ids"] if i in names],
            }
            for group in facts["groups"]
        ],
        # null where none counts: the strongest label is the answer
        "thresholds": list(view_of_model(facts).counting),
    }
