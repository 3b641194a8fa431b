"""The gallery of wrong and unsure pictures on Review: kinds, causes, pages."""

import json
from collections.abc import Iterator

import pytest
from filled_project import MakeImage, fill
from reviewed_project import SIX, every_third, fill_project, make_run
from streamlit.testing.v1 import AppTest

from mlcore.evaluation import load_held_out
from mlcore.mistakes import IN_VAIN, MISSED, list_mistakes, list_unsure
from pages.parts import label_fixes, mistake_view
from pages.parts.fix_offers import (
    Rules,
    fix_words,
    list_offers,
    open_answers,
    read_answers,
    split_answers,
)
from pages.parts.judge_cards import read_act
from pages.parts.mistake_cards import answers_of_fix
from pages.parts.review_closer import TAB_KEY, WRONG
from pages.parts.review_mistakes import CAUSE_KEY, KIND_KEY, PER_PAGE
from storage.answers import set_many
from storage.labels import create_labels
from storage.projects import Project
from storage.suspects import confirm_labels, confirmed_cells, forget_confirmed


@pytest.fixture
def filled(project: Project, make_image: MakeImage) -> Iterator[Project]:
    """Over a hundred pictures held out; most of them are read wrong."""
    fill_project(project, make_image, {k: 6 * n for k, n in SIX.items()}, every_third)
    yield project


def open_gallery() -> AppTest:
    page = AppTest.from_file("../pages/main.py", default_timeout=30)
    page.session_state[TAB_KEY] = WRONG
    page.switch_page("review.py").run()
    assert not page.exception
    return page


def cards(page: AppTest) -> list[dict[str, object]]:
    given = [c.proto.json for c in page.get("bidi_component")]
    found = [json.loads(text) for text in given if text]
    return next(c["items"] for c in found if "items" in c)


def test_many_mistakes_are_paged_and_chosen_by_kind_and_cause(filled: Project) -> None:
    fake = make_run(filled, sharpness=0.5)
    held_out = load_held_out(filled, fake.run.run_id)
    wrong, unsure = list_mistakes(held_out), list_unsure(held_out)
    assert len(wrong) > PER_PAGE
    page = open_gallery()
    assert page.segmented_control(key=KIND_KEY).value == "wrong"
    first = cards(page)
    assert [card["key"] for card in first] == [one.image_id for one in wrong[:PER_PAGE]]
    assert all(card["reason"] and card["buttons"] for card in first)

    page.segmented_control(key=KIND_KEY).set_value("missed").run()
    missed = [one.image_id for one in wrong if one.has(MISSED)]
    assert [card["key"] for card in cards(page)] == missed[:PER_PAGE]
    options = page.selectbox(key=CAUSE_KEY).options
    assert options[0] == f"Any ({len(missed)})" and len(options) > 1

    page.segmented_control(key=KIND_KEY).set_value("unsure").run()
    assert not page.exception
    shown = cards(page)
    assert [card["key"] for card in shown] == [one.image_id for one in unsure]
    assert {card["badge"] for card in shown} == {"unsure"}
    assert not any(card["buttons"] for card in shown)


def test_what_a_click_reports_is_checked_and_what_it_writes_is_said(
    filled: Project,
) -> None:
    fake = make_run(filled, sharpness=0.5)
    names = {label.label_id: label.name for label in fake.snapshot.labels}
    for one in list_mistakes(load_held_out(filled, fake.run.run_id))[:9]:
        answers = answers_of_fix(one)
        assert answers == {i: kind == IN_VAIN for i, kind in one.faults}
        words = fix_words(answers, names)
        assert words.startswith("It is not ") is not any(answers.values())
    assert read_act({"key": 3, "act": "fix"}) == (3, "fix")
    for nonsense in (None, 7, {"key": "3", "act": "fix"}, {"key": 3}):
        assert read_act(nonsense) == (0, "")


def test_a_wrong_picture_can_be_called_right_as_labelled_for_good(
    filled: Project,
) -> None:
    fake = make_run(filled, sharpness=0.5)
    one = list_mistakes(load_held_out(filled, fake.run.run_id))[0]
    first = cards(open_gallery())[0]
    assert ["keep", "It is right as labelled"] in map(list, first["buttons"])
    confirm_labels(filled, one.image_id, [i for i, _ in one.faults], who="")
    first = cards(open_gallery())[0]
    assert first["key"] == one.image_id and first["buttons"]
    assert "keep" not in [act for act, _ in first["buttons"]]
    assert "Called right as labelled." in first["more"]
    forget_confirmed(filled, [one.image_id])
    assert confirmed_cells(filled) == set()


def test_a_views_name_keeps_its_run_and_fits() -> None:
    long = mistake_view._shorten("Missed: " + "x" * 200 + " (r0001)")
    assert len(long) <= 60 and long.endswith("(r0001)")
    assert mistake_view._shorten("a\u202eb (r0002)") == "a b (r0002)"


def test_free_labels_are_mended_one_by_one_and_no_other_is_touched(
    project: Project, make_image: MakeImage
) -> None:
    [image_id] = fill(project, make_image, 1)
    names = ("bare-soil", "buildings", "pavement", "tanks", "trees")
    made = [label.label_id for label in create_labels(project, names, who="")]
    soil, buildings, pavement, tanks, trees = made
    before = frozenset({soil, pavement, tanks, trees})
    set_many(project, [(image_id, before)], who="", batch_id="all")
    rules, named = Rules.of(project), dict(zip(made, names, strict=True))
    wanted = {buildings: True, tanks: False, trees: False}
    left = open_answers(wanted, before, named)
    offers = {words: act for act, words in list_offers(left, before, rules, named)}
    assert list(offers) == [
        "It is buildings",
        "It is not tanks",
        "It is not trees",
        "All as the model reads: bare-soil + buildings + pavement",
    ]

    def now() -> frozenset[int]:
        return label_fixes.labels_of(project, [image_id])[image_id]

    def press(words: str) -> str:
        answers = read_answers(offers[words], wanted)
        label_fixes.mend(project.name, image_id, answers)
        done = label_fixes.fix_of(project.name, image_id)
        assert done is not None
        return done.words

    assert press("It is buildings") == "buildings added"
    assert now() == before | {buildings}
    assert press("It is not trees") == "buildings added, trees taken away"
    assert now() == {soil, buildings, pavement, tanks}
    label_fixes.keep(project.name, image_id)
    label_fixes.take_back(project.name, image_id)
    assert now() == before


def test_labels_that_exclude_or_imply_each_other_go_together() -> None:
    black, blue, striped, printed = 1, 2, 3, 4
    rules = Rules((frozenset({black, blue}),), {striped: (printed,)})
    swap = {black: False, striped: True, blue: True}
    assert split_answers(swap, rules.exclusive) == [
        {black: False, blue: True},
        {striped: True},
    ]
    assert rules.after({black}, {blue: True, striped: True}) == {blue, striped, printed}
    assert rules.after({striped, printed}, {printed: False}) == set()
    assert rules.after((), {striped: True, printed: False}) is None
    assert rules.after((), {black: True, blue: True}) is None
