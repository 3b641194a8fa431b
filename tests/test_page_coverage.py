"""The Coverage page: its headline, the maps, their panels, the notice."""

import hashlib

from covered_clothes import (
    Counts,
    MakeImage,
    click_row,
    clothes,
    fill,
    ids_of,
    key_of,
    open_coverage,
    words,
)
from streamlit.testing.v1 import AppTest

from mlcore.combinations import Degree
from mlcore.coverage import coverage_of
from mlcore.coverage_live import live_coverage
from mlcore.group_offers import GroupOffer, believable
from mlcore.group_proposals import Fit
from mlcore.shopping_items import list_items
from pages.parts.coverage_board import read_board
from pages.parts.coverage_cut import Wish
from pages.parts.coverage_headline import confounded_words, headline
from pages.parts.coverage_notice import missing_names, missing_sentence, pairs_sentence
from pages.parts.text import percent
from storage.images import add_images
from storage.label_sets import (
    list_impossible,
    mark_impossible,
)
from storage.projects import Project
from storage.records import NewImage

__all__ = ["clothes"]


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
