"""The command line as a person at a terminal meets it: real processes."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def call(*arguments: object) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "mlcore", *map(str, arguments)],
        cwd=ROOT,
        env=os.environ,
        capture_output=True,
        text=True,
    )


def report(*arguments: object) -> dict:
    done = call(*arguments, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def clothes(
    home: Path, tmp_path: Path, make_image: Callable[..., bytes]
) -> Callable[[], Path]:
    """A folder of four combinations, ten pictures each."""

    def build() -> Path:
        for folder in ("black_jeans", "blue_jeans", "blue_dress", "red_dress"):
            (tmp_path / "in" / folder).mkdir(parents=True)
            for number in range(10):
                colour = (number, len(folder), sum(map(ord, folder)) % 256)
                path = tmp_path / "in" / folder / f"{number}.png"
                path.write_bytes(make_image(colour, 16))
        return tmp_path / "in"

    return build


def test_without_a_command_usage_is_explained_and_the_status_is_two(
    home: Path,
) -> None:
    done = call()
    assert done.returncode == 2
    assert "COMMAND" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("coverage", "nothing-here"),
        ("evaluate", "nothing-here", "r1"),
        ("import", "nothing-here", "/nowhere"),
        ("stop", "r0001-nothing"),
    ],
    ids=lambda a: a[0],
)
def test_unknown_names_fail_with_one_line_and_no_traceback(
    home: Path, arguments: tuple[str, ...]
) -> None:
    done = call(*arguments)
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1
    assert "Traceback" not in done.stderr


def test_the_way_from_folder_to_coverage(clothes: Callable[[], Path]) -> None:
    folder = clothes()
    report("create", "shop")
    dry = report("import", "shop", folder, "--dry-run")
    real = report("import", "shop", folder)
    assert dry == real
    assert (real["added"], real["refused"]) == (40, [])
    assert report("import", "shop", folder)["added"] == 0
    coverage = report("coverage", "shop")
    missing = {tuple(sorted(row["labels"])) for row in coverage["missing"]}
    assert missing == {("black", "dress"), ("jeans", "red")}
    assert (coverage["present"], coverage["possible"]) == (4, 6)


def test_groups_are_found_in_the_answers_only_where_they_add_up(
    clothes: Callable[[], Path],
) -> None:
    report("create", "shop")
    report("import", "shop", clothes())
    found = {tuple(sorted(g["labels"])) for g in report("groups", "shop", "--propose")}
    assert found == {("black", "blue", "red"), ("dress", "jeans")}


def test_a_group_can_be_set_with_its_rule(home: Path) -> None:
    report("create", "shop")
    rows = report(
        "groups", "shop", "--set", "size=small,large", "--rule", "at-most-one"
    )
    assert rows == [
        {"name": "size", "rule": "at-most-one", "labels": ["small", "large"]}
    ]


@pytest.mark.parametrize("text", ["size", "=a,b", "size="])
def test_a_wrong_group_assignment_says_what_was_expected(home: Path, text: str) -> None:
    report("create", "shop")
    done = call("groups", "shop", "--set", text)
    assert done.returncode == 1
    assert "NAME=LABEL" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("--recipe", "resnet9000"), "smallervggnet"),
        (("--set", "epochs=-3"), "epochs"),
        (("--set", "speed=3"), "speed"),
        (("--set", "epochs"), "epochs"),
    ],
)
def test_a_wrong_setting_is_named_before_anything_starts(
    home: Path, arguments: tuple[str, ...], word: str
) -> None:
    report("create", "shop")
    done = call("train", "shop", *arguments)
    assert done.returncode == 1
    assert word in done.stderr.lower()
    assert report("runs", "shop") == []


def test_a_project_that_cannot_be_read_is_not_called_empty(home: Path) -> None:
    report("create", "good")
    report("create", "torn")
    (home / "torn" / "project.db").write_bytes(b"not a database")
    rows = {row["project"]: row for row in report("projects")}
    assert rows["good"]["images"] == 0
    assert rows["torn"]["images"] is None
    assert "damaged" in rows["torn"]["problem"]
    assert "torn: The project file" in call("projects").stdout
    assert "There is no run r0001" in call("stop", "r0001").stderr
    assert "damaged" in call("stop", "torn/r0001").stderr


def test_what_forbids_a_run_is_said_and_nothing_is_queued(home: Path) -> None:
    report("create", "shop")
    done = call("train", "shop")
    assert done.returncode == 1
    assert "There are no pictures yet." in done.stderr
    assert report("runs", "shop") == []


def test_coverage_of_nothing_to_combine_is_a_sentence(home: Path) -> None:
    report("create", "shop")
    assert "Combinations need two labels" in call("coverage", "shop").stdout


@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX pipe")
def test_a_reader_that_has_enough_is_no_failure_to_explain(home: Path) -> None:
    report("create", "shop")
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as closed:
        command = [sys.executable, "-m", "mlcore", "projects"]
        done = subprocess.run(command, cwd=ROOT, stdout=closed, stderr=subprocess.PIPE)
    assert (done.returncode, done.stderr) == (1, b"")


@pytest.mark.slow
def test_the_way_from_training_to_an_answer(
    clothes: Callable[[], Path], tmp_path: Path
) -> None:
    folder = clothes()
    report("create", "shop")
    report("import", "shop", folder)
    small = ("image_size_px=16", "epochs=2", "batch_size=8", "head_units=16")
    settings = [word for text in small for word in ("--set", text)]
    classic = ("--recipe", "smallervggnet")
    trained = report("train", "shop", *classic, *settings, "--wait")
    assert (trained["state"], trained["epochs"]) == ("finished", 2)
    assert trained["best_epoch"] in (1, 2)
    figures = report("evaluate", "shop", trained["run"])
    assert figures["images"] == 8
    assert {row["label"] for row in figures["labels"]} == {
        "black",
        "blue",
        "red",
        "dress",
        "jeans",
    }
    out = tmp_path / "answers.csv"
    picture = folder / "red_dress" / "0.png"
    answers = report("classify", "shop", trained["run"], picture, "--csv", out)
    assert set(answers[0]["probabilities"]) == {
        "black",
        "blue",
        "red",
        "dress",
        "jeans",
    }
    assert isinstance(answers[0]["combination_seen"], bool)
    (tmp_path / "text.png").write_text("no picture")
    spoken = call("classify", "shop", trained["run"], tmp_path / "text.png").stdout
    assert "This is not a picture" in spoken
    assert out.read_text().startswith("picture,labels")
    assert (
        Path(report("export", "shop", trained["run"], tmp_path / "m.zip")["out"])
        .stat()
        .st_size
    )
