"""Runs on the Train page: how far one is, several beside each other, series."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from tiny_training import TINY, make_project

from mlcore import jobs, run_series
from mlcore.config import TrainConfig
from mlcore.processes import process_started
from mlcore.recipes import RECIPES
from mlcore.run_compare import compare
from mlcore.run_series import Spread
from mlcore.run_verdict import compare_spreads
from pages.parts.run_choice import _first
from pages.parts.run_curves import curve_figure
from pages.parts.run_metrics import metric_title
from pages.parts.run_overlay import overlay_figure
from pages.parts.run_table import frame_of
from storage import runs
from storage.image_marks import move_to_split
from storage.images import list_images
from storage.projects import open_project
from storage.records import Epoch, Pulse, Run
from storage.run_series import list_series

MAIN = Path(__file__).parent.parent / "pages" / "main.py"
QUICK = RECIPES["quick"].config
CLASSIC = RECIPES["smallervggnet"].config.with_changes(epochs=4)


@pytest.fixture(autouse=True)
def nothing_trains(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs stay as the test puts them."""
    monkeypatch.setattr(jobs, "supervise", lambda name, start_process=None: None)


@pytest.fixture
def tiny() -> str:
    return make_project(each=3)


def open_page(**state: object) -> AppTest:
    app = AppTest.from_file(str(MAIN), default_timeout=60)
    app.run()
    for name, value in state.items():
        app.session_state[name] = value
    app.switch_page("train.py")
    app.run()
    assert not app.exception
    return app


def words(app: AppTest) -> str:
    return "\n".join(
        str(element.value)
        for kind in ("markdown", "caption")
        for element in app.get(kind)
    )


def start(name: str, config: TrainConfig, pulse: Pulse | None = None) -> Run:
    """Queue a run and let this process be the one that trains it."""
    with open_project(name) as project:
        jobs.enqueue(project, config)
        run = runs.claim_next(project)
        assert run is not None
        own = os.getpid()
        runs.set_process(project, run.run_id, run.attempt, own, process_started(own))
        if pulse:
            runs.beat(project, run.run_id, run.attempt, pulse)
        return runs.get_run(project, run.run_id)


def end(name: str, run: Run, exact: float, state: str = "finished") -> Run:
    """End a run with two epochs whose exact match ends at `exact`."""
    metrics = {"exact_match": exact, "f2": exact, "split": "validation", "images": 8}
    with open_project(name) as project:
        for epoch, value in ((1, exact / 2), (2, exact)):
            found = {"loss": 1.0, "val_loss": 1.5, "val_exact_match": value}
            runs.add_epoch(project, run.run_id, run.attempt, Epoch(epoch, 2.0, found))
        runs.finish_run(
            project,
            run.run_id,
            run.attempt,
            state,
            seconds=9.0,
            best_epoch=2,
            metrics=metrics if state == "finished" else {},
            message="" if state == "finished" else "The disk is full.",
        )
        return runs.get_run(project, run.run_id)


def add(name: str, config: TrainConfig, exact: float, state: str = "finished") -> Run:
    return end(name, start(name, config), exact, state)


def test_a_run_of_epochs_shows_bars_pace_and_a_metric_of_choice(tiny: str) -> None:
    run = start(tiny, CLASSIC, Pulse(3, 12, "", 80.0, 900.0))
    with open_project(tiny) as project:
        found = {"loss": 1.0, "val_f2": 0.5, "learning_rate": 0.00025}
        runs.add_epoch(project, run.run_id, run.attempt, Epoch(1, 4.0, found))
    app = open_page()
    assert [bar.text for bar in app.get("progress")] == [
        "Epoch 2 of 4",
        "Batch 3 of 12",
    ]
    text = words(app)
    for value in ("**80**", "**0.00025**", "**900 MB**", "**about "):
        assert value in text
    menu = app.selectbox(key="train_metric")
    assert menu.options[1] == "F2, mean of pictures"
    menu.set_value("f_beta").run()
    assert not app.exception
    with open_project(tiny) as project:
        epochs = runs.list_epochs(project, run.run_id)
    figure = curve_figure(run, epochs, "f_beta")
    assert list(figure.data[1].y) == [0.5], "the name of an earlier version counts"


def test_a_run_without_epochs_shows_its_step_and_no_empty_charts(tiny: str) -> None:
    start(tiny, QUICK, Pulse(640, 2072, "Looking at the pictures", 100.0, 700.0))
    app = open_page()
    assert [bar.text for bar in app.get("progress")] == [
        "Looking at the pictures · 640 of 2,072"
    ]
    assert "**about 14 s**" in words(app)
    assert not app.get("plotly_chart")
    assert "train_stop" not in {button.key for button in app.button}


def test_the_end_of_a_run_without_epochs_is_its_figures(tiny: str) -> None:
    add(tiny, QUICK, 0.9)
    app = open_page()
    text = words(app)
    assert "**90.0 %**" in text and "epoch" not in text.split("Took")[1]
    assert not app.get("plotly_chart")


def test_runs_are_compared_by_what_differs_and_by_their_figures(tiny: str) -> None:
    first = add(tiny, CLASSIC, 0.5)
    second = add(tiny, CLASSIC.with_changes(learning_rate=1e-2, seed=7), 0.75)
    app = open_page(train_compare=True)
    assert "All of them learned from the same pictures" in words(app)
    frame = frame_of(compare([second, first]))
    assert list(frame["Run"]) == [2, 1]
    assert list(frame["Learning rate"]) == [1e-2, 1e-3]
    assert list(frame["Exact match"]) == [0.75, 0.5]
    assert list(frame["Data"]) == ["A", "A"]
    studied = frame_of(compare([second, first]), {first.run_id: 0.86})
    assert studied["Unseen combinations"].tolist()[1] == 0.86
    assert "Unseen combinations" not in frame
    assert list(frame)[:4] == ["Run", "Exact match", "Recipe", "Learning rate"]
    assert "Epochs" not in frame.columns and "State" not in frame.columns
    other = replace(first, data_sha256="other")
    assert list(frame_of(compare([second, other]))["Data"]) == ["B", "A"]
    with open_project(tiny) as project:
        runs.delete_run(project, first.run_id)
    app.run()
    assert not app.exception, "a chosen run that is gone is left out"


def test_one_chart_holds_runs_of_different_lengths(tiny: str) -> None:
    found = {
        config.recipe: add(tiny, config, 0.5)
        for config in (CLASSIC.with_changes(epochs=9), QUICK)
    }
    long, quick = found["smallervggnet"], found["quick"]
    epochs = {
        long.run_id: [Epoch(1, 1.0, {"exact_match": 0.1, "val_exact_match": 0.2})],
        quick.run_id: [Epoch(1, 1.0, {"val_exact_match": 0.9})],
    }
    parts = ["Training", "Validation"]
    figure = overlay_figure([long, quick], epochs, "exact_match", parts)
    shown = [(trace.name, list(trace.y), trace.showlegend) for trace in figure.data]
    assert shown == [
        ("Run 1 · Clothes tutorial", [0.2], True),
        ("Run 1 · Clothes tutorial", [0.1], False),
        ("Run 2 · First model in seconds", [0.9, 0.9], True),
    ]
    assert list(figure.data[2].x) == [1.0, 9.0], "a level line through all epochs"


def test_a_beta_is_in_the_name_of_its_figure() -> None:
    assert metric_title("f_beta_macro", [0.5]) == "F0.5, macro (mean of labels)"
    assert metric_title("f_beta", [0.5, 2.0]) == "F-beta, mean of pictures"
    assert TINY.beta == 2.0


def test_a_run_is_repeated_until_there_are_three_seeds(tiny: str) -> None:
    add(tiny, CLASSIC, 0.5)
    app = open_page()
    app.button(key="train_repeat_1").click().run()
    app = open_page()
    app.button(key="train_seeds_1").click().run()
    assert not app.exception
    with open_project(tiny) as project:
        found = runs.list_runs(project)
    assert [run.config["seed"] for run in found] == [44, 43, 42]
    assert len({run.series_id for run in found[:2]}) == 1
    assert "Clothes tutorial · seeds from run 1 on" in boxes_of(app)
    assert "of 1 of 3 seeds. What chance does" in words(app)
    assert app.get("progress")[-1].text == "1 of 3 runs done"


def boxes_of(app: AppTest) -> str:
    names = [str(block.label) for block in app.get("expander")]
    return "\n".join(names).replace("\\", "")


def test_seeds_are_summed_up_and_what_does_not_count_is_said(tiny: str) -> None:
    submit_all(tiny, CLASSIC, [0.5, 0.75, 0.7], [])
    series = submit_all(tiny, TINY, [0.9, 0.95], ["failed"])
    app = open_page(**{f"train_series_{series}": True, "train_series_against": True})
    text = words(app)
    assert "92.5 % on average, from 90.0 to 95.0 %" in text
    assert "Run 6 failed: not in these figures." in text
    assert "is above every seed of" in text and "once in 5 times" in text
    with open_project(tiny) as project:
        for run in runs.list_runs(project)[1:3]:
            runs.delete_run(project, run.run_id)
    app.run()
    assert not app.exception
    assert "from run 4 on" not in boxes_of(app), "one run that is left is no series"


def submit_all(
    name: str, config: TrainConfig, exact: list[float], ends: list[str]
) -> str:
    """A series whose runs end with these figures, then in these ways."""
    count = len(exact) + len(ends)
    series_id, _ = run_series.submit_seeds(name, config, count, who="")
    for value, state in zip(
        [*exact, *[0.0] * len(ends)], ["finished"] * len(exact) + ends, strict=True
    ):
        with open_project(name) as project:
            run = runs.claim_next(project)
        assert run is not None
        end(name, run, value, state)
    return series_id


def test_the_settings_of_a_run_come_back_into_the_form(tiny: str) -> None:
    add(tiny, CLASSIC.with_changes(learning_rate=0.02, flip_horizontal=False), 0.5)
    gone = add(tiny, CLASSIC.with_changes(recipe="my own", epochs=7), 0.5)
    app = open_page()
    app.button(key="train_settings_of_1").click().run()
    assert not app.exception
    assert app.number_input(key="train_smallervggnet_learning_rate").value == 0.02
    app.button(key=f"train_settings_of_{gone.number}").click().run()
    assert app.number_input(key="train_smallervggnet_epochs").value == 7


def test_a_search_is_planned_queued_ranked_and_its_best_used(tiny: str) -> None:
    add(tiny, CLASSIC, 0.5)
    app = open_page(train_new_run=True, train_recipe="smallervggnet")
    app.number_input(key="train_smallervggnet_epochs").set_value(3).run()
    app.session_state["train_several"] = True
    app.run()
    assert "3 runs. About" in words(app)
    app.button(key="train_submit_search").click().run()
    assert not app.exception
    assert "rate 0\\.001** · 0 of 3" in words(app), "a row says what is special"
    with open_project(tiny) as project:
        [series] = list_series(project)
        rates = [one["learning_rate"] for one in series.plan["tries"]]
        for exact, state in ((0.5, "finished"), (0.75, "finished"), (0.0, "failed")):
            run = runs.claim_next(project)
            assert run is not None
            end(tiny, run, exact, state)
    app = open_page(**{f"train_series_{series.series_id}": True})
    assert "Ranked by exact match" in words(app)
    app.button(key=f"train_best_{series.series_id}").click().run()
    assert not app.exception
    field = app.number_input(key="train_smallervggnet_learning_rate")
    assert field.value == rates[1]


def test_a_run_with_these_very_settings_is_named_until_the_data_change(
    tiny: str,
) -> None:
    add(tiny, QUICK, 0.9)
    add(tiny, QUICK.with_changes(image_size_px=96), 0.8)
    app = open_page(train_new_run=True, train_recipe="quick")
    assert "Run 1 has these very settings" in words(app)
    with open_project(tiny) as project:
        shown = list_images(project, limit=1)[0]
        move_to_split(project, [shown.image_id], "test", who="", batch_id="b1")
    app.run()
    assert "these very settings" not in words(app)


def test_the_best_of_each_recipe_is_compared_first(tiny: str) -> None:
    made = [add(tiny, CLASSIC, 0.5), add(tiny, CLASSIC, 0.3), add(tiny, QUICK, 0.9)]
    assert _first(made) == [made[2].run_id, made[0].run_id]
    assert len(_first(made[:2])) == 2, "of one recipe alone, the newest"


def test_the_batch_bar_is_empty_at_the_start_of_an_epoch(tiny: str) -> None:
    run = start(tiny, CLASSIC, Pulse(12, 12))
    app = open_page()
    assert app.get("progress")[1].text == "Batch 12 of 12"
    with open_project(tiny) as project:
        runs.add_epoch(project, run.run_id, run.attempt, Epoch(1, 4.0, {"loss": 1.0}))
    app.run()
    assert app.get("progress")[1].text == "Batch 0 of 12"
    with open_project(tiny) as project:
        runs.beat(project, run.run_id, run.attempt, Pulse(12, 12))
    app.run()
    assert app.get("progress")[1].text == "Batch 12 of 12"


def test_three_seeds_of_the_form_are_queued(tiny: str) -> None:
    app = open_page(train_several=True)
    app.button(key="train_submit_seeds").click().run()
    assert not app.exception
    with open_project(tiny) as project:
        assert [run.config["seed"] for run in runs.list_runs(project)] == [44, 43, 42]


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ((0.9, 0.91), (0.8,), "with one seed"),
        ((0.9, 0.91), (0.8, 0.905), "ranges overlap"),
        ((0.9, 0.91, 0.92), (0.8, 0.85, 0.87), "once in 10 times"),
        ((0.9, 0.9), (0.9, 0.9), "the same mean"),
    ],
)
def test_recipes_are_told_apart_only_where_their_seeds_are(
    first: tuple[float, ...], second: tuple[float, ...], said: str
) -> None:
    words = compare_spreads(("A", Spread(second)), ("B", Spread(first)))
    assert said in words


def test_a_run_of_one_epoch_shows_figures_where_a_curve_would_be_a_dot() -> None:
    app = AppTest.from_function(show_one_epoch).run()
    assert not app.exception and not app.get("plotly_chart")
    assert "| Exact match | 90.0 % | 80.0 % |" in words(app)


def show_one_epoch() -> None:
    from pages.parts.charts import show_epoch_curves
    from storage.records import Epoch

    found = {"exact_match": 0.9, "val_exact_match": 0.8}
    show_epoch_curves([Epoch(1, 1.0, found)], key="one")
