"""Runs as real background processes: queue, kill, resume, stop, discard."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tiny_training import (
    TINY,
    add_pictures,
    draw,
    is_over,
    make_project,
    read_run,
    wait_for,
)

from mlcore import jobs, snapshot, splits, worker
from mlcore.errors import TrainingError
from mlcore.processes import is_same_process, process_started
from storage.errors import SchemaError
from storage.projects import Project, create_project, open_project
from storage.runs import (
    claim_next,
    create_run,
    list_epochs,
    list_runs,
    mark_interrupted,
    run_dir,
)

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def no_worker_stays() -> Iterator[None]:
    """A failed test must not leave a process training in the background."""
    yield
    while jobs._children:
        _, child = jobs._children.popitem()
        child.kill()
        child.wait()


def log_of(name: str, run_id: str) -> str:
    return "\n".join(jobs.read_log(name, run_id, 200))


def epochs_of(name: str, run_id: str) -> list[int]:
    with open_project(name) as project:
        return [epoch.epoch for epoch in list_epochs(project, run_id)]


def folder_of(name: str, run_id: str) -> set[str]:
    with open_project(name) as project:
        return {path.name for path in run_dir(project, run_id).iterdir()}


def test_the_end_of_a_log_begins_with_a_whole_line(project: Project) -> None:
    run = create_run(project, recipe="quick", config={}, epochs_total=1)
    path = run_dir(project, run.run_id) / "log.txt"
    path.write_text("".join(f"{n} {'long ' * 120}{n}\n" for n in range(9)))
    assert [line[0] for line in jobs.read_log(project.name, run.run_id, 2)] == ["8"]
    assert len(jobs.read_log(project.name, run.run_id, 20)) == 9


def test_a_run_trains_in_its_own_process_and_leaves_a_model() -> None:
    name = make_project()
    run_id = jobs.submit(name, TINY)
    run = wait_for(name, run_id, is_over)
    assert run.state == "finished", log_of(name, run_id)
    assert run.epochs_done == 3 and run.best_epoch in (1, 2, 3)
    assert run.metrics["split"] == "validation"
    assert 0 <= run.metrics["exact_match"] <= 1
    assert epochs_of(name, run_id) == [1, 2, 3]
    # The worker removes its checkpoints just after the state changes.
    wait_for(name, run_id, lambda r: not is_same_process(r.pid, r.process_started))
    assert folder_of(name, run_id) == {
        "snapshot.parquet",
        "snapshot.json",
        "log.txt",
        "weights.weights.h5",
        "model.json",
        "predictions.parquet",
    }
    assert "Epoch 3 of 3" in log_of(name, run_id)
    assert "WARNING" not in log_of(name, run_id)


def test_a_killed_worker_is_interrupted_and_resumes_without_repeating_an_epoch() -> (
    None
):
    name = make_project()
    config = TINY.with_changes(epochs=40)
    run_id = jobs.submit(name, config)
    # In the middle of an epoch, after at least two complete ones.
    run = wait_for(name, run_id, lambda r: r.epochs_done >= 2 or is_over(r))
    assert run.pid is not None
    os.kill(run.pid, signal.SIGKILL)
    wait_for(name, run_id, lambda r: not is_same_process(r.pid, r.process_started))
    jobs.supervise(name)
    killed = read_run(name, run_id)
    assert killed.state == "interrupted"
    assert "Resume" in killed.message
    before = killed.epochs_done
    jobs.resume(name, run_id)
    run = wait_for(name, run_id, is_over)
    assert run.state == "finished", log_of(name, run_id)
    assert run.attempt == 2 and run.epochs_done == 40
    assert epochs_of(name, run_id) == list(range(1, 41))
    # The checkpoint comes before the row: a kill may fall between the two.
    went_on = {f"Going on after epoch {epoch}" for epoch in (before, before + 1)}
    assert any(line in log_of(name, run_id) for line in went_on)


def test_stop_keeps_the_best_epoch() -> None:
    name = make_project()
    run_id = jobs.submit(name, TINY.with_changes(epochs=1000))
    wait_for(name, run_id, lambda r: r.epochs_done >= 1 or is_over(r))
    jobs.stop(name, run_id, discard=False)
    run = wait_for(name, run_id, is_over)
    assert run.state == "stopped", log_of(name, run_id)
    assert run.best_epoch is not None and run.metrics
    assert "model.json" in folder_of(name, run_id)


def test_discard_leaves_only_the_log_and_the_frozen_data() -> None:
    name = make_project()
    run_id = jobs.submit(name, TINY.with_changes(epochs=1000))
    wait_for(name, run_id, lambda r: r.epochs_done >= 1 or is_over(r))
    jobs.stop(name, run_id, discard=True)
    run = wait_for(name, run_id, is_over)
    assert run.state == "cancelled", log_of(name, run_id)
    wait_for(name, run_id, lambda r: not is_same_process(r.pid, r.process_started))
    assert folder_of(name, run_id) == {"snapshot.parquet", "snapshot.json", "log.txt"}


def test_the_worker_starts_the_next_queued_run_itself() -> None:
    name = make_project()
    first = jobs.submit(name, TINY.with_changes(epochs=1))
    second = jobs.submit(name, TINY.with_changes(epochs=1))
    assert read_run(name, second).state == "queued"
    assert wait_for(name, first, is_over).state == "finished"
    # Nobody calls supervise here: the app could be closed.
    assert wait_for(name, second, is_over).state == "finished"


def test_a_project_without_labelled_pictures_refuses_and_queues_nothing(
    project: Project,
) -> None:
    add_pictures(project, [draw("red", "tall", 1)])
    with pytest.raises(TrainingError, match="label"):
        jobs.submit(project.name, TINY)
    assert list_runs(project) == []


def test_a_worker_that_cannot_be_started_fails_the_run() -> None:
    name = make_project()
    run_id = queue(name)

    def refuse(*_: object) -> "subprocess.Popen[bytes]":
        raise OSError("no such program")

    jobs.supervise(name, start_process=refuse)
    run = read_run(name, run_id)
    assert run.state == "failed"
    assert "no such program" in run.message


def test_a_run_claimed_by_a_starter_that_died_is_interrupted_after_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    name = make_project()
    run_id = queue(name)
    with open_project(name) as project:
        assert claim_next(project) is not None
    jobs.supervise(name)
    assert read_run(name, run_id).state == "running"
    monkeypatch.setattr(jobs, "START_TIMEOUT_S", -1.0)
    jobs.supervise(name)
    assert read_run(name, run_id).state == "interrupted"


def test_a_worker_of_an_older_attempt_touches_nothing() -> None:
    name = make_project()
    run_id = queue(name)
    with open_project(name) as project:
        run = claim_next(project)
    assert run is not None
    assert worker.main([name, run_id, "--attempt", str(run.attempt - 1)]) == 1
    assert read_run(name, run_id).pid is None


def test_discarding_an_interrupted_run_frees_its_space() -> None:
    name = make_project()
    run_id = queue(name)
    with open_project(name) as project:
        run = claim_next(project)
        assert run is not None
        mark_interrupted(project, run_id, run.attempt, "gone")
        kept = run_dir(project, run_id) / "checkpoints" / "epoch-0001"
    kept.mkdir(parents=True)
    jobs.stop(name, run_id, discard=True)
    assert read_run(name, run_id).state == "cancelled"
    assert not kept.exists()


def queue(name: str) -> str:
    """A queued run that nothing has started."""
    with open_project(name) as project:
        splits.assign_project(project, TINY)
        run = create_run(
            project, recipe="tiny", config=TINY.as_json(), epochs_total=TINY.epochs
        )
        snapshot.freeze(project, run, TINY)
    return run.run_id


def test_a_zombie_and_a_reused_pid_do_not_count_as_the_same_process() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    started = process_started(child.pid)
    assert started is not None
    assert is_same_process(child.pid, started)
    assert not is_same_process(child.pid, started + 1)
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert not is_same_process(child.pid, started)  # a zombie until it is waited for
    child.communicate()


def test_the_web_process_can_watch_runs_without_tensorflow() -> None:
    code = (
        "import sys, mlcore.jobs, mlcore.config, mlcore.recipes, mlcore.preflight;"
        "bad = {'tensorflow', 'keras'} & set(sys.modules); sys.exit(len(bad))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_damaged_project_keeps_no_other_from_its_runs(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a-torn", "b-sound"):
        with create_project(name):
            pass
    (home / "a-torn" / "project.db").write_bytes(b"torn")
    supervised = []
    supervise = jobs.supervise

    def watch(name: str) -> None:
        supervise(name)
        supervised.append(name)

    monkeypatch.setattr(jobs, "supervise", watch)
    with pytest.raises(SchemaError, match="a-torn"):
        jobs.supervise_all()
    assert supervised == ["b-sound"]
