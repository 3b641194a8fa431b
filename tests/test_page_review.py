"""The Review page, on run folders written here as a worker leaves them."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from mlcore.calibration import ask_temperatures, temperatures_as_json
from mlcore.calibration_figures import Bin
from mlcore.config import TrainConfig
from mlcore.decisions import Limits
from mlcore.evaluation import HeldOut, load_held_out
from mlcore.label_colours import line_styles, luminance
from mlcore.left_out import LeftOutCombination, LeftOutStudy
from mlcore.metrics import LabelScore
from mlcore.mistakes import count_faults, list_mistakes
from mlcore.model_json import (
    MODEL_NAME,
    PREDICTIONS_NAME,
    describe_model,
    encode,
    read_model_json,
)
from mlcore.ranking_curves import rank_labels
from mlcore.review_sentences import share_words_1
from mlcore.review_story import weakest_label
from mlcore.scores import wilson
from mlcore.snapshot import Snapshot, freeze
from mlcore.sure_answers import cut_by_sureness
from mlcore.thresholds import RunLimits, choose_by_cost, choose_limits
from mlcore.training_view import view_of_model
from pages.parts import (
    review_calibration,
    review_changes,
    review_curves,
    review_figures,
    review_sure,
    review_threshold_words,
)
from pages.parts.review_mistakes import EITHER, FAULT_KEY
from pages.parts.review_words import unseen_sentence
from storage.answers import set_many
from storage.facts import put_near_duplicates
from storage.groups import set_group
from storage.images import add_images, get_image
from storage.labels import create_labels, list_labels
from storage.projects import Project
from storage.records import Epoch, NewImage, Run
from storage.run_states import claim_next, finish_run
from storage.runs import add_epoch, create_run, run_dir
from storage.splits import assign_splits

Combination = tuple[str, str]
SIX: dict[Combination, int] = {
    ("black", "jeans"): 12,
    ("blue", "dress"): 11,
    ("blue", "jeans"): 10,
    ("blue", "shirt"): 9,
    ("red", "dress"): 8,
    ("red", "shirt"): 7,
}
GROUPS = {"colour": ["black", "blue", "red"], "garment": ["dress", "jeans", "shirt"]}


@dataclass
class FakeRun:
    """A project's finished run and what it was made of."""

    run: Run
    snapshot: Snapshot


def fill_project(
    project: Project,
    make_image: Callable[..., bytes],
    counts: dict[Combination, int],
    split_of: Callable[[int, Combination], str],
) -> None:
    """Add tiny pictures of each combination, labelled and put into splits."""
    contents = {
        make_image((number, place, 9), 8): combination
        for place, (combination, count) in enumerate(counts.items())
        for number in range(count)
    }
    batch = [
        (_as_new(data, f"{'_'.join(names)}.png"), data)
        for data, names in contents.items()
    ]
    added = add_images(project, batch).added
    for name, members in GROUPS.items():
        set_group(project, name, members, "exactly-one", who="")
    names = [label for members in GROUPS.values() for label in members]
    labels = create_labels(project, names, who="")
    ids = {label.name: label.label_id for label in labels}
    combination_of = {added[new.sha256]: contents[data] for new, data in batch}
    rows = [
        (image_id, frozenset(ids[name] for name in names))
        for image_id, names in combination_of.items()
    ]
    set_many(project, rows, who="", batch_id="import")
    splits = {
        image_id: split_of(place, combination)
        for place, (image_id, combination) in enumerate(combination_of.items())
    }
    assign_splits(project, splits)


def _as_new(data: bytes, name: str) -> NewImage:
    digest = hashlib.sha256(data).hexdigest()
    return NewImage(digest, name, "png", 8, 8, len(data), "test")


def make_run(
    project: Project, state: str = "finished", *, sharpness: float = 4.0
) -> FakeRun:
    """Write a run folder and its rows as a worker does, with invented answers."""
    config = TrainConfig(epochs=3)
    run = create_run(
        project, recipe=config.recipe, config=config.as_json(), epochs_total=3
    )
    snapshot = freeze(project, run, config)
    claimed = claim_next(project)
    assert claimed is not None
    for epoch in range(1, 4):
        metrics = {"loss": 1 / epoch, "val_loss": 1.2 / epoch, "val_exact_match": 0.3}
        row = Epoch(epoch, 1.5, metrics)
        add_epoch(project, run.run_id, claimed.attempt, row)
    folder = run_dir(project, run.run_id)
    predictions = invent_predictions(snapshot, sharpness)
    predictions.to_parquet(folder / PREDICTIONS_NAME, index=False)
    (folder / MODEL_NAME).write_bytes(
        encode(describe_model(snapshot, {"best_epoch": 2}, {}))
    )
    finish_run(
        project,
        run.run_id,
        claimed.attempt,
        state,
        seconds=4.5,
        metrics={"val_exact_match": sharpness / 100},
        best_epoch=2,
    )
    return FakeRun(run, snapshot)


def invent_predictions(snapshot: Snapshot, sharpness: float) -> pd.DataFrame:
    """Return plausible probabilities of held-out images: truth plus seeded noise."""
    held_out = snapshot.images["split"].isin(["validation", "test"]).to_numpy()
    truth = snapshot.y[held_out] == 1
    noise = np.random.default_rng(7).normal(size=truth.shape)
    logits = sharpness * (truth - 0.5) + noise
    frame = snapshot.images.loc[held_out, ["image_id", "split"]].reset_index(drop=True)
    for place, label in enumerate(snapshot.labels):
        column = 1 / (1 + np.exp(-logits[:, place]))
        frame[f"p{label.label_id}"] = column.astype(np.float32)
    return frame


def every_third(place: int, combination: Combination) -> str:
    return "validation" if place % 3 == 0 else "train"


@pytest.fixture
def filled(project: Project, make_image: Callable[..., bytes]) -> Iterator[Project]:
    """Six combinations, a third of the images held out for validation."""
    fill_project(project, make_image, SIX, every_third)
    yield project


def open_review(tab: str = "", *, all_figures: bool = False) -> AppTest:
    page = AppTest.from_file("../pages/main.py", default_timeout=30)
    page.session_state["review_more_figures"] = all_figures
    if tab:
        page.session_state["review_tab"] = tab
    page.switch_page("review.py").run()
    assert not page.exception
    return page


def words(page: AppTest) -> str:
    """Return everything written on the page, Markdown and captions."""
    return "\n".join(element.value for element in [*page.markdown, *page.caption])


def tiles(page: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in page.metric}


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


def choose_rule(page: AppTest, fake: FakeRun, rule: str) -> None:
    page.selectbox(key=f"review_rule_{fake.run.run_id}").set_value(rule).run()
    assert not page.exception


def test_moving_the_threshold_recomputes_everything(filled: Project) -> None:
    fake = make_run(filled, sharpness=2.0)
    page = open_review(all_figures=True)
    choose_rule(page, fake, "fixed")
    page.slider(key=f"review_threshold_{fake.run.run_id}").set_value(0.8).run()
    expected = load_held_out(filled, fake.run.run_id).evaluate(0.8)
    assert not page.exception
    shown = tiles(page)
    assert shown["Exact match"] == share_words_1(expected.exact_match)
    assert shown["Macro F1"] == share_words_1(expected.macro_f1)
    # the top says that these do not count for the run, and takes them back
    assert "trying other thresholds" in words(page)
    page.button(key="review_trial_back").click().run()
    assert "trying other thresholds" not in words(page)
    own = load_held_out(filled, fake.run.run_id).evaluate()
    assert tiles(page)["Macro F1"] == share_words_1(own.macro_f1)


def test_each_label_can_have_its_own_threshold(filled: Project) -> None:
    fake = make_run(filled, sharpness=2.0)
    page = open_review(all_figures=True)
    choose_rule(page, fake, "by-hand")
    first = fake.snapshot.labels[0].label_id
    key = f"review_threshold_{fake.run.run_id}_{first}"
    page.slider(key=key).set_value(0.9).run()
    limits = [0.9] + [0.5] * (len(fake.snapshot.labels) - 1)
    expected = load_held_out(filled, fake.run.run_id).evaluate(limits)
    shown = tiles(page)
    assert shown["Micro F1"] == share_words_1(expected.micro_f1)


def test_thresholds_chosen_on_the_pictures_they_are_judged_on_are_admitted(
    filled: Project,
) -> None:
    fake = make_run(filled, sharpness=2.0)
    page = open_review(all_figures=True)
    assert "a little too good" not in words(page)
    choose_rule(page, fake, "best-f1")
    assert "chosen on these same pictures" in words(page)
    held_out = load_held_out(filled, fake.run.run_id)
    config = TrainConfig(thresholds="best-f1")
    best = choose_limits(held_out.y, held_out.probabilities, config).limits
    expected = held_out.evaluate(best)
    assert tiles(page)["Macro F1"] == share_words_1(expected.macro_f1)
    assert (expected.macro_f1 or 0) > (held_out.evaluate().macro_f1 or 0)


def test_what_counts_as_yes_can_be_kept_with_the_run_and_taken_back(
    filled: Project,
) -> None:
    fake = make_run(filled, sharpness=2.0)
    before = read_model_json(run_dir(filled, fake.run.run_id))
    page = open_review()
    choose_rule(page, fake, "top-k")
    keep = f"review_keep_{fake.run.run_id}"
    page.button(key=keep).click().run()
    assert "Kept with the run" in words(page)
    kept = load_held_out(filled, fake.run.run_id)
    assert kept.set_to.limits.top_k == 2 and kept.own.limits.top_k == 0
    view = view_of_model(read_model_json(run_dir(filled, fake.run.run_id)))
    assert view.decide(kept.probabilities).sum(axis=1).tolist() == [2] * len(kept.y)
    shown = tiles(page)["Exact match"]
    assert shown == share_words_1(kept.evaluate().exact_match)
    choose_rule(page, fake, "own")
    page.button(key=keep).click().run()
    assert not page.exception
    assert read_model_json(run_dir(filled, fake.run.run_id)) == before


def test_where_the_strongest_label_is_the_answer_no_threshold_is_offered(
    filled: Project,
) -> None:
    held_out = load_held_out(filled, make_run(filled).run.run_id)
    says = review_threshold_words.no_choice_sentence
    assert says(held_out) == ""
    assert "one strongest label" in says(replace(held_out, output="softmax"))
    grouped = replace(held_out, output="groups")
    assert "strongest label of each group" in says(grouped)
    assert [label.threshold for label in grouped.evaluate().labels] == [None] * 6
    assert says(replace(grouped, groups=grouped.groups[:1])) == ""


def test_looking_at_the_least_sure_pictures_leaves_fewer_wrong(filled: Project) -> None:
    few = load_held_out(filled, make_run(filled).run.run_id)
    held_out = replace(
        few,
        output="groups",
        y=np.tile(few.y, (9, 1)),
        probabilities=np.random.default_rng(3).random((9 * len(few.y), 6)),
    )
    cuts = cut_by_sureness(held_out, [0.0, 0.1, 0.5])
    said, p = held_out.decide(), held_out.probabilities.astype(float)
    sure = np.where(said, p, 1.0).min(axis=1)
    right = (said == (held_out.y == 1)).all(axis=1)
    images = len(right)
    assert (cuts[0].looked_at, cuts[0].left) == (0, images)
    for cut in cuts:
        left = right[sure >= cut.sure_from]
        assert (cut.left, cut.right) == (len(left), left.sum())
        assert cut.looked_at + cut.left == images
    sentence = review_sure.sure_sentence(cuts)
    assert f"the {cuts[1].looked_at} of {images} pictures it is least sure" in sentence
    assert f"of its {cuts[0].wrong} wrong pictures" in sentence
    equal = replace(held_out, probabilities=np.full_like(held_out.probabilities, 0.5))
    assert len(cut_by_sureness(equal)) == 1, "equally sure ones stay together"
    assert cut_by_sureness(few) == []


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


def test_the_page_says_how_often_what_the_run_says_is_true(filled: Project) -> None:
    fake = make_run(filled)
    text = words(open_review("How sure it may be"))
    assert "When it says" in text and "it is right" in text
    # a run that is older than temperatures has none
    assert "points on average. Thin bars" in text
    folder = run_dir(filled, fake.run.run_id)
    facts = read_model_json(folder)
    groups = ask_temperatures(fake.snapshot.labels, fake.snapshot.groups, "sigmoid")
    fitted = [replace(one, value=1.7, images=60) for one in groups]
    facts["temperatures"] = temperatures_as_json(fitted, fake.snapshot.labels)
    (folder / MODEL_NAME).write_bytes(encode(facts))
    page = open_review("How sure it may be")
    assert "garment by 1.70 (it was too sure). The numbers were fitted on" in words(
        page
    )
    page.segmented_control(key="review_calibration_group").set_value("garment").run()
    assert not page.exception and "When it says" in words(page)
    assert "colour by" not in words(page)


def test_bars_of_few_answers_are_thin_and_what_was_before_is_dots() -> None:
    bins = [Bin(0.5, 0.6, 4, 0.55, 0.5), Bin(0.9, 1.0, 400, 0.97, 0.96)]
    figure = review_calibration.reliability_figure(bins, bins[1:])
    _, bars, before = figure.data
    assert list(bars.y) == [0.5, 0.96] and list(bars.text) == ["4", "400"]
    assert bars.width[0] < bars.width[1] <= 0.1
    assert (list(before.x), list(before.y)) == ([0.97], [0.96])
    assert review_calibration.telling_sentence(bins[:1]).startswith("4 answers are too")


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


def test_a_label_without_examples_is_never_shown_as_perfect() -> None:
    score = review_figures.LabelScore(
        label_id=1,
        label="<img src=x>",
        support=0,
        precision=None,
        recall=None,
        f1=None,
        average_precision=None,
        threshold=0.5,
        note="no examples",
    )
    cells = review_figures.describe_label(score)
    assert cells[0].text == "<img src=x>"
    assert (cells[1].text, cells[1].tone) == ("none", "warn")
    assert [cell.text for cell in cells[2:6]] == ["no examples"] * 4
    assert [cell.value for cell in cells[2:6]] == [None] * 4


def test_a_bar_says_its_likely_range_and_what_it_stands_on(filled: Project) -> None:
    held_out = load_held_out(filled, make_run(filled, sharpness=2.0).run.run_id)
    score = held_out.evaluate().labels[0]
    ranking = rank_labels(held_out.y, held_out.probabilities, held_out.labels)[0]
    recall = review_figures.describe_label(score, ranking)[4]
    low, high = wilson(score.hits, score.support)
    assert (recall.low, recall.high) == (low, high)
    assert (
        f"likely {low * 100:.0f} to {high * 100:.0f} %: {score.hits} of" in recall.help
    )
    shape = review_figures.describe_label(score, ranking)[6].shape
    assert shape is not None and sum(shape.with_label) == score.support


def test_what_another_choice_changes_is_said_in_pictures(filled: Project) -> None:
    held_out = load_held_out(filled, make_run(filled, sharpness=2.0).run.run_id)
    strict = RunLimits(Limits.of(0.8, 6), "fixed")
    right = [
        round((held_out.evaluate(limits).exact_match or 0) * len(held_out.y))
        for limits in (None, strict.limits)
    ]
    said = review_changes.change_sentence(held_out, strict)
    assert f"**{right[0]} → {right[1]}** of {len(held_out.y)} pictures" in said
    assert "no longer" in said and "more or less often to" in said


def test_the_price_of_a_miss_is_a_way_to_choose(filled: Project) -> None:
    fake = make_run(filled, sharpness=2.0)
    page = open_review()
    choose_rule(page, fake, "miss-cost")
    cost = page.number_input(key=f"review_threshold_{fake.run.run_id}_cost")
    cost.set_value(50.0).run()
    held_out = load_held_out(filled, fake.run.run_id)
    chosen = choose_by_cost(held_out.y, held_out.probabilities, 50.0)
    labels = held_out.evaluate(chosen.limits).labels
    assert {label.recall for label in labels if label.support >= 5} == {1.0}
    page.button(key=f"review_keep_{fake.run.run_id}").click().run()
    assert "Kept with the run" in words(page)
    assert load_held_out(filled, fake.run.run_id).set_to == chosen
    choose_rule(page, fake, "by-hand")
    slider = page.slider(
        key=f"review_threshold_{fake.run.run_id}_{fake.snapshot.labels[0].label_id}"
    )
    assert slider.value == round(chosen.limits.thresholds[0], 2)


def test_what_is_taken_for_what_is_drawn_and_said(filled: Project) -> None:
    make_run(filled, sharpness=2.0)
    page = open_review("Mixed up")
    assert "**colour**: right on" in words(page) and "read as" in words(page)
    page.segmented_control(key="review_mixed_group").set_value("garment").run()
    assert not page.exception and "**garment**: right on" in words(page)
    assert "Wrong together" in words(page)


def test_both_curves_are_drawn(filled: Project) -> None:
    make_run(filled, sharpness=2.0)
    page = open_review("Curves")
    assert "the higher, the fewer false ones" in words(page)
    page.segmented_control(key="review_curve").set_value("ROC").run()
    assert not page.exception and "on the dotted line it guesses" in words(page)


def test_a_label_is_drawn_in_its_own_colour_or_in_that_of_its_name() -> None:
    names = ["dress", "blue", "dark red", "black", "white", "hat", "shirt"]
    styles = line_styles(names, {"hat": "#7c6bd6", "blue": ""})
    assert styles["hat"] == ("#7c6bd6", "solid")

    def strongest(name: str) -> int:
        colour = styles[name][0]
        channels = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
        return channels.index(max(channels))

    assert (strongest("dark red"), strongest("blue")) == (0, 2)
    assert len(set(styles.values())) == len(names)
    # 3:1 against white and against the dark background
    for colour, _ in styles.values():
        assert 0.11 <= luminance(colour) <= 0.32, colour


def test_two_labels_of_one_colour_differ_in_their_dash() -> None:
    styles = line_styles(["blue", "light blue"], {})
    assert styles["blue"][0] == styles["light blue"][0]
    assert styles["blue"][1] != styles["light blue"][1]
    many = line_styles([f"label {at}" for at in range(20)], {})
    assert len(set(many.values())) == 20


def test_the_chart_opens_on_the_weakest_labels_that_have_figures() -> None:
    def score(name: str, value: float | None) -> LabelScore:
        return LabelScore(1, name, 9, None, None, None, value, 0.5)

    marks = [score("a", 0.9), score("none", None), score("b", 0.2), score("c", 0.1)]
    assert review_curves.weakest_labels(["a", "none", "b"], marks) == ["b", "a"]
