"""Review: bars, curves, what is taken for what, and in which colours."""

from dataclasses import replace

from reviewed_project import filled, make_run, open_review, words

from mlcore.calibration import ask_temperatures, temperatures_as_json
from mlcore.calibration_figures import Bin
from mlcore.evaluation import load_held_out
from mlcore.label_colours import line_styles, luminance
from mlcore.metrics import LabelScore
from mlcore.model_json import (
    MODEL_NAME,
    encode,
    read_model_json,
)
from mlcore.ranking_curves import rank_labels
from mlcore.scores import wilson
from pages.parts import (
    review_calibration,
    review_curves,
    review_figures,
)
from storage.projects import Project
from storage.runs import run_dir

__all__ = ["filled"]


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
