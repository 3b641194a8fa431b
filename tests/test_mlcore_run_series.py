"""Repeats with other seeds, small searches, time left, and the word at the end."""

import random
from collections.abc import Iterator
from dataclasses import replace

import pytest
from tiny_training import TINY, make_project

from mlcore import jobs, run_compare, run_pace, run_search, run_series
from mlcore.errors import ConfigError, TrainingError
from mlcore.recipes import RECIPES
from storage.projects import Project, create_project, open_project
from storage.records import Epoch, Run
from storage.run_series import get_series, list_series, runs_of_series
from storage.runs import add_epoch, claim_next, finish_run, get_run, list_runs


@pytest.fixture(autouse=True)
def nothing_trains(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs stay queued: what is tested here is what is queued, not the training."""
    monkeypatch.setattr(jobs, "supervise", lambda name, start_process=None: None)


@pytest.fixture
def tiny() -> str:
    return make_project(each=3)


def finish_next(project: Project, exact: float, loss: float = 0.5) -> Run:
    """End the oldest queued run with these figures, as a worker does."""
    run = claim_next(project)
    assert run is not None
    metrics = {"val_exact_match": exact, "val_loss": loss}
    add_epoch(project, run.run_id, run.attempt, Epoch(1, 1.0, metrics))
    figures = {"exact_match": exact, "f2": exact, "split": "validation"}
    finish_run(
        project,
        run.run_id,
        run.attempt,
        "finished",
        seconds=10.0,
        best_epoch=1,
        metrics=figures,
    )
    return get_run(project, run.run_id)


def test_three_seeds_are_three_runs_of_one_series_on_the_same_data(tiny: str) -> None:
    series_id, run_ids = run_series.submit_seeds(tiny, TINY, 3, who="ann")
    with open_project(tiny) as project:
        runs = runs_of_series(project, series_id)
        assert [run.run_id for run in runs] == run_ids
        assert [run.config["seed"] for run in runs] == [42, 43, 44]
        assert len({run.data_sha256 for run in runs}) == 1
        assert [series.who for series in list_series(project)] == ["ann"]


def test_mean_and_spread_are_those_of_the_runs_that_left_a_model(tiny: str) -> None:
    run_series.submit_seeds(tiny, TINY, 3, who="")
    with open_project(tiny) as project:
        for exact in (0.90, 0.96):
            finish_next(project, exact)
        series, runs = list_series(project), list_runs(project)
        [repeats] = run_series.list_repeats(series, runs)
        assert not repeats.is_over
        finish_next(project, 0.93)
        [repeats] = run_series.list_repeats(series, list_runs(project))
    assert repeats.is_over
    spread = repeats.spreads()["exact_match"]
    assert spread.values == (0.90, 0.96, 0.93)
    assert spread.mean == pytest.approx(0.93)
    assert spread.width == pytest.approx(0.06)


def test_a_repeat_joins_its_run_with_seeds_nobody_used(tiny: str) -> None:
    first = jobs.submit(tiny, TINY)
    series_id, _ = run_series.repeat_run(tiny, first, more=1, who="")
    again, _ = run_series.repeat_run(tiny, first, more=2, who="")
    assert again == series_id
    with open_project(tiny) as project:
        for exact in (0.5, 0.6, 0.7, 0.8):
            finish_next(project, exact)
        [repeats] = run_series.list_repeats(list_series(project), list_runs(project))
    assert [run.config["seed"] for run in repeats.runs] == [42, 43, 44, 45]
    assert repeats.runs[0].run_id == first


def test_a_series_without_anything_to_train_on_leaves_nothing(home: object) -> None:
    with create_project("empty"):
        pass
    with pytest.raises(TrainingError):
        run_series.submit_seeds("empty", TINY, 3, who="")
    with open_project("empty") as project:
        assert list_series(project) == []


def test_a_search_tries_every_combination_but_never_more_than_twelve() -> None:
    config = RECIPES["smallervggnet"].config
    axes = {"image_size_px": [64, 96], "learning_rate": [1e-3, 3e-4]}
    search = run_search.plan_search(config, axes)
    assert len(search.tries) == 4 and search.short_epochs == 25 and search.whole == 2
    wide = axes | {run_search.STRENGTH: [0.0, 0.5, 1.0, 1.5, 2.0]}
    picked = run_search.plan_search(config, wide)
    assert len(picked.tries) == 12
    assert picked == run_search.plan_search(config, wide), "random, but repeatable"


def test_a_search_refuses_what_cannot_be_tried() -> None:
    config = RECIPES["smallervggnet"].config
    for axes, words in (
        ({"image_size_px": [96]}, "at least two values"),
        ({"image_size_px": [96, 9000]}, "Image size"),
        ({"batch_size": [8, 16]}, "batch_size"),
    ):
        with pytest.raises(ConfigError, match=words):
            run_search.plan_search(config, axes)


def test_strength_multiplies_augmentation_inside_its_limits() -> None:
    config = RECIPES["smallervggnet"].config
    assert run_search.strengthen(config, 0.0)["rotation_deg"] == 0.0
    assert run_search.strengthen(config, 1.0)["shift"] == config.shift
    assert run_search.strengthen(config, 1e6)["shift"] < 1.0
    search = run_search.apply_changes(config, {run_search.STRENGTH: 2.0})
    assert search.rotation_deg == 50.0 and search.flip_horizontal


def test_the_best_third_of_the_short_runs_is_trained_whole_once(tiny: str) -> None:
    axes = {"image_size_px": [12, 24], "learning_rate": [1e-2, 1e-3, 1e-4]}
    search = run_search.plan_search(TINY.with_changes(epochs=9), axes)
    series_id, _ = run_search.submit_search(tiny, search, who="")
    with open_project(tiny) as project:
        for exact in (0.1, 0.8, 0.3, 0.9, 0.9):
            finish_next(project, exact, loss=1 - exact / 2)
        assert run_search.advance_searches(tiny) == []
        finish_next(project, 0.9, loss=0.2)
        assert len(run_search.advance_searches(tiny)) == 2
        assert run_search.advance_searches(tiny) == []
        whole = [r for r in list_runs(project) if r.state == "queued"]
        assert [run.epochs_total for run in whole] == [9, 9]
        # of equal exact matches, the lesser loss
        assert whole[-1].config["learning_rate"] == 1e-4
        finish_next(project, 0.5)
        series = get_series(project, series_id)
        tried = run_search.rank(project, series)
    assert tried[0].is_whole, "whole runs stand before short ones"
    assert tried[0].changes == {"image_size_px": 24, "learning_rate": 1e-4}
    best = run_search.best_config(tried, series)
    assert best is not None and best.epochs == 9 and best.image_size_px == 24


def test_only_settings_that_differ_and_count_are_columns(tiny: str) -> None:
    classic = RECIPES["smallervggnet"].config
    quick = RECIPES["quick"].config.with_changes(seed=7)
    with open_project(tiny) as project:
        for config in (classic, classic.with_changes(learning_rate=1e-2), quick):
            jobs.enqueue(project, config)
        runs = list_runs(project)
    found = run_compare.compare(runs[1:])
    assert found.settings == ("learning_rate",)
    found = run_compare.compare(runs)
    assert {"network", "image_size_px", "learning_rate"} <= set(found.settings)
    assert "conv_blocks" not in found.settings, "only one of them has blocks"
    assert set(found.data.values()) == {"A"}
    assert "same pictures" in run_compare.data_note(runs)


def test_other_data_and_unknown_data_are_said(tiny: str) -> None:
    with open_project(tiny) as project:
        jobs.enqueue(project, TINY)
        [run] = list_runs(project)
    other = replace(run, run_id="x", number=9, data_sha256="other")
    old = replace(run, run_id="y", number=10, data_sha256="", config={"decay": "none"})
    assert "different data" in run_compare.data_note([run, other, old])
    assert "nobody knows" in run_compare.data_note([run, old])
    assert run_compare.data_letters([old, other, run]) == {
        run.run_id: "A",
        "x": "B",
        "y": run_compare.UNKNOWN_DATA,
    }
    assert run_compare.settings_of(old)["schedule"] == "constant"


# An epoch of 80 batches: 64 learn at .25 s each, 16 are judged at a third of that;
# the first one waits 8 s for the graph.
LEARN_S, JUDGE_S, START_S, EPOCHS = 0.25, 0.08, 8.0, 12


def history() -> Iterator[tuple[float, Run, list[Epoch], float | None]]:
    """Clock, run and epochs after every tenth batch, with noise and one hiccup."""
    noise = random.Random(1)
    clock, epochs = 0.0, list[Epoch]()
    meter = run_pace.PaceMeter(32, 64)
    run = replace(BLANK, epochs_total=EPOCHS, batches_total=80)
    for epoch in range(1, EPOCHS + 1):
        began = clock
        for batch in range(1, 81):
            clock += (LEARN_S if batch <= 64 else JUDGE_S) * noise.uniform(0.8, 1.2)
            clock += START_S if epoch == 1 and batch == 1 else 0.0
            clock += 15.0 if epoch == 6 and batch == 40 else 0.0
            rate = meter.note(batch, clock)
            run = replace(
                run, batches_done=batch, images_per_s=rate, epochs_done=epoch - 1
            )
            if batch % 10 == 0 and batch < 80:
                yield clock, run, epochs, run_pace.seconds_left(run, epochs)
        epochs = [*epochs, Epoch(epoch, clock - began, {})]


BLANK = Run(
    "r0001-x", 1, "running", "x",
    {"batch_size": 32, "validation_fraction": 0.2, "test_fraction": 0.0},
    "", None, None, 0.0, 1, 0, 1, 0, None, {}, None, "", None, None, None, 1,
)  # fmt: skip


def test_time_left_settles_within_two_epochs_and_stays() -> None:
    told = list(history())
    end_s = told[-1][0]
    said = [(len(epochs), clock + left) for clock, _, epochs, left in told if left]
    assert len(said) == len(told), "even the first epoch has an estimate"
    first = [end for done, end in said if done == 0]
    assert all(abs(end / end_s - 1) < 0.25 for end in first)
    # The hiccup of 15 s cannot be foreseen: 5 % of the whole.
    settled = [end for done, end in said if done >= 2]
    assert all(abs(end / end_s - 1) < 0.08 for end in settled)


def test_a_stage_without_epochs_has_a_time_left_too() -> None:
    run = replace(
        BLANK, stage="Looking", batches_done=640, batches_total=2072, images_per_s=100.0
    )
    assert run_pace.seconds_left(run, []) == pytest.approx(14.32)
    assert run_pace.seconds_left(replace(run, images_per_s=None), []) is None


@pytest.mark.parametrize(
    ("seconds", "shown"), [(6.4, 6), (33, 35), (130, 120), (4000, 3900)]
)
def test_time_left_is_no_finer_than_it_can_be_known(
    seconds: float, shown: float
) -> None:
    assert run_pace.rounded(seconds) == shown
