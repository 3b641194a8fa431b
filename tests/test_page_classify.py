"""The Classify page: runs to choose from, cards, results, files."""

import csv
import io
import json
import zipfile
from dataclasses import replace
from unittest.mock import ANY

import pytest
from classified_pictures import (
    EVIL,
    MakeImage,
    add_run,
    black_dress,
    filled_batch,
    open_page,
    pictures,
    sorted_out,
    stage,
    uploaded,
    words,
)
from streamlit.testing.v1 import AppTest

from mlcore.left_out import LeftOutCombination, LeftOutStudy, keep_studies
from mlcore.novelty import Strangeness
from mlcore.predictions import DOUBTS, Alternative, LeftOut, Prediction
from mlcore.shopping_targets import list_targets
from mlcore.staged_archives import unpack_staged_zips
from mlcore.uploads import (
    new_upload,
    staged_files,
    staged_source,
)
from pages.parts import prediction_saving, result_files
from pages.parts.best_run import best_words, find_best_run
from pages.parts.classify_batch import Batch, Picture
from pages.parts.classify_filter import ALL, CAME, DOUBT, DOUBTFUL, Choice, pick
from pages.parts.classify_tools import DOUBT_WORDS, doubt_sentence
from pages.parts.prediction_cards import Card, card_data
from storage import images, runs
from storage.labels import list_labels
from storage.projects import Project

__all__ = ["pictures", "sorted_out", "uploaded"]


def test_without_a_run_the_page_points_to_training(project: Project) -> None:
    app = open_page()
    assert not app.exception
    assert "No trained run yet" in words(app)


def test_runs_are_offered_newest_first_with_their_exact_match(
    project: Project,
) -> None:
    add_run(project)
    add_run(project, "failed")
    add_run(project, "stopped")
    app = open_page()
    assert not app.exception
    options = app.selectbox(key="classify_run").options
    assert [option.split(" · ") for option in options] == [
        ["Run 3", ANY, "exact match 98 %", "best so far"],
        ["Run 1", ANY, "exact match 98 %"],
    ]


def test_the_best_run_is_preselected_until_a_person_chooses(project: Project) -> None:
    best, newest = add_run(project), add_run(project, "stopped", 0.05)
    app = open_page()
    choice = app.selectbox(key="classify_run")
    assert choice.value == best
    assert [" · best so far" in option for option in choice.options] == [False, True]
    choice.set_value(newest).run()
    app.switch_page("overview.py").run()
    assert "Best so far: run 1" in app.get("page_link")[0].proto.label
    app.switch_page("classify.py").run()
    assert app.selectbox(key="classify_run").value == newest


def test_a_run_of_other_labels_is_not_the_best(project: Project) -> None:
    best, newest = add_run(project), add_run(project, "finished", 0.5)
    for run_id, label_ids in ((best, [1]), (newest, [1, 2])):
        facts = {"labels": [{"label_id": label_id} for label_id in label_ids]}
        folder = runs.run_dir(project, run_id)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "model.json").write_text(json.dumps(facts))
    every = runs.list_runs(project)
    found = find_best_run(project, every)
    assert found is not None and found.run_id == newest
    assert best_words(project, every, found) == "best so far: knows more labels"


def test_between_equally_good_runs_combinations_never_shown_decide(
    project: Project,
) -> None:
    settings = {"network": "features"}
    for head, exact_match in (("linear", 0.985), ("joint", 0.98), ("joint", 0.97)):
        runs.create_run(
            project,
            recipe="quick",
            config=settings | {"feature_head": head},
            epochs_total=1,
            data_sha256="d" * 64,
        )
        run = runs.claim_next(project)
        assert run is not None
        metrics = {"val_exact_match": exact_match}
        runs.finish_run(
            project, run.run_id, run.attempt, "finished", seconds=1.0, metrics=metrics
        )
    *_, first = found = runs.list_runs(project)
    best = find_best_run(project, found)
    assert best is not None and best.run_id == first.run_id
    keep_studies(
        project,
        [
            LeftOutStudy(
                head,
                (LeftOutCombination((1, 2), (), 100, right),),
                1,
                1,
                1.0,
                "d" * 64,
                "",
            )
            for head, right in (("plain", 59), ("compositional", 94))
        ],
    )
    best = find_best_run(project, found)
    assert best is not None and best.run_id == found[1].run_id
    options = open_page().selectbox(key="classify_run").options
    assert "98 %, never-shown combinations 94 % · best so far: more right" in options[1]


def test_a_card_says_what_the_browser_must_show() -> None:
    data = card_data(
        Card(
            number=4,
            url="/img/a/upload/u/4",
            name=EVIL,
            prediction=black_dress(),
            confirmed=("black", "dress"),
            truth=("black", "dress"),
        )
    )
    assert data["name"] == EVIL
    assert data["shares"][:3] == [
        ["black", 0.99, True],
        ["dress", 0.83, True],
        ["jeans", 0.12, False],
    ]
    assert data["alternatives"] == "It might be black jeans (12 %)."
    assert data["truth"] == "Drawn as: black dress. The reading is right."
    unlikely = Alternative(["black", "jeans"], 0.04, True)
    sure = Card(4, "", "", black_dress(alternatives=[unlikely]))
    assert card_data(sure)["alternatives"] == ""
    assert data["warnings"] == ["None of the 288 training images shows a black dress."]


def test_a_card_says_how_far_the_model_can_be_believed() -> None:
    known = LeftOut(84, 100, 0.84, 0.78, 0.89)
    sentence = (
        "On combinations it never saw, this model is right 84 times in 100 (78–89)."
    )
    changes: dict[str, object] = {
        "left_out": known,
        "unseen_share": 0.91,
        "novelty": Strangeness(0.6, 0.35, False),
    }
    data = card_data(Card(1, "", "", black_dress(**changes)))
    assert (data["left_out"], data["calm"]) == (sentence, False)
    assert data["figures"] == [
        "Combinations never shown in training: 91 % together.",
        "Farther from the training pictures than 35 in 100 held-out pictures.",
    ]
    mute = card_data(Card(1, "", "", black_dress(**changes | {"novelty": None})))
    assert mute["figures"][1].startswith("This run cannot tell whether")
    # a dog shows no combination of clothes, whatever is read in it
    far = black_dress(**changes, doubts=["far", "unseen"], missing=["black shirt"])
    data = card_data(Card(1, "", "", far))
    assert (data["left_out"], data["alternatives"], data["missing"]) == ("", "", "")
    assert data["warnings"][1:] == ["Perhaps it shows a label you have not made yet."]
    # what is only worth knowing of a sure answer is said quietly
    sure = black_dress(**changes, doubts=[], combination_seen=True)
    data = card_data(Card(1, "", "", sure))
    assert (data["left_out"], data["calm"], data["doubtful"]) == ("", True, False)
    assert len(data["warnings"]) == 1


def test_doubtful_pictures_come_first_the_gravest_on_top(
    pictures: list[Picture],
) -> None:
    batch = filled_batch("r", pictures)
    kinds = (["unsure"], [], ["far", "unseen"])
    batch.predictions = {n: black_dress(doubts=kind) for n, kind in enumerate(kinds)}
    doubtful = batch.doubtful()
    ordered = {
        (show, sort): pick(batch, [0, 1, 2], Choice(show, sort))
        for show, sort in ((ALL, CAME), (ALL, DOUBT), (DOUBTFUL, DOUBT))
    }
    assert list(ordered.values()) == [[0, 1, 2], [2, 0, 1], [2, 0]]
    said = doubt_sentence([batch.predictions[n].doubts[0] for n in doubtful])
    assert said == "Doubtful: 1 unlike anything in training, 1 a close call."
    assert set(DOUBT_WORDS) == set(DOUBTS)


def test_a_label_deleted_since_the_run_is_named(
    sorted_out: Project, pictures: list[Picture]
) -> None:
    from mlcore.errors import PredictionError

    with pytest.raises(PredictionError, match="no label “velvet”"):
        prediction_saving.save_labels(sorted_out, pictures[0], ["velvet"], who="")
    assert images.progress(sorted_out).total == 0


def test_results_are_kept_and_not_computed_again(uploaded: dict[str, object]) -> None:
    app = open_page(**uploaded)
    assert not app.exception
    assert "**2 pictures**" in words(app)
    assert ":gray[2 doubtful]" in words(app)
    assert app.run().exception == []


def test_what_was_never_shown_is_put_on_the_shopping_list_once(
    sorted_out: Project, uploaded: dict[str, object]
) -> None:
    app = open_page(**uploaded)
    app.session_state["classify_cards"] = {"log": [[1, "collect", 1]]}
    app.run()
    assert not app.exception
    [target] = list_targets(sorted_out)
    names = {x.label_id: x.name for x in list_labels(sorted_out)}
    assert {names[i] for i in target.label_ids} == {"black", "dress"}
    assert target.wanted == 30
    card = Card(1, "", "a", black_dress())
    assert card_data(card)["collect"] == "black dress"
    assert card_data(replace(card, on_list=True))["collect"] == ""


def test_a_log_that_is_not_ours_is_ignored(
    sorted_out: Project, uploaded: dict[str, object]
) -> None:
    app = open_page(**uploaded)
    app.session_state["classify_cards"] = {
        "log": [[1, "drop", 1], "x", [2, "save", 77], [3, "save"], [None, "save", 1]]
    }
    app.run()
    assert not app.exception
    assert images.progress(sorted_out).total == 0


def test_the_csv_holds_no_formula_and_every_probability(
    pictures: list[Picture],
) -> None:
    evil = black_dress(name="=cmd|' /C calc'!A0", probabilities={"=1+1": 0.5})
    data = result_files.results_csv([(pictures[0], evil, None)])
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    assert all(
        not cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row
    )
    assert rows[1][-1] == "0.5"


def test_the_csv_agrees_with_the_card_and_knows_corrections(
    pictures: list[Picture],
) -> None:
    rows = [
        (pictures[0], black_dress(), ("black", "jeans")),
        (pictures[1], black_dress(), None),
    ]
    data = result_files.results_csv(rows).decode("utf-8-sig")
    first, second = csv.DictReader(io.StringIO(data))
    assert (first["labels"], first["saved_as"]) == ("black;dress", "black;jeans")
    assert (first["doubtful"], first["combination_seen"]) == ("no", "no")
    assert (second["saved_as"], second["doubtful"]) == ("", "yes")


def test_the_zip_holds_each_readable_picture_drawn(pictures: list[Picture]) -> None:
    rows = [(picture, black_dress(), None) for picture in pictures[:2]]
    rows.append((pictures[2], Prediction("/x", "x", error="It is damaged."), None))
    archive = zipfile.ZipFile(io.BytesIO(result_files.drawn_zip(rows)))
    names = archive.namelist()
    assert [name[:12] for name in names] == [
        *("results.csv", "0000 photo 0", "0001 photo 1")
    ]
    assert archive.read(names[1])[:4] in (b"\x89PNG", b"\xff\xd8\xff\xe0")


def test_pictures_inside_an_uploaded_zip_are_staged_one_by_one(
    project: Project, make_image: MakeImage
) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("in/a.png", make_image())
        archive.writestr("../b.png", make_image("blue"))
        archive.writestr("notes.txt", "no picture")
    upload_id = new_upload(project)
    stage(project, "all.zip", packed.getvalue(), upload_id)
    refused = unpack_staged_zips(project, upload_id, max_bytes=2**20)
    names = [f.name for f in staged_files(staged_source(project, upload_id))]
    assert names == ["all.zip", "all.zip/in/a.png"]
    assert "outside the zip" in refused[0].reason


def test_a_run_that_cannot_be_used_is_said_in_words(
    project: Project, pictures: list[Picture]
) -> None:
    run_id = add_run(project, "failed")
    batch = Batch("k", project.name, run_id, {p.number: p for p in pictures})
    batch.start([0, 1])
    assert batch.work and batch.work.thread
    batch.work.thread.join(timeout=60)
    assert "has no model" in batch.work.error
    assert batch.predictions == {}


def show_two_left_out() -> None:
    from pages.parts.classify_source import show_left_out

    files = [("a.zip", "It is a trap."), ("b.zip", "It is torn.")]
    show_left_out(files, "2 files left out", key="left_out")


def test_why_a_zip_was_left_out_is_seen_without_a_click() -> None:
    page = AppTest.from_function(show_two_left_out).run()
    assert page.expander[0].proto.expanded
    assert "It is a trap" in page.caption[0].value
    assert "It is torn" in page.caption[1].value
