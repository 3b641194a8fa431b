"""Results of Classify: order, filters, rules, table, files, runs side by side, past."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from classified_pictures import (
    add_model,
    add_run,
    black_dress,
    open_page,
    sorted_out,
    uploaded,
    words,
)
from filled_project import HOSTILE

from mlcore.answer_rule import AnswerRule
from mlcore.classified import remember
from mlcore.predictions import refuse
from mlcore.uploads import list_files
from pages.parts import classify_filter, result_files
from pages.parts.classify_batch import Batch, Picture, Saved
from pages.parts.classify_compare import (
    agreement_words,
    is_different,
    row_of,
    start_next,
)
from pages.parts.classify_filter import Choice, pick, pick_in_place
from pages.parts.classify_history import row_of as past_row
from pages.parts.classify_results import _is_time
from pages.parts.classify_table import table_row
from storage import labels
from storage.classified_history import count_verdicts, list_past
from storage.home import Settings, save_settings
from storage.projects import Project
from storage.runs import get_run

MakeImage = Callable[..., bytes]
__all__ = ["sorted_out", "uploaded"]


@pytest.fixture
def batch() -> Batch:
    """Four pictures: unseen, sure, a close call, unreadable."""
    found = [
        black_dress(),
        black_dress(
            combination=["blue", "jeans"],
            labels=["blue", "jeans"],
            probabilities={"blue": 0.99, "jeans": 0.97, "black": 0.01, "dress": 0.02},
            combination_seen=True,
            doubts=[],
        ),
        black_dress(
            combination=["black", "jeans"],
            labels=["black", "jeans"],
            probabilities={"black": 0.6, "jeans": 0.55, "blue": 0.4, "dress": 0.45},
            combination_seen=True,
            doubts=["unsure"],
        ),
        refuse("/d.png", "d.png", "The picture is damaged."),
    ]
    pictures = {
        n: Picture(n, Path("/x"), f"{'DCBA'[n]}.png", "/img/x") for n in range(4)
    }
    made = Batch("k", "clothes", "r", pictures)
    made.predictions = dict(enumerate(found))
    return made


@pytest.mark.parametrize(
    ("choice", "shown"),
    [
        (Choice(), [0, 1, 2]),
        (Choice("Doubtful"), [0, 2]),
        (Choice("Unseen"), [0]),
        (Choice(labels=("black",)), [0, 2]),
        (Choice(labels=("black", "jeans")), [2]),
        (Choice(sort="Most doubtful first"), [0, 2, 1]),
        (Choice(sort="Least sure first"), [2, 0, 1]),
        (Choice(sort="By file name"), [2, 1, 0]),
        (Choice(sort="By label"), [0, 2, 1]),
        (Choice("Unseen", labels=("jeans",)), []),
    ],
)
def test_results_are_filtered_and_ordered(
    batch: Batch, choice: Choice, shown: list[int]
) -> None:
    assert pick(batch, [0, 1, 2], choice) == shown


def test_what_a_person_settled_counts_in_the_filter(batch: Batch) -> None:
    batch.known = {0: ("blue", "dress")}
    assert pick(batch, [0, 1, 2], Choice("Doubtful")) == [2]
    assert pick(batch, [0, 1, 2], Choice(labels=("blue",))) == [0, 1]


def test_a_saved_picture_stays_in_its_place_until_the_filter_is_changed(
    batch: Batch,
) -> None:
    choice = Choice("Doubtful", sort="Most doubtful first")
    assert pick_in_place(batch, [0, 1, 2], choice) == [0, 2]
    batch.saved[0] = Saved(1, "b", True, ("black", "dress"))
    assert pick_in_place(batch, [0, 1, 2], choice) == [0, 2]
    assert pick_in_place(batch, [0, 1, 2], Choice()) == [0, 1, 2]
    assert pick_in_place(batch, [0, 1, 2], choice) == [2]


def test_labels_count_by_the_rule_that_was_chosen() -> None:
    found = black_dress()
    assert AnswerRule()(found) is found
    assert AnswerRule("top", count=3)(found).labels == ["black", "dress", "jeans"]
    assert AnswerRule("above", share=0.9)(found).labels == ["black"]
    assert AnswerRule("above", share=0.9)(found).combination == ["black", "dress"]
    bad = refuse("/x", "x", "damaged")
    assert AnswerRule("top")(bad) is bad


def test_the_json_names_rule_run_and_what_was_saved(batch: Batch) -> None:
    batch.rule = AnswerRule("top", count=1)
    batch.known = {1: ("blue", HOSTILE)}
    rows = [(batch.pictures[n], batch.answer(n), batch.settled(n)) for n in range(4)]
    about = {"run": "r", "labels": str(batch.rule)}
    whole = json.loads(result_files.results_json(rows, about))
    assert whole["labels"] == "the 1 likeliest labels"
    first, second, _, last = whole["pictures"]
    assert (first["path"], first["labels"], first["saved_as"]) == (
        "D.png",
        ["black"],
        None,
    )
    assert second["saved_as"] == ["blue", HOSTILE]
    assert last["error"] == "The picture is damaged."


def test_a_row_of_the_table_says_what_the_card_says(batch: Batch) -> None:
    doubtful, sure = (table_row(batch, n) for n in range(2))
    assert doubtful["labels"] == "black, dress"
    assert "None of the 288 training images" in doubtful["careful"]
    assert (sure["careful"], sure["sure"]) == ("", "97 %")


def test_a_file_that_cannot_be_read_is_listed_with_its_reason_and_has_no_card(
    uploaded: dict[str, object],
) -> None:
    (batch,) = uploaded["classify_batches"].values()  # type: ignore[attr-defined]
    name = batch.pictures[1].name
    batch.predictions[1] = refuse("/x", name, "The picture is damaged.")
    app = open_page(**uploaded)
    assert not app.exception
    assert "**1 picture**" in words(app) and ":gray[1 doubtful]" in words(app)
    left_out = app.expander[1]
    assert left_out.label == "1 file could not be read"
    said = left_out.caption[0].value.replace("\\", "")
    assert said == f"{name}: The picture is damaged."
    assert batch.in_sight[1] == {2}
    batch.predictions[2] = refuse("/y", "y.png", "It is torn.")
    app.run()
    assert not app.exception
    assert app.expander[1].label == "2 files could not be read"


def test_results_are_drawn_at_once_then_ever_more_seldom_and_under_no_dialog(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    state: dict[str, object] = {}
    monkeypatch.setattr("pages.parts.classify_results.st.session_state", state)
    long_ago = -1e9
    assert _is_time(1, 0, long_ago) and not _is_time(0, 0, long_ago)
    assert _is_time(64, 32, long_ago) and not _is_time(63, 32, long_ago)
    assert _is_time(1_500, 1_000, long_ago) and not _is_time(1_400, 1_000, long_ago)
    state["classify_dialog"] = True
    assert not _is_time(1_500, 1_000, long_ago)


def test_the_page_shows_a_table_and_files(
    sorted_out: Project, uploaded: dict[str, object]
) -> None:
    app = open_page(**uploaded)
    app.segmented_control(key="classify_look").set_value("Table").run()
    assert not app.exception
    assert app.dataframe[0].value["labels"].tolist() == ["black, dress"] * 2
    app.multiselect(key="classify_with").set_value(["black"]).run()
    app.radio(key="classify_rule").set_value(classify_filter.ABOVE).run()
    assert not app.exception
    assert app.dataframe[0].value["labels"].tolist() == ["black, dress"] * 2
    app.slider(key="classify_above").set_value(90).run()
    assert app.dataframe[0].value["labels"].tolist() == ["black"] * 2
    app.segmented_control(key="classify_filter").set_value("Unseen").run()
    assert "**2 pictures**" in words(app)


def test_a_folder_of_this_computer_is_read_in_place(
    sorted_out: Project, tmp_path: Path, make_image: MakeImage
) -> None:
    add_run(sorted_out)
    folder = tmp_path / "holiday"
    (folder / "in").mkdir(parents=True)
    (folder / "in" / "a.png").write_bytes(make_image())
    (folder / "b.txt").write_text("no picture")
    app = open_page(classify_way="A folder on this computer")
    app.text_input(key="classify_folder").set_value("holiday")
    submit = next(b for b in app.button if b.label == "Classify it")
    submit.click().run()
    assert "Give a full path" in app.error[0].value
    app.text_input(key="classify_folder").set_value(str(folder))
    submit = next(b for b in app.button if b.label == "Classify it")
    submit.click().run()
    assert not app.exception
    kept = app.session_state["classify_upload_clothes"]
    (staged,) = list_files(sorted_out, kept.upload_id)
    assert staged.name == "in/a.png"
    assert staged.path.resolve() == folder / "in" / "a.png"


def test_an_address_is_offered_only_where_that_was_switched_on(
    sorted_out: Project,
) -> None:
    add_run(sorted_out)
    app = open_page()
    ways = app.segmented_control(key="classify_way")
    assert len(ways.options) == 2
    save_settings(Settings(fetch_pictures=True))
    app = open_page(classify_way="A web address")
    app.text_input(key="classify_address").set_value("http://127.0.0.1/a.png")
    next(b for b in app.button if b.label == "Classify it").click().run()
    assert not app.exception
    assert "own network" in app.error[0].value
    assert "classify_upload_clothes" not in app.session_state


def test_runs_stand_side_by_side_and_what_differs_stands_out(
    sorted_out: Project, batch: Batch
) -> None:
    runs = [get_run(sorted_out, add_run(sorted_out)) for _ in range(2)]
    other = Batch("o", "clothes", "r2", batch.pictures)
    other.predictions = {**batch.predictions, 0: batch.predictions[2]}
    row = row_of(runs, [batch, other], 0)
    first, second = row.columns
    assert (first.head, second.head) == ("Run 1", "Run 2")
    assert list(first.said) == [("black", "99 %", False), ("dress", "83 %", True)]
    assert list(second.said) == [("black", "60 %", False), ("jeans", "55 %", True)]
    assert first.note == second.note == "Doubtful"
    assert [is_different([batch.answer(n), other.answer(n)]) for n in range(4)] == [
        True,
        False,
        False,
        False,
    ]
    unread = row_of(runs, [batch, other], 3)
    assert (unread.careful, unread.url, unread.columns) == (
        *("The picture is damaged.", ""),
        (),
    )
    assert agreement_words(3, 1, 1) == (
        "The runs agree on **2 of 3 pictures**; 1 cannot be read."
    )
    assert start_next([batch, other]) is None


def test_saving_and_correcting_say_whether_the_run_was_right(
    sorted_out: Project, uploaded: dict[str, object]
) -> None:
    (batch,) = uploaded["classify_batches"].values()  # type: ignore[attr-defined]
    add_model(sorted_out, batch.run_id)
    batch.hashes = {n: f"{n:064x}" for n in batch.pictures}
    found = {batch.hashes[n]: batch.predictions[n] for n in batch.pictures}
    assert remember(sorted_out, batch.run_id, found, who="Ada") == 2
    app = open_page(**uploaded)
    app.session_state["classify_cards"] = {"log": [[1, "save", 1]]}
    app.run()
    (verdict,) = count_verdicts(sorted_out)
    assert (verdict.right, verdict.wrong) == (1, 0)
    app.session_state["classify_cards"] = {"log": [[2, "undo", 1]]}
    app.run()
    assert count_verdicts(sorted_out) == []


def test_the_past_is_listed_judged_and_searched(sorted_out: Project) -> None:
    run_id = add_run(sorted_out)
    add_model(sorted_out, run_id)
    found = {
        "a" * 64: black_dress(name="Dress.png"),
        "b" * 64: black_dress(name=HOSTILE, labels=["black"]),
    }
    remember(sorted_out, run_id, found, who="Ada")
    newest, oldest = list_past(sorted_out)
    assert (newest.name, oldest.labels) == (HOSTILE, ("black", "dress"))
    app = open_page(classify_view="History")
    assert not app.exception
    assert "2 readings, the newest first" in words(app)
    assert "others are remembered by name" in words(app)
    kept, judged = replace(newest, is_here=True), replace(newest, is_right=True)
    rows = [past_row("clothes", one, {}) for one in (newest, kept, judged)]
    assert [row.thumb for row in rows] == [None, "", "right"]
    log = [[1, "right", oldest.classified_id], [2, "wrong", newest.classified_id]]
    app.session_state["classify_history"] = {"log": log}
    app.run()
    assert not app.exception
    assert "**Run 1** was right in 1 of 2 judged" in words(app)
    # Read again with the same answer, a verdict stays.
    remember(sorted_out, run_id, {"a" * 64: found["a" * 64]}, who="")
    (again,) = list_past(sorted_out, thumb="right")
    assert again.classified_id > oldest.classified_id
    app.segmented_control(key="classify_history_thumb").set_value("wrong").run()
    assert "1 reading, the newest first" in words(app)
    app.text_input(key="classify_history_text").set_value("nothing").run()
    assert "Nothing fits this choice." in words(app)
    assert list_past(sorted_out, text="dRESS")[0].name == "Dress.png"


def test_a_run_with_other_labels_than_the_project_says_which(
    sorted_out: Project, uploaded: dict[str, object]
) -> None:
    (batch,) = uploaded["classify_batches"].values()  # type: ignore[attr-defined]
    add_model(sorted_out, batch.run_id)
    labels.create_labels(sorted_out, ["hat"], who="")
    app = open_page(**uploaded)
    assert not app.exception
    assert "“striped”, “hat” added" in words(app).replace("\\", "")
