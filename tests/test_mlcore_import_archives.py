"""Zips: nothing leaves them, nothing in them fills the memory or stops the rest."""

import io
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcore import archives
from mlcore.entries import Entry
from mlcore.errors import BadArchive, BadImage, BadSource
from mlcore.sources import Source, open_source

Pack = Callable[..., Path]


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    """A function: members by name to a zip file."""

    def build(members: dict[str, bytes], name: str = "in.zip") -> Path:
        path = tmp_path / name
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for member, data in members.items():
                archive.writestr(member, data)
        return path

    return build


def inside(source: Source) -> list[str]:
    return [entry.inner for entry in source.entries]


def test_members_are_read_in_memory_under_their_own_names(pack: Pack) -> None:
    with open_source(pack({"red_dress/1.jpg": b"one", "2.jpg": b"two"})) as source:
        assert inside(source) == ["red_dress/1.jpg", "2.jpg"]
        assert [entry.read(100) for entry in source.entries] == [b"one", b"two"]
        assert source.entries[0].folder == "red_dress"


@pytest.mark.parametrize(
    "name",
    [
        "../../escaped.jpg",
        "a/../../escaped.jpg",
        "/tmp/escaped.jpg",
        "..\\..\\escaped.jpg",
        "C:\\escaped.jpg",
        "C:escaped.jpg",
        "\\\\server\\share\\escaped.jpg",
    ],
)
def test_names_that_lead_outside_are_refused_one_by_one(pack: Pack, name: str) -> None:
    with open_source(pack({name: b"x", "good.jpg": b"y"})) as source:
        assert inside(source) == ["good.jpg"]
        assert "escaped.jpg" in source.refused[0].path
        assert "not taken" in source.refused[0].reason


def test_what_systems_leave_behind_is_passed_over_in_silence(pack: Pack) -> None:
    junk = ["__MACOSX/._a.jpg", ".DS_Store", "x/Thumbs.db", "x/._b.jpg", "desktop.ini"]
    with open_source(pack(dict.fromkeys([*junk, "x/a.jpg"], b"x"))) as source:
        assert (inside(source), source.refused) == (["x/a.jpg"], [])


def test_links_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "links.zip"
    with zipfile.ZipFile(path, "w") as archive:
        link = zipfile.ZipInfo("passwd.jpg")
        link.create_system = 3
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    with open_source(path) as source:
        assert source.entries == []
        assert "link" in source.refused[0].reason


def test_locked_members_and_zips_inside_zips_are_refused_in_words(pack: Pack) -> None:
    path = pack({"a.jpg": b"aaaa", "inner.zip": b"PK", "b.jpg": b"bbbb"})
    data = bytearray(path.read_bytes())
    # Bit 0 of the flags, in the local header and in the directory.
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    with open_source(path) as source:
        assert inside(source) == ["b.jpg"]
        reasons = {r.path: r.reason for r in source.refused}
    assert "password" in reasons["a.jpg"]
    assert "zip inside a zip" in reasons["inner.zip"]


def test_a_damaged_member_does_not_stop_the_others(pack: Pack) -> None:
    path = pack({"a.jpg": b"a" * 50, "b.jpg": bytes(range(200)), "c.jpg": b"c" * 50})
    data = bytearray(path.read_bytes())
    data[data.index(b"b.jpg") + 40] ^= 0xFF
    path.write_bytes(data)
    with open_source(path) as source:
        first, second, third = source.entries
        assert (first.read(100), third.read(100)) == (b"a" * 50, b"c" * 50)
        with pytest.raises(BadImage, match="damaged inside the zip"):
            second.read(1000)


def test_a_member_above_the_limit_is_not_unpacked(pack: Pack) -> None:
    with open_source(pack({"bomb.png": b"\0" * 10**8, "a.png": b"x"})) as source:
        with pytest.raises(BadImage, match="at most 1 MB"):
            source.entries[0].read(2**20)
        assert source.entries[1].read(2**20) == b"x"


def test_a_declared_size_that_lies_is_noticed_while_reading(pack: Pack) -> None:
    path = pack({"bomb.png": b"\0" * 10**7})
    data = path.read_bytes().replace(struct.pack("<L", 10**7), struct.pack("<L", 100))
    path.write_bytes(data)
    with open_source(path) as source, pytest.raises(BadImage, match="damaged"):
        source.entries[0].read(2**20)


def test_a_zip_that_unpacks_to_a_multiple_of_the_whole_is_not_opened(
    pack: Pack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "RATIO_MATTERS_BYTES", 2**20)
    path = pack({f"{n}.png": b"\0" * 2**18 for n in range(5)})
    with pytest.raises(BadArchive, match="would unpack to"):
        open_source(path)


def test_too_many_members_are_refused_before_they_are_listed(
    pack: Pack, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = pack({f"{n}.jpg": b"" for n in range(200)})
    monkeypatch.setattr(archives, "MAX_MEMBERS", 199)
    with pytest.raises(BadArchive, match="more than 199 files"):
        open_source(path)
    monkeypatch.setattr(archives, "MAX_DIRECTORY_BYTES", 1000)
    monkeypatch.setattr(archives, "MAX_MEMBERS", 10**6)
    with pytest.raises(BadArchive, match="Split it"):
        open_source(path)


@pytest.mark.parametrize("data", [b"", b"PK\x05\x06", b"not a zip" * 100])
def test_a_damaged_zip_is_said_in_words(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "broken.zip"
    path.write_bytes(data)
    with pytest.raises(BadArchive, match=r"broken\.zip"):
        open_source(path)


def test_every_cut_of_a_zip_is_refused_or_read(pack: Pack, tmp_path: Path) -> None:
    data = pack({"a/1.jpg": b"x" * 300, "b/2.jpg": bytes(range(256))}).read_bytes()
    for kept in range(0, len(data), 7):
        path = tmp_path / "cut.zip"
        path.write_bytes(data[:kept] + data[kept + 1 :])
        try:
            with open_source(path) as source:
                read_all(source.entries)
        except (BadArchive, BadSource):
            continue


def read_all(entries: list[Entry]) -> None:
    for entry in entries:
        try:
            entry.read(1000)
        except BadImage:
            continue


@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
def test_chinese_names_without_the_flag_are_read_rightly(
    tmp_path: Path, encoding: str
) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("XXXXXX/1.jpg", b"x")
    name = "红裙".encode(encoding)
    placeholder = b"XXXXXX"[: len(name)]
    data = file.getvalue().replace(placeholder, name)
    path = tmp_path / "names.zip"
    path.write_bytes(data)
    with open_source(path) as source:
        assert source.entries[0].folder.rstrip("X") == "红裙"


def test_a_zip_in_a_folder_is_opened_and_a_broken_one_refused(
    pack: Pack, tmp_path: Path
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    pack({"red_dress/1.jpg": b"x"}, "in/clothes.zip")
    (folder / "broken.ZIP").write_bytes(b"nothing")
    with open_source(folder) as source:
        assert [(e.path, e.folder) for e in source.entries] == [
            ("clothes.zip/red_dress/1.jpg", "red_dress")
        ]
        assert source.refused[0].path == "broken.ZIP"


def test_folders_pass_over_links_to_folders_and_special_files(tmp_path: Path) -> None:
    import os

    top = tmp_path / "top"
    top.mkdir()
    (top / "a.jpg").write_bytes(b"x")
    (top / "around").symlink_to(top)
    (top / "gone.jpg").symlink_to(top / "nowhere")
    os.mkfifo(top / "pipe.jpg")
    with open_source(top) as source:
        assert inside(source) == ["a.jpg"]
        assert {r.path for r in source.refused} == {"around", "gone.jpg", "pipe.jpg"}


@pytest.mark.parametrize("junk", [[], [".DS_Store"]])
def test_an_empty_folder_is_said_in_words(tmp_path: Path, junk: list[str]) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    for name in junk:
        (folder / name).write_bytes(b"x")
    with pytest.raises(BadSource, match="holds no files"):
        open_source(folder)
    with pytest.raises(BadSource, match="no file or folder"):
        open_source(tmp_path / "nowhere")
    with pytest.raises(BadSource, match="no file or folder"):
        open_source(Path("~nobody-here/pictures"))


def test_a_name_that_is_not_utf8_is_shown_with_a_replacement(tmp_path: Path) -> None:
    import os

    path = os.fsencode(tmp_path) + b"/odd/\xff\xfe.jpg"
    (tmp_path / "odd").mkdir()
    with open(path, "wb") as file:  # noqa: PTH123 - pathlib takes no bytes
        file.write(b"x")
    with open_source(tmp_path / "odd") as source:
        assert source.entries[0].name == "\ufffd\ufffd.jpg"
        assert source.entries[0].read(10) == b"x"
        assert source.entries[0].name.encode()


NAMES = st.lists(
    st.sampled_from(
        ["..", ".", "/", "\\", "C:", "a.jpg", "é", "\u202e", "~", " ", "*"]
    ),
    min_size=1,
    max_size=8,
).map("".join)


@settings(max_examples=2000, deadline=None)
@given(NAMES)
def test_no_name_of_an_archive_becomes_a_path_that_leads_out(name: str) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, b"x")
    with zipfile.ZipFile(file) as archive:
        for item in archives.list_members(archive, "in.zip/"):
            inner = item.inner if isinstance(item, Entry) else item.path
            assert ".." not in inner.split("/")
            assert not inner.startswith(("/", "\\")) and "\\" not in inner
