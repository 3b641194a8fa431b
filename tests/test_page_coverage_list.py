"""Coverage: the shopping list, and what is taken away as files."""

import asyncio
import csv
from xml.etree import ElementTree

import httpx
import pytest
from covered_clothes import (
    Counts,
    MakeImage,
    click_row,
    clothes,
    fill,
    key_of,
    open_coverage,
    words,
)
from starlette.applications import Starlette

from mlcore.coverage import PairMap, coverage_of, pair_map
from mlcore.shopping import Reason
from mlcore.shopping_items import list_items
from mlcore.shopping_targets import list_targets
from pages.parts.coverage_cut import Wish, cut
from pages.parts.coverage_matrix import build_matrix
from pages.parts.shopping_list import LIST_KEY
from pages.parts.shopping_words import reason_words
from pages.routes.answers import HANDLERS
from pages.routes.coverage import ROUTES
from storage.projects import Project
from storage.records import Group, Label, LabelSet

__all__ = ["clothes"]

SVG = "{http://www.w3.org/2000/svg}"


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
