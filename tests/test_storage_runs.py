"""Runs: states, the queue, fencing, epochs, folders."""

import subprocess
import sys
from pathlib import Path

import pytest

from storage.database import IntegrityError, run_sql
from storage.errors import RunError
from storage.projects import Project
from storage.records import Epoch, Pulse, Run
from storage.runs import (
    add_epoch,
    beat,
    claim_next,
    create_run,
    delete_run,
    finish_run,
    get_run,
    list_epochs,
    list_runs,
    mark_interrupted,
    request_stop,
    resume_run,
    run_dir,
    set_process,
)

ROOT = Path(__file__).parent.parent


def queue(project: Project, recipe: str = "smallervggnet") -> str:
    return create_run(project, recipe=recipe, config={}, epochs_total=3).run_id


def claim(project: Project) -> Run:
    run = claim_next(project)
    assert run is not None
    return run


def test_a_new_run_is_queued_and_has_a_folder(project: Project) -> None:
    config = {"epochs": 3, "rate": float("nan"), "sizes": [1, float("inf")]}
    run = create_run(project, recipe="VGG 16/x", config=config, epochs_total=3)
    assert (run.run_id, run.number, run.state) == ("r0001-vgg-16-x", 1, "queued")
    assert run.config == {"epochs": 3, "rate": None, "sizes": [1, None]}
    assert run_dir(project, run.run_id) == project.folder / "runs" / "r0001-vgg-16-x"
    assert run_dir(project, run.run_id).is_dir()


@pytest.mark.parametrize("run_id", ["r0009-vgg16", "../..", ""])
def test_an_unknown_run_is_told_in_words(project: Project, run_id: str) -> None:
    with pytest.raises(RunError, match="no run"):
        run_dir(project, run_id)


def test_the_oldest_queued_run_starts_when_none_is_running(project: Project) -> None:
    first, second = queue(project), queue(project, "vgg16")
    assert [run.run_id for run in list_runs(project)] == [second, first]
    run = claim(project)
    assert (run.run_id, run.state, run.attempt) == (first, "running", 1)
    assert run.started_at is not None and run.heartbeat is not None
    assert claim_next(project) is None
    finish_run(project, first, 1, "finished", seconds=2.5)
    assert claim(project).run_id == second


def test_the_database_itself_refuses_a_second_running_run(project: Project) -> None:
    queue(project), queue(project)
    with pytest.raises(IntegrityError):
        run_sql(project.db, "UPDATE runs SET state = 'running'")


def test_processes_that_claim_together_get_each_run_once(project: Project) -> None:
    run_ids = {queue(project) for _ in range(30)}
    code = """
from storage.projects import open_project
from storage.runs import claim_next, finish_run, list_runs
with open_project("clothes") as project:
    while any(run.is_active for run in list_runs(project)):
        run = claim_next(project)
        if run:
            print(run.run_id, run.attempt, flush=True)
            finish_run(project, run.run_id, run.attempt, "finished", seconds=0)
"""
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    claimed = "".join(worker.communicate(timeout=60)[0] for worker in workers)
    assert sorted(claimed.splitlines()) == sorted(f"{name} 1" for name in run_ids)


def test_the_worker_tells_its_progress_and_hears_requests(project: Project) -> None:
    run_id = queue(project)
    run = claim(project)
    set_process(project, run_id, run.attempt, 4711, 12.5)
    assert beat(project, run_id, 1, Pulse(3, 9)) is None
    request_stop(project, run_id, discard=False)
    assert beat(project, run_id, 1, Pulse(4, 9)) == "stop"
    request_stop(project, run_id, discard=True)
    request_stop(project, run_id, discard=False)
    assert beat(project, run_id, 1, Pulse(5, 9)) == "discard"
    now = get_run(project, run_id)
    assert (now.pid, now.process_started) == (4711, 12.5)
    assert (now.batches_done, now.batches_total) == (5, 9)
    assert now.heartbeat is not None and run.heartbeat is not None
    assert now.heartbeat >= run.heartbeat


def test_a_finished_run_keeps_its_metrics(project: Project) -> None:
    run_id = queue(project)
    claim(project)
    finish_run(
        project,
        run_id,
        1,
        "stopped",
        seconds=7.5,
        best_epoch=2,
        metrics={"val_exact_match": 0.93, "f2": float("nan")},
        message="stopped by Ada",
    )
    run = get_run(project, run_id)
    assert (run.state, run.seconds, run.best_epoch) == ("stopped", 7.5, 2)
    assert run.metrics == {"val_exact_match": 0.93, "f2": None}
    assert run.message == "stopped by Ada" and run.ended_at is not None
    with pytest.raises(RunError, match="is stopped, so it cannot be stopped"):
        request_stop(project, run_id, discard=False)


def test_a_replaced_worker_may_not_write_any_more(project: Project) -> None:
    run_id = queue(project)
    claim(project)
    mark_interrupted(project, run_id, 1, "the worker is gone")
    resume_run(project, run_id)
    assert claim(project).attempt == 2
    late = [
        lambda: beat(project, run_id, 1, Pulse(1, 1)),
        lambda: add_epoch(project, run_id, 1, Epoch(1, 1.0, {})),
        lambda: set_process(project, run_id, 1, 1, 1.0),
        lambda: finish_run(project, run_id, 1, "finished", seconds=1),
        lambda: mark_interrupted(project, run_id, 1, "late"),
    ]
    for write in late:
        with pytest.raises(RunError, match="running in attempt 2"):
            write()
    assert get_run(project, run_id).state == "running"
    assert list_epochs(project, run_id) == []


def test_a_cancelled_run_is_not_overwritten_by_a_late_worker(project: Project) -> None:
    run_id = queue(project)
    claim(project)
    finish_run(project, run_id, 1, "cancelled", seconds=1)
    with pytest.raises(RunError, match="the run is cancelled"):
        finish_run(project, run_id, 1, "finished", seconds=2)
    assert get_run(project, run_id).state == "cancelled"


def test_an_interrupted_run_resumes_with_no_epoch_twice(project: Project) -> None:
    run_id = queue(project)
    started_at = claim(project).started_at
    for number in (1, 2, 3):
        add_epoch(project, run_id, 1, Epoch(number, 1.0, {"loss": 9.0}))
    request_stop(project, run_id, discard=False)
    mark_interrupted(project, run_id, 1, "the worker is gone")
    assert get_run(project, run_id).message == "the worker is gone"
    resume_run(project, run_id)
    run = claim(project)
    assert (run.attempt, run.request, run.message) == (2, None, "")
    assert (run.started_at, run.ended_at) == (started_at, None)
    add_epoch(project, run_id, 2, Epoch(2, 1.5, {"loss": 0.5}))
    assert list_epochs(project, run_id) == [
        Epoch(1, 1.0, {"loss": 9.0}),
        Epoch(2, 1.5, {"loss": 0.5}),
    ]
    assert get_run(project, run_id).epochs_done == 2


def test_a_queued_run_is_cancelled_at_once(project: Project) -> None:
    run_id = queue(project)
    request_stop(project, run_id, discard=False)
    assert get_run(project, run_id).state == "cancelled"
    assert claim_next(project) is None
    with pytest.raises(RunError, match="cancelled; only an interrupted or failed"):
        resume_run(project, run_id)


def test_an_interrupted_run_can_be_discarded(project: Project) -> None:
    first, second = queue(project), queue(project)
    claim(project)
    mark_interrupted(project, first, 1, "gone")
    request_stop(project, first, discard=True)
    claim(project)
    request_stop(project, second, discard=True)
    mark_interrupted(project, second, 1, "gone")
    assert {run.state for run in list_runs(project)} == {"cancelled"}


def test_a_failed_run_can_be_tried_again(project: Project) -> None:
    run_id = queue(project)
    claim(project)
    finish_run(project, run_id, 1, "failed", seconds=1, message="no memory")
    resume_run(project, run_id)
    assert claim(project).attempt == 2


def test_a_run_ends_only_in_an_end_state(project: Project) -> None:
    run_id = queue(project)
    claim(project)
    with pytest.raises(RunError, match="not as 'queued'"):
        finish_run(project, run_id, 1, "queued", seconds=1)


def test_a_deleted_run_is_gone_with_its_folder_and_number(project: Project) -> None:
    run_id = queue(project)
    claim(project)
    add_epoch(project, run_id, 1, Epoch(1, 1.0, {}))
    folder = run_dir(project, run_id)
    with pytest.raises(RunError, match="is training"):
        delete_run(project, run_id)
    finish_run(project, run_id, 1, "finished", seconds=1)
    delete_run(project, run_id)
    assert list_runs(project) == [] and not folder.exists()
    assert queue(project) == "r0002-smallervggnet"
