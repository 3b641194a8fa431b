"""Which run suggests, and what has precedence over it."""

from mlcore import side_process
from mlcore.model_json import MODEL_NAME
from mlcore.prediction_service import usable_run_dir
from mlcore.processes import is_same_process
from storage.errors import StorageError
from storage.home import home_dir
from storage.project_settings import read_setting, write_setting
from storage.projects import Project, open_project, project_names
from storage.records import Run
from storage.runs import list_runs, run_dir

FOLDER_NAME = "scoring"
AUTOMATIC_SETTING = "suggestions"
CHOICE_SETTING = "suggestions_run"


def is_automatic(project: Project) -> bool:
    """Whether new images and new runs are scored without being asked for."""
    return bool(read_setting(project, AUTOMATIC_SETTING, True))


def usable_runs(project: Project) -> list[Run]:
    """The runs that can suggest, newest first."""
    return [
        run
        for run in list_runs(project)
        if run.is_usable and (run_dir(project, run.run_id) / MODEL_NAME).exists()
    ]


def wanted_run(project: Project) -> Run | None:
    """The run that should suggest: the one chosen by hand, else the newest.

    A choice holds until a run has ended that is newer than all there were then.
    """
    usable = usable_runs(project)
    choice = read_setting(project, CHOICE_SETTING, {})
    chosen = [run for run in usable if run.run_id == choice.get("run")]
    if chosen and usable[0].number <= choice["newest"]:
        return chosen[0]
    return usable[0] if usable else None


def choose_run(project: Project, run_id: str) -> None:
    """Let this run suggest; `PredictionError` if it has no model."""
    usable_run_dir(project, run_id)
    newest = max(run.number for run in list_runs(project))
    write_setting(project, CHOICE_SETTING, {"run": run_id, "newest": newest})


def what_goes_first(project: Project) -> str:
    """Say what suggestions wait for in this data folder, "" when for nothing."""
    return (
        training_here(project)
        or _suggesting_elsewhere(project.name)
        or training_elsewhere(project.name)
    )


def training_here(project: Project) -> str:
    """Say which run of this project has precedence, "" when none has."""
    for run in list_runs(project):
        if run.state == "queued":
            return f"Waits until run {run.number} has trained."
        if run.state == "running" and _is_working(run):
            return f"Waits while run {run.number} trains."
    return ""


def training_elsewhere(project_name: str) -> str:
    """Say which other project trains just now, "" when none does."""
    for name in project_names():
        if name != project_name and _trains(name):
            return f"Waits while the project “{name}” trains."
    return ""


def _trains(project_name: str) -> bool:
    try:
        with open_project(project_name) as project:
            found = list_runs(project)
    except StorageError:
        return False  # a damaged project trains nothing
    return any(run.state == "running" and _is_working(run) for run in found)


def _is_working(run: Run) -> bool:
    # Claimed a moment ago, it has no process yet.
    return run.pid is None or is_same_process(run.pid, run.process_started)


def _suggesting_elsewhere(project_name: str) -> str:
    """One process in a data folder: each holds TensorFlow and a network."""
    for name in project_names():
        folder = home_dir() / name / FOLDER_NAME
        if name != project_name and side_process.is_alive(folder):
            return f"Waits until the suggestions of “{name}” are done."
    return ""
