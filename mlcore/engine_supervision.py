"""Having finished runs converted in the background: their first answer is quick then.

The newest usable run of each project; others are converted when they are first used.
Never beside a training run.
"""

from pathlib import Path

from mlcore import side_process
from mlcore.engine_files import is_wanted
from mlcore.engine_making import start_writer
from mlcore.scoring_runs import training_elsewhere, training_here, usable_runs
from mlcore.side_supervision import supervise_all
from storage.home import home_dir
from storage.projects import open_project
from storage.runs import run_dir

# How a project's files looked when there was last nothing to do.
_settled: dict[Path, tuple[int, ...]] = {}


def supervise_all_engines() -> None:
    """One step for every project; cheap where nothing was written since the last."""
    if is_wanted():
        supervise_all(_supervise)


def _supervise(project_name: str) -> None:
    folder = home_dir() / project_name / "runs"
    looks = side_process.fingerprint(folder)
    if _settled.get(folder) == looks:
        return
    with open_project(project_name) as project:
        if training_here(project) or training_elsewhere(project_name):
            return
        newest = usable_runs(project)[:1]
        folders = [run_dir(project, run.run_id).resolve() for run in newest]
    # Started or not needed: another look is due when the project has changed.
    if not any(start_writer(one) for one in folders):
        _settled[folder] = looks
