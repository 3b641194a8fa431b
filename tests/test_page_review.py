"""The Review page: how good a run is, on what that stands, and what to do next."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from reviewed_project import (
    SIX,
    Combination,
    choose_rule,
    every_third,
    fill_project,
    filled,
    make_run,
    open_review,
    tiles,
    words,
)
from streamlit.testing.v1 import AppTest

from mlcore.config import TrainConfig
from mlcore.evaluation import HeldOut, load_held_out
from mlcore.left_out import LeftOutCombination, LeftOutStudy
from mlcore.mistakes import count_faults, list_mistakes
from mlcore.model_json import (
    MODEL_NAME,
    PREDICTIONS_NAME,
    encode,
    read_model_json,
)
from mlcore.review_sentences import share_words_1
from mlcore.review_story import weakest_label
from mlcore.supported_combinations import can_combine
from pages.parts.review_mistakes import EITHER, FAULT_KEY
from pages.parts.review_words import unseen_sentence
from storage.facts import put_near_duplicates
from storage.images import get_image
from storage.labels import list_labels
from storage.projects import Project
from storage.runs import create_run, run_dir

__all__ = ["filled"]


def test_without_a_run_the_page_says_to_train(project: Project) -> None:
    page = open_review()
    assert "Nothing trained yet" in words(page)
    assert [button.label for button in page.main.button] == ["Go to Train"]


def test_the_first_sentence_says_how_good_it_is_and_what_is_weakest(
    filled: Project,
) -> None:
    fake = make_run(filled)
    figures = load_held_out(filled, fake.run.run_id).evaluate()
    right = round((figures.exact_match or 0) * figures.images)
    page = open_review()
    sentence = next(m.value for m in page.markdown if m.value.startswith("## Right"))
    assert sentence.startswith(
        f"## Right on all labels for {right} of {figures.images}"
    )
    weakest = min(figures.labels, key=lambda score: score.f1 or 0.0)
    assert sentence.endswith(f"weakest: {weakest.label}.")
    assert f"single yes/no answers {share_words_1(figures.binary_accuracy)}" in words(
        page
    )


def test_the_next_step_names_what_to_collect_and_leads_there(filled: Project) -> None:
    make_run(filled, sharpness=0.5)
    page = open_review()
    text = words(page)
    assert "What to do next" in text
    collect = next(m.value for m in page.markdown if "**Collect about" in m.value)
    assert collect.startswith("1. **Collect about 30 pictures each of ")
    assert all(name in collect for name in ("black dress", "black shirt", "red jeans"))
    assert page.get("page_link")[0].proto.label == "What to collect"
    page.button(key="review_step_2").click().run()
    assert page.session_state["review_tab"] == "Wrong pictures"
    assert shown_mistakes(page)
    # it names one label read as another: only those are shown
    step = next(m.value for m in page.markdown if m.value.startswith("2. **"))
    asked = page.selectbox(key=FAULT_KEY)
    shown = {label.label_id: label.name for label in list_labels(filled)}
    label_id, kind = asked.value
    assert f"**Look at {shown[label_id]} read as" in step and kind == "missed"


def test_a_step_about_one_label_shows_its_wrong_pictures_of_every_kind(
    filled: Project,
) -> None:
    fake = make_run(filled, sharpness=0.5)
    held_out = load_held_out(filled, fake.run.run_id)
    label_id = next(i for i, n in Counter(_faulty(held_out)).items() if n > 1)
    page = open_review("Wrong pictures")
    page.session_state[FAULT_KEY] = (label_id, EITHER)
    page.run()
    name = next(x.name for x in held_out.labels if x.label_id == label_id)
    chosen = page.selectbox(key=FAULT_KEY)
    count = _faulty(held_out).count(label_id)
    assert f"{name} ({count})" in chosen.options
    assert len(shown_mistakes(page)) == count


def _faulty(held_out: HeldOut) -> list[int]:
    return [i for one in list_mistakes(held_out) for i, _ in one.faults]


def test_copies_of_training_pictures_among_the_judged_are_admitted(
    filled: Project,
) -> None:
    images = make_run(filled).snapshot.images
    trained = images.loc[images["split"] == "train", "image_id"]
    judged = images.loc[images["split"] == "validation", "image_id"]
    pair = sorted([int(trained.iloc[0]), int(judged.iloc[0])])
    put_near_duplicates(filled, [(*pair, 4)])
    assert "2 pictures have a copy in another split" in words(open_review())


def test_a_queued_run_is_announced(filled: Project) -> None:
    config = TrainConfig(epochs=1)
    create_run(filled, recipe="vgg16", config=config.as_json(), epochs_total=1)
    assert "A run is on its way" in words(open_review())


def test_a_failed_run_is_not_offered(filled: Project) -> None:
    make_run(filled, "failed")
    assert "Nothing trained yet" in words(open_review())


def test_two_tiles_say_what_matters_and_a_fold_has_every_total(
    filled: Project,
) -> None:
    fake = make_run(filled)
    expected = load_held_out(filled, fake.run.run_id).evaluate()
    weakest = weakest_label(expected)
    assert weakest is not None
    assert tiles(open_review()) == {
        "Exact match": share_words_1(expected.exact_match),
        f"Weakest: {weakest.label} (F1)": share_words_1(weakest.f1),
    }
    shown = tiles(open_review(all_figures=True))
    assert shown["Binary accuracy"] == share_words_1(expected.binary_accuracy)
    assert shown["Micro F1"] == share_words_1(expected.micro_f1)
    assert shown["F2"] == share_words_1(expected.f2)
    assert len(shown) == 7


def test_without_unseen_combinations_held_out_the_page_admits_it(
    filled: Project,
) -> None:
    make_run(filled)
    assert "never seen in training: not measured" in words(open_review())


def shown_mistakes(page: AppTest) -> list[dict[str, str]]:
    """Return the tiles of the gallery of wrong pictures."""
    given = [c.proto.json for c in page.get("bidi_component")]
    found = [json.loads(text) for text in given if text]
    return next(c["items"] for c in found if "items" in c)


def test_the_wrong_pictures_are_shown_worst_first_with_the_way_to_their_labels(
    filled: Project,
) -> None:
    fake = make_run(filled, sharpness=2.0)
    held_out = load_held_out(filled, fake.run.run_id)
    wrong = list_mistakes(held_out)
    share_right = held_out.evaluate().exact_match or 0.0
    assert len(wrong) == round(len(held_out.y) * (1 - share_right)) > 2
    losses = [mistake.loss for mistake in wrong]
    assert losses == sorted(losses, reverse=True)
    assert all(mistake.said != mistake.labelled for mistake in wrong)

    page = open_review("Wrong pictures")
    tiles = shown_mistakes(page)
    assert len(tiles) == len(wrong)
    image = get_image(filled, wrong[0].image_id)
    assert image.sha256 in tiles[0]["url"]
    # a mended label does not take it out of sight
    assert f"q={image.name}" in tiles[0]["href"] and "set=" not in tiles[0]["href"]
    assert tiles[0]["caption"].startswith("Said: ")

    fault, count = count_faults(wrong)[0]
    page.selectbox(key="review_fault").set_value(fault).run()
    assert len(shown_mistakes(page)) == count < len(wrong)
    choose_rule(page, fake, "fixed")
    page.slider(key=f"review_threshold_{fake.run.run_id}").set_value(0.99).run()
    page.selectbox(key="review_fault").set_value(None).run()
    strict = list_mistakes(held_out, 0.99)
    assert len(strict) > len(wrong)
    assert len(shown_mistakes(page)) == min(24, len(strict))


def test_a_run_that_is_right_everywhere_has_no_wrong_picture(filled: Project) -> None:
    make_run(filled, sharpness=60.0)
    text = words(open_review("Wrong pictures"))
    assert "every label of every held-out picture is right" in text
    assert "See the wrong pictures" not in text


def test_an_open_question_is_no_mistake(filled: Project) -> None:
    held_out = load_held_out(filled, make_run(filled, sharpness=2.0).run.run_id)
    unknown = replace(held_out, y=np.full_like(held_out.y, -1))
    assert list_mistakes(unknown) == []


def test_where_one_group_has_all_labels_nothing_is_said_of_combinations(
    filled: Project,
) -> None:
    held_out = load_held_out(filled, make_run(filled).run.run_id)
    assert can_combine(held_out)
    alone = replace(held_out, labels=held_out.labels[:3], groups=held_out.groups[:1])
    assert not can_combine(alone)
    assert can_combine(replace(held_out, groups=()))


def test_unseen_combinations_held_out_are_measured(
    project: Project, make_image: Callable[..., bytes]
) -> None:
    def split_of(place: int, combination: Combination) -> str:
        is_unseen = combination == ("black", "dress")
        return "validation" if is_unseen else every_third(place, combination)

    fill_project(project, make_image, SIX | {("black", "dress"): 5}, split_of)
    make_run(project)
    page = open_review()
    assert "not measured" not in words(page)
    assert "on 5 pictures" in words(page)
    assert "Never-seen combinations" in tiles(page)


def test_a_study_is_what_is_said_of_unseen_combinations(filled: Project) -> None:
    run = make_run(filled).run
    evaluation = load_held_out(filled, run.run_id).evaluate()
    black_dress = LeftOutCombination((1, 4), ("black", "dress"), 100, 90)
    study = LeftOutStudy("plain", (black_dress,), 1, 1, 1.0, "", "")

    said = unseen_sentence(evaluation, study)

    assert "left out of training: 90 % right** (likely 83 % to 94 %)" in said
    page = open_review()
    assert any(
        "3 combinations have no picture: red jeans, black dress, black shirt: " in c
        for c in (caption.value for caption in page.caption)
    ), "named, not only counted"
    assert "free labels are not counted here" not in words(page)


def test_the_page_says_on_which_images_the_figures_stand(filled: Project) -> None:
    fake = make_run(filled)
    count = load_held_out(filled, fake.run.run_id).counts["validation"]
    assert f"Computed on {count} validation pictures" in words(open_review())


def test_validation_and_test_can_be_chosen_when_both_exist(
    project: Project, make_image: Callable[..., bytes]
) -> None:
    def split_of(place: int, combination: Combination) -> str:
        return ("train", "validation", "test")[place % 3]

    fill_project(project, make_image, SIX, split_of)
    fake = make_run(project)
    page = open_review()
    assert "test pictures: neither training" in words(page)
    choose_rule(page, fake, "best-f2")
    assert "chosen on" in words(page) and "too good" not in words(page)
    page.segmented_control(key="review_split").set_value("validation").run()
    assert "validation pictures: never trained on" in words(page)


def test_a_run_without_saved_predictions_says_what_to_do(filled: Project) -> None:
    fake = make_run(filled)
    (run_dir(filled, fake.run.run_id) / PREDICTIONS_NAME).unlink()
    page = open_review()
    assert "cannot be read. Train again." in words(page)
    assert "## Learning curves" in [element.value for element in page.markdown]


def test_predictions_that_changed_on_the_disk_are_refused_by_name(
    filled: Project,
) -> None:
    folder = run_dir(filled, make_run(filled).run.run_id)
    facts = read_model_json(folder) | {"files": {PREDICTIONS_NAME: "0" * 64}}
    (folder / MODEL_NAME).write_bytes(encode(facts))
    assert f"{PREDICTIONS_NAME} was changed after training" in words(open_review())


def test_the_newest_run_comes_first_and_the_address_can_choose(
    filled: Project,
) -> None:
    older, newer = make_run(filled), make_run(filled, sharpness=1.0)
    page = open_review()
    choice = page.selectbox(key="review_run")
    assert choice.value == newer.run.run_id
    assert ["best so far" in option for option in choice.options] == [False, True]
    page = AppTest.from_file("../pages/main.py", default_timeout=30)
    page.switch_page("review.py")
    page.query_params["run"] = older.run.run_id
    page.run()
    assert page.selectbox(key="review_run").value == older.run.run_id


def test_a_run_that_finishes_meanwhile_is_announced_and_changes_nothing(
    filled: Project,
) -> None:
    first = make_run(filled).run
    page = open_review()
    second = make_run(filled, sharpness=1.0).run
    page.run()
    assert page.selectbox(key="review_run").value == first.run_id
    notice = page.button(key="review_show_newest")
    assert notice.label == f"Run {second.number} is finished: show it"
    notice.click().run()
    assert page.selectbox(key="review_run").value == second.run_id
    assert not any(b.key == "review_show_newest" for b in page.button)
    # a page switch forgets widgets, not the choice
    page.selectbox(key="review_run").select(first.run_id).run()
    page.query_params.pop("run", None)
    page.switch_page("data.py").run()
    page.query_params.pop("run", None)
    page.switch_page("review.py").run()
    assert page.selectbox(key="review_run").value == first.run_id
    assert not page.exception
