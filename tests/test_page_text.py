"""Words and numbers on pages."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcore.config import FIELDS
from mlcore.picture_index import explain
from pages.parts import text
from pages.parts.refused_list import in_short
from pages.parts.uploader import read_result

JOINER = text.WORD_JOINER


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("red dress", "red dress"),
        ("<img src=x>", r"\<img src\=x\>"),
        ("**bold** _x_", r"\*\*bold\*\* \_x\_"),
        (":material/home:", rf"\:{JOINER}material\/home\:{JOINER}"),
        ("www.example.org", rf"www{JOINER}\.example\.org"),
        ("a@b.org", rf"a\@{JOINER}b\.org"),
        ("two\nlines", "two lines"),
    ],
)
def test_a_name_is_shown_as_it_is(name: str, shown: str) -> None:
    assert text.escape(name) == shown


@given(st.text(max_size=60))
def test_no_ascii_punctuation_of_a_name_stays_bare(name: str) -> None:
    shown = text.escape(name).replace(JOINER, "")
    rest = shown.replace("\\\\", "")
    for place, character in enumerate(rest):
        if character.isascii() and not character.isalnum() and character not in " \\":
            assert rest[place - 1] == "\\" or not character.isprintable()


def test_titles_of_settings_need_no_escape() -> None:
    for field in FIELDS:
        assert re.fullmatch(r"\w[\w ]*(-\w[\w ]*)*( ?\(\w+\))?", field.title), field


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "0 s"), (59.6, "1 min 0 s"), (125, "2 min 5 s"), (7320, "2 h 2 min")],
)
def test_durations_are_written_with_their_units(seconds: float, shown: str) -> None:
    assert text.duration(seconds) == shown


@pytest.mark.parametrize(
    ("count", "shown"),
    [(12, "12 B"), (1500, "1.5 kB"), (24_000_000, "24 MB"), (3e12, "3000 GB")],
)
def test_sizes_are_written_with_their_units(count: float, shown: str) -> None:
    assert text.size(count) == shown


def test_counts_agree_with_their_noun() -> None:
    assert text.counted(1, "picture") == "1 picture"
    assert text.counted(2160, "picture") == "2,160 pictures"
    assert text.percent(2 / 3) == "67 %"
    assert text.percent(None) == "–"


def test_pictures_that_are_not_here_are_not_called_refused() -> None:
    missing = {"path": "a.csv, line 2", "reason": explain("9.png", [])}
    empty = {"path": "a.csv, line 3", "reason": "The line names no picture."}
    assert in_short([missing], 1899, "refused") == "1,900 named pictures are not here"
    assert in_short([missing, empty], 0, "refused") == "2 lines refused"
    assert in_short([{**empty, "path": "a.png"}], 0, "refused") == "1 file refused"


@pytest.mark.parametrize(
    "value",
    [None, "u1", {}, {"upload_id": 5}, {"upload_id": "u1", "files": "many"}],
)
def test_what_the_browser_reports_is_checked(value: object) -> None:
    assert read_result(value) is None
