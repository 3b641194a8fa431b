"""CSV tables: encodings, separators, headers, and lines that cannot be used."""

import io
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcore.annotations import Annotation
from mlcore.entries import Refused
from mlcore.errors import BadTable
from mlcore.tag_tables import open_table, read_rows


@dataclass
class Table:
    """All that a table says, read to its end."""

    rows: list[Annotation] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


def read(text: str | bytes, **options: str) -> Table:
    data = text.encode() if isinstance(text, str) else text
    table = Table()
    for item in read_rows(open_table(lambda: io.BytesIO(data), "train.csv", **options)):
        (table.refused if isinstance(item, Refused) else table.rows).append(item)
    return table


def rows(table: Table) -> list[tuple[str, tuple[str, ...]]]:
    return [(row.path, row.yes) for row in table.rows]


def lines(table: Table) -> list[int]:
    return [int(row.place.rpartition(" ")[2]) for row in table.rows]


@pytest.mark.parametrize(
    "header",
    [
        "image_name,tags",
        "Image_Name , TAGS",
        "filename,labels",
        "image,label",
        "file,tags",
        '"image_name","tags"',
        "image_name;tags",
        "image_name\ttags",
    ],
)
def test_usual_headers_and_delimiters_are_understood(header: str) -> None:
    delimiter = next(c for c in ";\t," if c in header)
    table = read(f"{header}\na{delimiter}red dress\n")
    assert rows(table) == [("a", ("red", "dress"))]


def test_columns_may_stand_in_any_order_among_others() -> None:
    table = read("id,labels,note,filename\n1,red dress,x,a.jpg\n")
    assert rows(table) == [("a.jpg", ("red", "dress"))]


@pytest.mark.parametrize(
    ("lines", "tags"),
    [
        ("a,red dress", ("red", "dress")),
        ('a,"red,dark blue"', ("red", "dark blue")),
        ("a,red;dark blue", ("red", "dark blue")),
        ("a,red|dress", ("red", "dress")),
        ("a,red,dress", ("red", "dress")),
        ("a,red  dress ", ("red", "dress")),
        ("a,red Red red", ("red",)),
        ("a,", ()),
    ],
)
def test_the_separator_between_tags_is_found(lines: str, tags: tuple[str, ...]) -> None:
    assert rows(read(f"image_name,tags\n{lines}\n")) == [("a", tags)]


def test_the_separator_can_be_said() -> None:
    text = "image_name,tags\na,partly cloudy;haze\nb,haze\n"
    table = read(text, tag_separator="space")
    assert rows(table)[0] == ("a", ("partly", "cloudy;haze"))
    assert rows(read(text, tag_separator="semicolon"))[0][1][0] == "partly cloudy"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_chinese_tables_are_read_in_every_usual_encoding(encoding: str) -> None:
    text = "image_name,tags\n照片一.jpg,红色 连衣裙\n照片二.jpg,蓝色 牛仔裤\n"
    table = read(text.encode(encoding))
    assert rows(table)[0] == ("照片一.jpg", ("红色", "连衣裙"))


def test_an_unknown_encoding_is_refused_rather_than_garbled() -> None:
    other = "image_name,tags\n1.jpg,красный шар\n".encode("cp1251")
    with pytest.raises(BadTable, match="neither UTF-8, Windows-1252 nor GBK"):
        read(other)
    assert rows(read(other, encoding="cp1251")) == [("1.jpg", ("красный", "шар"))]


@pytest.mark.parametrize(
    ("cell", "encoding"),
    [
        ("grün", "cp1252"),
        ("süß", "cp1252"),
        ("weiß;Größe", "cp1252"),
        ("écru;été", "cp1252"),
        ("“rot”", "cp1252"),
        ("红", "gb18030"),
        ("红色;连衣裙", "gb18030"),
    ],
)
def test_one_umlaut_is_western_and_chinese_stays_chinese(
    cell: str, encoding: str
) -> None:
    data = f"image_name,tags\n1.jpg,{cell}\n2.jpg,rot\n".encode(encoding)
    table = open_table(lambda: io.BytesIO(data), "train.csv", tag_separator="semicolon")
    assert table.encoding == encoding
    assert next(read_rows(table)).yes == tuple(cell.split(";"))


def test_a_line_with_too_many_or_too_few_cells_is_refused_by_number() -> None:
    head = "image_name,red,blue\n"
    table = read(f"{head}a,1,0\nb,1\nc,1,0,1\nd,0,1,\n")
    assert [row.path for row in table.rows] == ["a", "d"]
    assert [(r.path, r.reason) for r in table.refused] == [
        ("train.csv, line 3", "The line has 2 cells, but the first line has 3."),
        ("train.csv, line 4", "The line has 4 cells, but the first line has 3."),
    ]


@pytest.mark.parametrize("encoding", ["klingon", "hex", "utf-8", "ascii"])
def test_a_wrong_encoding_is_said_in_words(encoding: str) -> None:
    with pytest.raises(BadTable, match=encoding):
        read("image_name,tags\né,ö\n\n".encode() + b"\xe9", encoding=encoding)


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "found: nothing"),
        (b"a,b\n1,2\n", "found: a,b"),
        (b"image_name\na\n", "needs a column"),
        (b"image_name,tags\na\0,b\n", "NUL"),
        ("image_name,tags\na,b".encode("utf-16-le"), "NUL"),
    ],
)
def test_what_is_no_table_is_refused(data: bytes, word: str) -> None:
    with pytest.raises(BadTable, match=word):
        read(data)


def test_lines_that_cannot_be_used_are_refused_by_number_and_the_rest_goes_on() -> None:
    long_name, huge = "x" * 101, "y" * 200_000
    table = read(
        f"image_name,tags\na,red\n\nb\n,red\nc,{long_name}\nd,{huge}\ne,blue\n"
    )
    assert [row.path for row in table.rows] == ["a", "e"]
    assert lines(table) == [2, 8]
    assert [r.path for r in table.refused] == [
        f"train.csv, line {n}" for n in (4, 5, 6, 7)
    ]


def test_line_numbers_count_as_an_editor_does_behind_a_line_break_in_a_cell() -> None:
    table = read('image_name,tags\na,"red\nblue"\nb,red\n')
    assert (lines(table), [row.path for row in table.rows]) == ([2, 4], ["a", "b"])


def test_a_quote_that_is_never_closed_costs_no_other_line_before_it() -> None:
    table = read('image_name,tags\na,red\nb,"red\nc,blue\n')
    assert rows(table) == [("a", ("red",))]
    assert table.refused[0].path == "train.csv, line 3"
    assert "never closed" in table.refused[0].reason


def test_two_quotes_that_are_never_closed_do_not_swallow_the_lines_between() -> None:
    table = read('image_name,tags\na,"red\nb,blue\nc,"green\nd,red\n')
    assert rows(table) == [("d", ("red",))]
    assert table.refused[0].path == "train.csv, line 2"
    assert "never closed" in table.refused[0].reason


def test_formulas_and_markup_are_only_text() -> None:
    table = read('image_name,tags\na,"=1+1;<img src=x onerror=alert(1)>"\n')
    assert table.rows[0].yes == ("=1+1", "<img src=x onerror=alert(1)>")


@given(st.binary(max_size=300))
def test_any_bytes_give_a_table_or_bad_table(data: bytes) -> None:
    for start in (b"", b"image_name,tags\n"):
        try:
            read(start + data)
        except BadTable as error:
            assert "train.csv" in str(error)
