"""The data folder: its place, its lock, its settings, a full disk."""

import errno
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from storage.errors import HomeError
from storage.files import explained_disk, write_durably, write_many_durably
from storage.home import (
    Settings,
    home_dir,
    load_settings,
    lock_home,
    prepare_home,
    save_settings,
    weights_dir,
)

ROOT = Path(__file__).parent.parent


def test_the_environment_says_where_the_data_lies(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("UNSEEN_HOME", "~/pictures")
    assert home_dir() == Path.home() / "pictures"
    monkeypatch.delenv("UNSEEN_HOME")
    assert home_dir() == Path.home() / ".unseen"
    assert weights_dir() == Path.home() / ".unseen" / "weights"


def test_preparing_makes_the_folder_and_leaves_nothing_in_it(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNSEEN_HOME", str(home / "deep" / "er"))
    assert list(prepare_home().iterdir()) == []


def test_a_file_in_the_place_of_the_folder_is_told_in_words(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "file").write_text("x")
    monkeypatch.setenv("UNSEEN_HOME", str(home / "file"))
    with pytest.raises(HomeError, match="a file is in its place"):
        prepare_home()


def test_a_second_app_is_told_who_has_the_folder(home: Path) -> None:
    code = "from storage.home import lock_home\nwith lock_home(port=1): pass"
    with lock_home(port=8501):
        second = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True
        )
    assert second.returncode == 1
    assert f"process {os.getpid()}, port 8501" in second.stderr
    with lock_home(port=1):
        pass


def test_a_killed_app_gives_the_folder_back(home: Path) -> None:
    code = (
        "from storage.home import lock_home\n"
        "with lock_home():\n    print('locked', flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as app:
        assert app.stdout is not None
        assert app.stdout.readline() == b"locked\n"
        with pytest.raises(HomeError, match="already used"), lock_home():
            pass
        app.kill()
    with lock_home():
        pass


def test_the_lock_sweeps_what_an_old_crash_left(home: Path) -> None:
    for name in (".new-old", ".new-young", "project"):
        (home / name).mkdir()
    (home / ".settings.json.1.tmp").write_text("half")
    for name in (".new-old", ".settings.json.1.tmp", "project"):
        os.utime(home / name, (1, 1))
    with lock_home():
        left = sorted(path.name for path in home.iterdir())
    assert left == [".lock", ".new-young", "project"]


def test_settings_return_as_they_were_saved() -> None:
    assert load_settings() == Settings()
    changed = replace(Settings(), thin_below=12, name="Ada Lovelace é")
    save_settings(changed)
    assert load_settings() == changed


@pytest.mark.parametrize("place", ["~nobody-here/unseen", "/proc/unseen"])
def test_a_place_that_cannot_be_is_told_in_words(
    monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    if place.startswith("/proc") and sys.platform != "linux":
        pytest.skip("only Linux has /proc")
    monkeypatch.setenv("UNSEEN_HOME", place)
    with pytest.raises(HomeError, match="Set UNSEEN_HOME"):
        prepare_home()


def test_settings_of_another_version_are_read_as_far_as_known(home: Path) -> None:
    (home / "settings.json").write_text(json.dumps({"thin_below": 7, "new": 1}))
    assert load_settings() == Settings(thin_below=7)


@pytest.mark.parametrize("text", ["{", "[]", '{"thin_below": "many"}'])
def test_damaged_settings_are_told_in_words(home: Path, text: str) -> None:
    (home / "settings.json").write_text(text)
    with pytest.raises(HomeError, match="The setting"):
        load_settings()


@pytest.mark.parametrize(
    "wrong",
    [
        {"thin_below": 0},
        {"thin_below": True},
        {"max_image_bytes": 2**40},
        {"max_image_pixels": 1.5},
        {"name": "x" * 101},
    ],
    ids=str,
)
def test_settings_out_of_range_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(HomeError, match=r"must be"):
        Settings(**wrong)  # type: ignore[arg-type]


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "file.bin"
    write_durably(path, b"old")
    write_durably(path, b"new")
    assert [(entry.name, entry.read_bytes()) for entry in path.parent.iterdir()] == [
        ("file.bin", b"new")
    ]


def test_a_full_disk_leaves_no_half_file(tmp_path: Path) -> None:
    # A file-size limit makes the system refuse the second file as a full disk does
    code = f"""
import resource, signal
from pathlib import Path
from storage.errors import HomeError
from storage.files import write_many_durably
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
folder = Path({str(tmp_path)!r})
try:
    write_many_durably([(folder / "a", b"x"), (folder / "b", b"x" * 200_000)])
except HomeError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True
    )
    assert "The disk is full" in done.stdout, done.stderr
    assert [entry.name for entry in tmp_path.iterdir()] == ["home"]


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES])
def test_a_read_only_folder_is_told_in_words(number: int) -> None:
    with (
        pytest.raises(HomeError, match="write /data: it is read-only"),
        explained_disk(),
    ):
        raise OSError(number, "refused", "/data")


def test_writing_no_files_is_fine() -> None:
    write_many_durably([])
