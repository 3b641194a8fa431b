"""The commands compare, repeat and search: what is queued and what is printed."""

import json
from typing import Any

import pytest
from tiny_training import TINY, make_project

from mlcore import jobs
from mlcore.cli import main
from storage.projects import open_project
from storage.records import Epoch
from storage.runs import add_epoch, claim_next, finish_run


@pytest.fixture
def tiny(home: object, monkeypatch: pytest.MonkeyPatch) -> str:
    """A project whose queued runs the test ends itself."""
    monkeypatch.setattr(jobs, "supervise", lambda name, start_process=None: None)
    return make_project(each=3)


def end_all(name: str, *exact: float) -> None:
    with open_project(name) as project:
        for value in exact:
            run = claim_next(project)
            assert run is not None
            found = {"val_exact_match": value, "val_loss": 1 - value}
            add_epoch(project, run.run_id, run.attempt, Epoch(1, 1.0, found))
            finish_run(
                project,
                run.run_id,
                run.attempt,
                "finished",
                seconds=3.0,
                best_epoch=1,
                metrics={"exact_match": value},
            )


def report(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    assert main([*words, "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_a_run_is_repeated_to_a_number_of_seeds_in_all(
    tiny: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run_id = jobs.submit(tiny, TINY)
    end_all(tiny, 0.5)
    assert main(["repeat", tiny, run_id, "--seeds", "1"]) == 1
    assert "counts this run too" in capsys.readouterr().err
    assert len(report(capsys, "repeat", tiny, run_id)["queued"]) == 2
    end_all(tiny, 0.75, 0.7)
    found = report(capsys, "repeat", tiny, run_id, "--wait")
    assert found["queued"] == []
    assert found["spreads"]["exact_match"]["values"] == [0.5, 0.75, 0.7]
    assert [run["seed"] for run in found["runs"]] == [42, 43, 44]
    assert main(["repeat", tiny, run_id]) == 0
    assert "65.0 % on average, from 50.0 to 75.0 %" in capsys.readouterr().out


def test_a_search_is_queued_ranked_and_compared(
    tiny: str, capsys: pytest.CaptureFixture[str]
) -> None:
    search = ["search", tiny, "--recipe", "smallervggnet", "--set", "epochs=3"]
    rates = ["--try", "learning_rate=0.0005,0.002", "--try", "augmentation=0.5"]
    queued = report(capsys, *search, *rates)["queued"]
    assert len(queued) == 2
    end_all(tiny, 0.5, 0.75)
    found = report(capsys, "compare", tiny, *queued)
    assert [row["settings"] for row in found["runs"]] == [
        {"learning_rate": 0.0005},
        {"learning_rate": 0.002},
    ]
    assert "same pictures" in found["data_note"]
    assert main(["compare", tiny, *queued]) == 0
    assert "0.0005" in capsys.readouterr().out
    for wrong in ("learning_rate", "augmentation=much", "learning_rate=9,1"):
        assert main([*search, "--try", wrong]) == 1
        assert len(capsys.readouterr().err.splitlines()[-1]) > 20
