"""Review: what counts as yes, tried, kept and taken back."""

from dataclasses import replace

import numpy as np
from reviewed_project import choose_rule, filled, make_run, open_review, tiles, words

from mlcore.config import TrainConfig
from mlcore.decisions import Limits
from mlcore.evaluation import load_held_out
from mlcore.model_json import (
    read_model_json,
)
from mlcore.review_sentences import share_words_1
from mlcore.sure_answers import Cut, cut_by_sureness
from mlcore.thresholds import RunLimits, choose_by_cost, choose_limits
from mlcore.training_view import view_of_model
from pages.parts import (
    review_changes,
    review_sure,
    review_threshold_words,
)
from storage.projects import Project
from storage.runs import run_dir

__all__ = ["filled"]


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


def test_of_few_pictures_the_sentence_counts_them_and_asks_for_no_look_too_many() -> (
    None
):
    cuts = [Cut(0, 24, 23, 0.5), Cut(1, 23, 23, 0.6), Cut(2, 22, 22, 0.7)]
    sentence = review_sure.sure_sentence(cuts)
    assert "the 1 of 24 pictures it is least sure" in sentence
    assert "**23 of 23** of the rest" in sentence
    assert "Alone it gets 23 of 24 right" in sentence


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
