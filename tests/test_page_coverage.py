"""The Coverage page and the notice about missing combinations on other pages."""

import asyncio
import csv
import hashlib
from collections.abc import Callable
from dataclasses import replace
from xml.etree import ElementTree

import httpx
import pytest
from starlette.applications import Starlette
from streamlit.testing.v1 import AppTest

from mlcore.combinations import Degree
from mlcore.coverage import PairMap, coverage_of, pair_map, pair_map_of
from mlcore.coverage_growth import Growth, grow
from mlcore.coverage_live import live_coverage
from mlcore.group_offers import GroupOffer, believable
from mlcore.group_proposals import Fit
from mlcore.left_out import (
    LeftOutCombination,
    LeftOutStudy,
    keep_studies,
    newest_studies,
)
from mlcore.left_out_like import expect_like
from mlcore.shopping import Reason
from mlcore.shopping_items import list_items
from mlcore.shopping_targets import list_targets
from pages.parts.coverage_board import read_board
from pages.parts.coverage_cut import Wish, cut
from pages.parts.coverage_headline import confounded_words, headline, list_gaps
from pages.parts.coverage_left_out import left_out_rows, left_out_sentence
from pages.parts.coverage_likeness import likeness_note, likeness_words, model_words
from pages.parts.coverage_matrix import build_matrix
from pages.parts.coverage_notice import missing_names, missing_sentence, pairs_sentence
from pages.parts.shopping_list import LIST_KEY
from pages.parts.shopping_words import reason_words
from pages.parts.text import percent
from pages.routes.answers import HANDLERS
from pages.routes.coverage import ROUTES
from storage.answers import set_many
from storage.groups import set_group
from storage.image_marks import move_to_split
from storage.images import add_images, list_images
from storage.label_sets import (
    images_of_combination,
    list_impossible,
    mark_impossible,
)
from storage.label_times import read_arrivals
from storage.labels import create_labels, list_groups, list_labels
from storage.projects import Project
from storage.records import Group, Label, LabelSet, NewImage
from storage.run_states import claim_next, finish_run
from storage.runs import create_run
from storage.saved_views import save_view

MakeImage = Callable[..., bytes]
Counts = dict[tuple[str, ...], int]
SIX: Counts = {
    ("black", "jeans"): 31,
    ("blue", "dress"): 12,
    ("blue", "jeans"): 10,
    ("blue", "shirt"): 3,
    ("red", "dress"): 8,
    ("red", "shirt"): 7,
}
SVG = "{http://www.w3.org/2000/svg}"
CLOTHES = {"colour": ["black", "blue", "red"], "garment": ["dress", "jeans", "shirt"]}


def fill(
    project: Project,
    make_image: MakeImage,
    counts: Counts,
    groups: dict[str, list[str]],
) -> None:
    """Add a tiny picture per image of each combination and label it completely."""
    pictures = {
        make_image((number, place, 3), 8): names
        for place, (names, count) in enumerate(counts.items())
        for number in range(count)
    }
    hashes = {data: hashlib.sha256(data).hexdigest() for data in pictures}
    batch = [
        (NewImage(digest, "a.png", "png", 8, 8, len(data), "test"), data)
        for data, digest in hashes.items()
    ]
    added = add_images(project, batch).added
    for name, members in groups.items():
        set_group(project, name, members, "exactly-one", who="")
    every_name = sorted({name for names in counts for name in names})
    created = create_labels(project, every_name, who="")
    ids = {label.name: label.label_id for label in created}
    rows = [
        (added[hashes[data]], frozenset(ids[name] for name in names))
        for data, names in pictures.items()
    ]
    set_many(project, rows, who="", batch_id="import")


@pytest.fixture
def clothes(project: Project, make_image: MakeImage) -> Project:
    """Six of nine combinations: black dress, black shirt and red jeans are missing."""
    fill(project, make_image, SIX, CLOTHES)
    return project


def ids_of(project: Project, *names: str) -> tuple[int, ...]:
    known = {label.name: label.label_id for label in list_labels(project)}
    return tuple(sorted(known[name] for name in names))


def key_of(project: Project, *names: str) -> str:
    return ",".join(map(str, ids_of(project, *names)))


def open_coverage() -> AppTest:
    page = AppTest.from_file("../pages/main.py", default_timeout=30)
    page.switch_page("coverage.py").run()
    assert not page.exception
    return page


def words(page: AppTest) -> str:
    return "\n".join(element.value for element in [*page.markdown, *page.caption])


def click_row(
    page: AppTest, list_key: str, do: str, key: str, at: int = 1, **more: int
) -> None:
    """Do what the browser does on a click in a list: set the component's state."""
    page.session_state[list_key] = {"act": {"do": do, "key": key, "at": at, **more}}
    page.run()
    assert not page.exception


def test_without_pictures_the_page_says_to_add_some(project: Project) -> None:
    page = open_coverage()
    assert "No pictures yet" in words(page)
    assert "Add pictures" in [button.label for button in page.main.button]


def test_without_labels_the_page_says_to_label(
    project: Project, make_image: MakeImage
) -> None:
    data = make_image("red", 8)
    digest = hashlib.sha256(data).hexdigest()
    new = NewImage(digest, "a.png", "png", 8, 8, len(data), "test")
    add_images(project, [(new, data)])
    page = open_coverage()
    assert "Nothing to compare yet" in words(page)
    assert "Label pictures" in [button.label for button in page.main.button]


def test_the_headline_counts_combinations(clothes: Project) -> None:
    text = words(open_coverage())
    assert "## 6 of 9 combinations present (67 %)" in text
    for name in ("black dress", "black shirt", "red jeans"):
        assert name in text
    assert "## Missing · 3" in text
    assert "## Thin · 5" in text


def test_the_label_that_has_one_partner_is_named(clothes: Project) -> None:
    assert "**black** is only ever seen with **jeans**" in words(open_coverage())


def test_a_single_counter_example_does_not_hide_the_one_partner() -> None:
    degree = Degree(1, "black", "garment", ("dress", "jeans"), ("shirt",), (1, 60))
    assert degree.is_confounded
    assert confounded_words(degree) == (
        "**black** appears almost only with **jeans** (60 of 61)"
    )


def test_two_groups_are_shown_against_each_other_first(clothes: Project) -> None:
    view = open_coverage().segmented_control(key="coverage_view")
    assert view.options == ["colour × garment", "All labels"]
    assert view.value == "colour × garment"


def test_an_empty_cell_says_what_to_collect(clothes: Project) -> None:
    page = open_coverage()
    key = key_of(clothes, "black", "shirt")
    page.session_state["coverage_map"] = {"picked": {"cell": key, "at": 1}}
    page.run()
    assert "### black shirt" in words(page)
    assert "Collect 30" in words(page)
    assert "Add pictures" in [button.label for button in page.main.button]


def test_a_cell_with_images_says_how_many(clothes: Project) -> None:
    page = open_coverage()
    key = key_of(clothes, "blue", "dress")
    page.session_state["coverage_map"] = {"picked": {"cell": key, "at": 1}}
    page.run()
    assert "### blue dress" in words(page)
    assert "12 pictures" in words(page)


def test_the_largest_gap_is_open_at_first(clothes: Project) -> None:
    largest = coverage_of(clothes).missing[0]
    assert f"### {' '.join(largest.names)}" in words(open_coverage())


def test_a_combination_marked_impossible_is_left_out_and_can_come_back(
    clothes: Project,
) -> None:
    page = open_coverage()
    key = key_of(clothes, "red", "jeans")
    click_row(page, "coverage_missing", "impossible", key)
    assert list_impossible(clothes) == {ids_of(clothes, "red", "jeans")}
    assert "6 of 8 combinations present (75 %)" in words(page)
    assert "## Cannot exist · 1" in words(page)
    click_row(page, "coverage_impossible", "possible", key, at=2)
    assert list_impossible(clothes) == set()
    assert "6 of 9 combinations present (67 %)" in words(page)


def test_a_click_is_obeyed_once_however_often_the_page_runs(clothes: Project) -> None:
    page = open_coverage()
    key = key_of(clothes, "red", "jeans")
    click_row(page, "coverage_missing", "impossible", key)
    mark_impossible(clothes, ids_of(clothes, "red", "jeans"), False, who="")
    page.run()
    assert list_impossible(clothes) == set()


def test_the_panel_marks_impossible_too(clothes: Project) -> None:
    page = open_coverage()
    page.button(key="coverage_panel_impossible").click().run()
    assert not page.exception
    assert len(list_impossible(clothes)) == 1
    page.button(key="coverage_panel_possible").click().run()
    assert list_impossible(clothes) == set()


def test_a_click_on_a_label_that_is_gone_does_nothing(clothes: Project) -> None:
    page = open_coverage()
    page.session_state["coverage_map"] = {"picked": {"cell": "998,999", "at": 1}}
    page.run()
    assert not page.exception
    assert "Choose a cell" in words(page)


def test_two_groups_offer_no_triples(clothes: Project) -> None:
    keys = [control.key for control in open_coverage().segmented_control]
    assert keys == ["coverage_view"]


def test_three_groups_offer_triples(project: Project, make_image: MakeImage) -> None:
    counts: Counts = {("black", "jeans", "plain"): 4, ("blue", "dress", "dotted"): 3}
    groups = {
        "colour": ["black", "blue"],
        "garment": ["dress", "jeans"],
        "pattern": ["plain", "dotted"],
    }
    fill(project, make_image, counts, groups)
    page = open_coverage()
    assert "6 of 12 combinations present (50 %)" in words(page)
    page.segmented_control(key="coverage_strength").set_value(3).run()
    assert not page.exception
    assert "2 of 8 combinations present (25 %)" in words(page)


def test_without_groups_the_page_proposes_them(
    project: Project, make_image: MakeImage
) -> None:
    fill(project, make_image, {("sea",): 3, ("sea", "sand"): 4, ("forest",): 2}, {})
    text = words(open_coverage())
    assert "## Make label groups" in text
    assert "1 of 3 pairs present" in text


def test_every_share_is_rounded_the_same_way() -> None:
    assert headline(10, 16, True).endswith(f"({percent(10 / 16)})")
    assert percent(10 / 16) == "63 %"


def test_one_group_alone_makes_no_combinations(
    project: Project, make_image: MakeImage
) -> None:
    counts: Counts = {("black",): 3, ("blue",): 4}
    fill(project, make_image, counts, {"colour": ["black", "blue"]})
    text = words(open_coverage())
    assert "One label group makes no combinations yet" in text
    assert "Missing" not in text


def test_a_hostile_label_name_is_shown_as_text(
    project: Project, make_image: MakeImage
) -> None:
    nasty = "<img src=x onerror=alert(1)>"
    counts: Counts = {(nasty, "jeans"): 3, ("blue", "dress"): 4}
    groups = {"colour": [nasty, "blue"], "garment": ["dress", "jeans"]}
    fill(project, make_image, counts, groups)
    page = open_coverage()
    assert not page.exception
    assert nasty not in words(page)
    assert r"\<img src\=x onerror\=alert\(1\)\> dress" in words(page)


def test_the_share_is_never_rounded_up_to_all_of_them() -> None:
    assert headline(999, 1000, True) == "999 of 1,000 combinations present (99 %)"


def test_the_map_greys_out_pairs_inside_a_group(clothes: Project) -> None:
    data = read_board(clothes, Wish())
    kind = {
        (row["name"], column["name"]): data["kinds"][i][j]
        for i, row in enumerate(data["rows"])
        for j, column in enumerate(data["columns"])
    }
    assert kind["black", "blue"] == "x"
    assert kind["black", "black"] == "d"
    assert kind["black", "dress"] == "u"
    assert kind["blue", "shirt"] == "t"
    assert kind["blue", "jeans"] == kind["jeans", "blue"] == "h"
    assert kind["black", "jeans"] == "f"


def test_the_notice_names_four_and_counts_the_rest() -> None:
    missing = [("black", str(number)) for number in range(6)]
    assert missing_sentence(missing, 9) == (
        "**6 of 9 combinations are missing:** "
        "black 0, black 1, black 2, black 3 and 2 more"
    )
    assert missing_names([("a_b", "c")]) == r"a\_b c"


def show_notice_alone() -> None:
    from pages.parts.coverage_notice import coverage_notice
    from storage.projects import open_project

    with open_project("clothes") as project:
        coverage_notice(project, where="test")


def test_the_notice_stays_silent_where_nothing_is_missing(
    project: Project, make_image: MakeImage
) -> None:
    counts: Counts = {("a", "x"): 1, ("a", "y"): 1, ("b", "x"): 1, ("b", "y"): 1}
    fill(project, make_image, counts, {"one": ["a", "b"], "two": ["x", "y"]})
    page = AppTest.from_function(show_notice_alone).run()
    assert not page.exception
    assert not page.markdown


def test_labels_without_groups_are_warned_of_too_and_offered_groups_are_respected(
    project: Project, make_image: MakeImage
) -> None:
    free = [("sea", "boat"), ("sea", "gull"), ("hill", "goat"), ("hill", "gull")]
    fill(project, make_image, {(*names, "day"): 12 for names in free}, {})
    gaps = live_coverage(project).gaps
    ids = ids_of(project, "sea", "hill")
    offers = [GroupOffer("place", ids, "exactly-one", Fit())]
    left = believable(gaps, offers)
    assert ids not in [gap.label_ids for gap in left] and len(left) == len(gaps) - 1
    said = pairs_sentence(left)
    assert "pairs of labels never meet**, though chance would have it: " in said
    assert pairs_sentence([]) == ""
    asked = [
        item.label_ids
        for item in list_items(project, coverage_of(project), advised=2, offers=offers)
    ]
    assert len(asked) == 2 and ids not in asked
    page = AppTest.from_file("../pages/main.py", default_timeout=30)
    said = words(page.switch_page("overview.py").run())
    assert "never meet" in said.replace("\\", "")


def test_the_shopping_list_says_why_and_keeps_what_a_person_wants(
    clothes: Project,
) -> None:
    first, *_ = list_items(clothes, coverage_of(clothes))
    assert (first.names, first.have, first.wanted) == (("black", "dress"), 0, 30)
    assert "black appears only with jeans" in reason_words(first)
    page = open_coverage()
    assert "## Shopping list" in words(page)
    key = key_of(clothes, "blue", "shirt")
    click_row(page, LIST_KEY, "target", key, wanted=2)
    assert [(t.key, t.wanted, t.had) for t in list_targets(clothes)] == [(key, 2, 3)]
    done = list_items(clothes, coverage_of(clothes))[-1]
    assert (done.names, done.is_done) == (("blue", "shirt"), True)
    click_row(page, LIST_KEY, "drop", key, at=2)
    assert list_targets(clothes) == []


def test_a_gap_is_put_on_the_list_from_its_panel(clothes: Project) -> None:
    page = open_coverage()
    page.button(key="coverage_panel_list").click().run()
    assert not page.exception
    [target] = list_targets(clothes)
    assert target.key == coverage_of(clothes).missing[0].key
    button = page.button(key="coverage_panel_list")
    assert (button.label, button.disabled) == ("On the list", True)


def test_what_is_true_of_a_row_stands_on_each_such_row(clothes: Project) -> None:
    items = list_items(clothes, coverage_of(clothes))
    reasons = {item.names: reason_words(item) for item in items}
    for names in (("black", "dress"), ("black", "shirt")):
        assert "black appears only with jeans" in reasons[names]
    rare = Reason("expected", ("white", "shoes"), 0.2)
    assert rare.words() == "none so far"
    assert Reason("links", rare.names).words() == "nothing links white and shoes yet"


def get(path: str) -> httpx.Response:
    app = Starlette(routes=ROUTES, exception_handlers=HANDLERS)

    async def answer() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://localhost"
        ) as client:
            return await client.get(path)

    return asyncio.run(answer())


def test_the_list_and_the_map_are_taken_away_with_hostile_names_as_text(
    project: Project, make_image: MakeImage
) -> None:
    nasty = "=<b>&\"'red"
    counts: Counts = {(nasty, "jeans"): 3, ("blue", "dress"): 4}
    groups = {"colour": [nasty, "blue"], "garment": ["dress", "jeans"]}
    fill(project, make_image, counts, groups)
    base = f"/api/{project.name}/coverage"
    sheet = get(f"{base}/sheet").text
    assert "<b>" not in sheet
    assert "=&lt;b&gt;&amp;&quot;&#x27;red dress" in sheet
    assert sheet.count("data:image/jpeg;base64,") >= 4
    table = list(csv.reader(get(f"{base}/list.csv").text[1:].splitlines()))
    assert [f"'{nasty} + dress", "0", "30"] in [row[:3] for row in table]
    drawing = ElementTree.fromstring(get(f"{base}/map.svg?order=alike").text)
    assert nasty in [text.text for text in drawing.iter(f"{SVG}text")]
    cells = get(f"{base}/map.json").json()["cells"]
    known = {c.names: c for c in coverage_of(project).cells}
    for cell in cells:
        found = known[tuple(cell["labels"])]
        assert cell["count"] == found.count
        assert cell["expected"] == pytest.approx(found.expected, abs=0.06)


def test_a_map_of_very_many_labels_shows_the_worst_and_finds_the_others() -> None:
    groups, pairs = many_labels(2000)
    matrix = build_matrix(pairs, groups, images=2000, thin_below=30)
    found = cut(matrix, Wish(between=(1, 2)))
    assert (len(found.rows), len(found.columns)) == (200, 3)
    assert found.is_cut
    assert 1999 in found.rows
    assert len(cut(matrix, Wish()).rows) ** 2 <= 8_000
    searched = cut(matrix, Wish(between=(1, 2), find="SPECIES 7 A"))
    assert [matrix.labels[place].name for place in searched.rows] == ["species 7 a"]
    for order in ("own", "gaps", "alike"):
        ordered = cut(matrix, Wish(between=(1, 2), order=order, only_problems=True))
        assert set(ordered.columns) == {2000, 2001, 2002}


def many_labels(count: int) -> tuple[list[Group], PairMap]:
    """Species 0 to `count` and three places; the last species was never seen."""
    species = [Label(i, f"species {i} a", 1, i) for i in range(count)]
    places = [Label(count + i, f"place {i}", 2, i) for i in range(3)]
    groups = [
        Group(1, "species", "exactly-one", tuple(species)),
        Group(2, "place", "exactly-one", tuple(places)),
    ]
    sets = [
        LabelSet(f"{i},{count + i % 3}", (i, count + i % 3), 40)
        for i in range(count - 1)
    ]
    return groups, pair_map(sets, groups, [])


def study_of(clothes: Project, head: str, right: int) -> LeftOutStudy:
    ids = ids_of(clothes, "blue", "dress")
    black = ids_of(clothes, "black", "jeans")
    combinations = (
        LeftOutCombination(ids, ("blue", "dress"), 100, right),
        LeftOutCombination(
            ids_of(clothes, "red", "dress"), ("red", "dress"), 50, right // 4
        ),
        LeftOutCombination(
            black, ("black", "jeans"), 31, reason="“black” is on no other picture."
        ),
    )
    return LeftOutStudy(head, combinations, 95, 100, 4.0, "a" * 64, "lite0")


def test_what_leaving_combinations_out_taught_is_said_and_carried_to_the_gaps(
    clothes: Project,
) -> None:
    assert "never saw" not in left_out_words(clothes)
    studies = [study_of(clothes, "plain", 40), study_of(clothes, "compositional", 88)]
    keep_studies(clothes, studies)
    found = newest_studies(clothes)
    assert left_out_sentence(found) == (
        "On combinations left out of training, “Unseen combinations” (recipe) is right "
        "**66 times in 100** (58–74); a plain one 30."
    )
    rows = left_out_rows(found["compositional"], found["plain"])
    assert [row["names"][0] for row in rows] == ["red", "blue", "black"]
    assert rows[-1]["reason"] == "“black” is on no other picture."
    assert rows[1]["plain"] == 0.4
    said = words(open_coverage())
    assert "66 times in 100" in said
    # black never left its only partner: no figure stands for it
    assert "nobody can tell, none with black was tried" in said.replace("\\", "")
    red_jeans = ids_of(clothes, "red", "jeans")
    assert likeness_words(found["compositional"], red_jeans, ("red", "jeans")) == (
        "a model without them: nobody can tell, none with jeans was tried"
    )
    red_dress = ids_of(clothes, "red", "dress")
    assert likeness_note(found["compositional"], red_dress) == (
        "a model: right about 44 in 100 (31–58)"
    )

    assert model_words(found, red_dress, ("red", "dress")) == (
        "A plain model has no reason to answer it (right 20 in 100 of such); “Unseen "
        "combinations” (recipe) is right about 44 in 100; pictures make it sure."
    )


def test_where_no_two_groups_combine_nothing_is_measured(
    clothes: Project,
) -> None:
    assert "Measure it" in [b.label for b in open_coverage().button]
    set_group(clothes, "garment", ["dress", "jeans", "shirt"], "any", who="")
    page = open_coverage()
    assert "Measure it" not in [b.label for b in page.button]
    assert "It takes two label groups" in words(page)


def test_a_run_that_measured_nothing_says_why(clothes: Project) -> None:
    create_run(clothes, recipe="compositional", config={}, epochs_total=1)
    run = claim_next(clothes)
    assert run is not None
    finish_run(clothes, run.run_id, run.attempt, "finished", seconds=22)
    assert "Run 1 measured nothing." in words(open_coverage())


def left_out_words(project: Project) -> str:
    return left_out_sentence(newest_studies(project))


def test_a_combination_nobody_saw_is_expected_to_do_like_those_that_share_a_label() -> (
    None
):
    rows = (
        LeftOutCombination((1, 4), ("red", "dress"), 100, 60),
        LeftOutCombination((1, 5), ("red", "shirt"), 100, 90),
        LeftOutCombination((2, 6), ("blue", "hat"), 100, 10),
    )
    study = LeftOutStudy("plain", rows, 0, 0, 0.0, "", "")
    found = expect_like(study, (1, 6))
    assert found is not None
    assert found.share == pytest.approx((0.6 + 0.9 + 0.1) / 3)
    assert (round(found.low, 2), round(found.high, 2)) == (0.06, 0.94)
    assert found.untried == ()
    alone = expect_like(study, (2, 4))
    assert alone is not None
    assert len(alone.combinations) == 2
    never = LeftOutCombination((3, 6), ("black", "hat"), 0)
    kept = replace(study, combinations=(*rows, never))
    black_dress = expect_like(kept, (3, 4))
    assert black_dress is not None
    assert black_dress.untried == (3,)
    itself = expect_like(study, (1, 4))
    assert itself is not None
    assert found.is_too_wide and not itself.is_too_wide
    assert "anything between 6 and 94 in 100" in likeness_note(study, (1, 6))
    assert expect_like(study, (7, 8)) is None
    # added since: a label it shares with others lends it no figure
    assert expect_like(study, (1, 7)) is None
    assert "no figure" in likeness_note(study, (1, 7))
    assert likeness_words(study, (1, 7), ("red", "cape")) == (
        "a model without them: no figure, cape was added since it was measured, or "
        "has no group: measure again"
    )


def test_each_part_says_what_training_never_shows(clothes: Project) -> None:
    everything = list_images(clothes, limit=100)
    shirts = images_of_combination(clothes, ids_of(clothes, "blue", "shirt"))
    test_ids = [image.image_id for image in shirts]
    training = [i.image_id for i in everything if i.image_id not in test_ids]
    move_to_split(clothes, training, "train", who="", batch_id="a")
    move_to_split(clothes, test_ids, "test", who="", batch_id="b")
    said = words(open_coverage())
    assert "**100 %** of the combinations on test pictures are never shown" in said
    assert "blue shirt; 3 pictures" in said
    assert "**4 labels** have no held-out picture: their figures are unknown" in said
    save_view(clothes, "red ones", "label=" + str(ids_of(clothes, "red")[0]), who="")
    page = open_coverage()
    assert page.selectbox(key="coverage_compare_shown").value == "view:red ones"
    page.selectbox(key="coverage_compare_trained").set_value("test").run()
    assert "**100 %** of the combinations (2 of 2), on 15 pictures:" in words(page)


def test_the_line_over_time_counts_what_was_present_when_answers_arrived(
    clothes: Project,
) -> None:
    groups = list_groups(clothes)
    black_jeans = ids_of(clothes, "black", "jeans")
    red_dress = ids_of(clothes, "red", "dress")
    red_jeans = ids_of(clothes, "red", "jeans")
    arrivals = [
        ("1st", black_jeans, 20),
        ("1st", red_dress, 4),
        ("2nd", black_jeans, 10),
        ("3rd", red_jeans, 1),
    ]
    assert grow(arrivals, groups, impossible=[red_jeans]) == [
        Growth("1st", 24, 2, 0),
        Growth("2nd", 34, 2, 1),
        Growth("3rd", 35, 2, 1),
    ]
    [(_, label_ids, count), *_] = read_arrivals(clothes)
    assert sum(row[2] for row in read_arrivals(clothes)) == 71
    assert count in SIX.values()
    assert label_ids in [ids_of(clothes, *names) for names in SIX]


def test_triples_are_listed_only_where_all_their_pairs_are_shown(
    project: Project, make_image: MakeImage
) -> None:
    counts: Counts = {
        ("black", "jeans", "plain"): 3,
        ("black", "dress", "dotted"): 3,
        ("blue", "jeans", "dotted"): 3,
    }
    groups = {
        "colour": ["black", "blue"],
        "garment": ["dress", "jeans"],
        "pattern": ["plain", "dotted"],
    }
    fill(project, make_image, counts, groups)
    found = coverage_of(project, 3)
    assert len(found.missing) == 5
    whole = list_gaps(found, pair_map_of(project))
    assert [gap.names for gap in whole] == [("black", "jeans", "dotted")]


def test_a_label_never_seen_without_another_is_named(
    project: Project, make_image: MakeImage
) -> None:
    counts: Counts = {("sea_1", "sand"): 12, ("sand",): 9, ("wood",): 9}
    fill(project, make_image, counts, {})
    said = words(open_coverage())
    assert "## Never one without the other · " in said
    assert r"**sea\_1** was never seen without **sand**." in said
