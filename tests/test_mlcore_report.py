"""The report of a run: one HTML file or a PDF, safe to send."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from filled_project import HOSTILE
from pretended_runs import pretend_run
from tiny_training import make_project

from mlcore import jobs
from mlcore.cli import main
from mlcore.errors import PredictionError
from mlcore.evaluation import load_held_out
from mlcore.model_json import PREDICTIONS_NAME
from mlcore.report import STEPS, make_report, write_report
from mlcore.report_charts import Bar, BarChart, Line, LineChart, Matrix
from mlcore.report_figures import Measured, combination_blocks
from mlcore.report_fonts import BUILT_IN, choose_fonts
from mlcore.report_parts import Figure, Pictures, Report, Section, Table, Words
from mlcore.report_pdf import write_pdf
from mlcore.thresholds import FLATTERED
from storage.facts import put_near_duplicates
from storage.images import list_image_ids
from storage.labels import describe_label, list_labels, rename_label
from storage.projects import Project, open_project
from storage.records import Run
from storage.runs import run_dir
from storage.splits import assign_splits

WHO = "tester"
CHINESE = "红色"


@pytest.fixture(scope="module")
def reported(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Project, Run]]:
    """A run of a project with a hostile label, half of it held out."""
    patch = pytest.MonkeyPatch()
    patch.setenv("UNSEEN_HOME", str(tmp_path_factory.mktemp("home")))
    patch.setattr(jobs, "supervise", lambda name, start_process=None: None)
    with open_project(make_project(each=6)) as project:
        ids = list_image_ids(project)
        parts = ("train", "validation")
        assign_splits(project, {i: parts[n % 2] for n, i in enumerate(ids)})
        rename_label(project, list_labels(project)[0].label_id, HOSTILE, who=WHO)
        yield project, pretend_run(project, wrong=3)
    patch.undo()


class _Reader(HTMLParser):
    """Collects tags, what they fetch, and what is left open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.fetched: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.fetched += [v or "" for name, v in attrs if name in ("src", "href")]
        assert not any(name.startswith("on") for name, _ in attrs)
        if tag not in ("meta", "img", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)


def test_the_html_file_stands_alone_and_shows_names_as_they_are(
    reported: tuple[Project, Run], tmp_path: Path
) -> None:
    project, run = reported
    told: list[tuple[int, int]] = []
    path = write_report(
        project, run.run_id, tmp_path / "a.html", lambda *done: told.append(done)
    )
    text = path.read_text("utf-8")
    reader = _Reader()
    reader.feed(text)
    assert reader.open == []
    assert {"svg", "img", "table"} <= reader.tags and "script" not in reader.tags
    assert all(re.match(r"#|data:image/jpeg;base64,", v) for v in reader.fetched)
    assert "://" not in text and "@import" not in text
    assert HOSTILE not in text and "&lt;img src=x onerror=alert(1)&gt;" in text
    for words in ("never trained on", "What to do next", "Model card", "yes from"):
        assert words in text
    assert told[-1] == (STEPS, STEPS) and told == sorted(told)


def test_few_pictures_are_no_bars_and_what_flatters_figures_is_admitted(
    reported: tuple[Project, Run],
) -> None:
    project, run = reported
    held_out = load_held_out(project, run.run_id)
    measured = Measured.of(held_out, " ", {})
    thin = [replace(c, images=2, right=0) for c in measured.figures.combinations]
    enough = replace(thin[0], labels=tuple("abcdefgh" for _ in range(6)), images=3)
    figures = replace(measured.figures, combinations=(*thin, enough))
    (figure,) = combination_blocks(replace(measured, figures=figures))
    assert isinstance(figure, Figure) and isinstance(figure.chart, BarChart)
    assert len(figure.chart.bars) == 1
    assert len(figure.chart.name_lines(figure.chart.bars[0])) == 2
    assert f"{len(thin)} combinations on 1 or 2 pictures only" in figure.caption
    figures = replace(figures, combinations=tuple(thin))
    (words,) = combination_blocks(replace(measured, figures=figures))
    assert isinstance(words, Words) and "too few to chart" in words.text
    (story, *_) = make_report(project, run.run_id, lambda done, total: None).sections
    (totals,) = [block for block in story.blocks if isinstance(block, Table)]
    assert "too few to judge" in totals.rows[3][0]
    chooses = any(score.threshold is not None for score in figures.labels)
    assert (Words(FLATTERED) in story.blocks) == (figures.is_flattered and chooses)


def test_near_copies_among_the_judged_are_admitted_in_the_report(
    reported: tuple[Project, Run],
) -> None:
    project, run = reported
    trained, judged = list_image_ids(project)[:2]
    put_near_duplicates(project, [(trained, judged, 4)])
    (story, *_) = make_report(project, run.run_id, lambda done, total: None).sections
    said = [block.text for block in story.blocks if isinstance(block, Words)]
    assert any("2 pictures have a copy in another split" in t for t in said)


def test_the_pdf_says_the_same_and_label_names_are_no_markup(
    reported: tuple[Project, Run],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    project, run = reported
    monkeypatch.setenv("UNSEEN_HOME", str(project.folder.parent))
    out = tmp_path / "a.pdf"
    assert main(["report", project.name, run.run_id, str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["bytes"] == out.stat().st_size
    document = pypdfium2.PdfDocument(out)
    text = "\n".join(page.get_textpage().get_text_range() for page in document)
    assert len(document) > 2
    assert HOSTILE in text and "Right on all labels for" in text.replace("\r\n", " ")
    assert "Intended use" in text and "validation" in text
    white = document[0].render(scale=0.5).to_numpy()
    assert white.min() < 100 < white.mean()


def test_it_holds_every_part_of_the_story(reported: tuple[Project, Run]) -> None:
    project, run = reported
    report = make_report(project, run.run_id, lambda done, total: None)
    titles = [section.title for section in report.sections]
    wanted = ["In short", "Labels", "Combinations", "What is mixed up", "Curves"]
    assert titles[:5] == wanted and titles[-2:] == ["Examples", "Model card"]
    blocks = [block for section in report.sections for block in section.blocks]
    charts = [type(block.chart) for block in blocks if isinstance(block, Figure)]
    assert {BarChart, LineChart, Matrix} == set(charts)
    shown = [b.pictures for b in blocks if isinstance(b, Pictures)]
    assert [pictures[0].is_right for pictures in shown] == [False, True]
    assert len(shown[0]) == 3


def test_curves_of_the_weakest_labels_say_of_how_many(
    reported: tuple[Project, Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    project, run = reported
    monkeypatch.setattr("mlcore.report_curves.CURVES_DRAWN", 1)
    report = make_report(project, run.run_id, lambda done, total: None)
    (curves,) = (one for one in report.sections if one.title == "Curves")
    for figure in curves.blocks:
        assert isinstance(figure, Figure)
        assert figure.caption.endswith(" The weakest 1 of 2 labels.")


def test_what_cannot_be_reported_is_refused(
    reported: tuple[Project, Run], tmp_path: Path
) -> None:
    project, run = reported
    with pytest.raises(PredictionError, match=r"\.html or \.pdf; got “a\.docx”"):
        write_report(project, run.run_id, tmp_path / "a.docx")
    saved = run_dir(project, run.run_id) / PREDICTIONS_NAME
    hidden = saved.rename(tmp_path / "hidden")
    with pytest.raises(PredictionError, match="cannot be read"):
        write_report(project, run.run_id, tmp_path / "a.html")
    hidden.rename(saved)


def test_no_page_ends_with_a_heading_or_is_half_empty(tmp_path: Path) -> None:
    """Also where a label of many makes a chart higher than a page."""
    bars = tuple(Bar(f"label {n}", n / 60, colour="#d0312d") for n in range(60))
    line = Line("label 1", (0.0, 1.0), (1.0, 0.0), colour="#2f6fd0", dash="dash")
    curve = Figure("Curve", LineChart("x", "y", (line,)), "What it shows.")
    table = Table(("name", "value"), tuple((f"row {n}", "1") for n in range(47)))
    short = Table(("few", ""), tuple((f"few {n}", "1") for n in range(6)))
    blocks = (Words("Within", is_head=True), table, curve, short)
    section = Section("Title", (Figure("Bars", BarChart(bars), "Said."), *blocks))
    path = tmp_path / "a.pdf"
    write_pdf(Report("many", "of all", (section,) * 5), path)
    document = pypdfium2.PdfDocument(path)
    rows = [page.get_textpage().get_text_range().split("\r\n")[1:] for page in document]
    assert not {lines[-1] for lines in rows} & {"Title", "Within", "Bars", "name value"}
    for lines in rows:
        at_top = [line for line in lines[:2] if re.match(r"row \d", line)]
        assert not at_top or lines[0] == "name value"
        assert sum(line.startswith("few") for line in lines) % 7 == 0
    for page in list(document)[:-1]:
        ink = page.render(scale=0.5).to_numpy().min(axis=(1, 2)) < 200
        # what is below 90 % is the margin with the page's number
        assert np.flatnonzero(ink[: int(len(ink) * 0.93)])[-1] > 0.65 * len(ink)


def test_settings_are_said_in_the_words_of_the_train_page_and_labels_in_their_colour(
    reported: tuple[Project, Run],
) -> None:
    project, run = reported
    label = list_labels(project)[0]
    describe_label(project, label.label_id, colour="#8a3fc0", who=WHO)
    report = make_report(project, run.run_id, lambda done, total: None)
    blocks = [block for section in report.sections for block in section.blocks]
    charts = [block.chart for block in blocks if isinstance(block, Figure)]
    bars = [bar for c in charts if isinstance(c, BarChart) for bar in c.bars]
    assert "#8a3fc0" in {bar.colour for bar in bars if bar.name in label.name}
    lines = [line for c in charts if isinstance(c, LineChart) for line in c.lines]
    assert "#8a3fc0" in {line.colour for line in lines}
    tables = {block.head[0]: block for block in blocks if isinstance(block, Table)}
    plain = dict(row[:2] for row in tables["in plain words"].rows)
    assert plain["Picture size"] == "each is seen at 96 × 96 pixels, in colour"
    assert plain["How it decides"].startswith(("Of each group", "Each label"))
    assert tables["setting"].rows == (("Epochs", "1", "75"),)
    settings = dict(row[:2] for row in tables["every setting"].rows)
    assert tables["every setting"].is_small and settings["Optimizer"] == "Adam"


def test_letters_the_built_in_fonts_lack_come_from_another(
    reported: tuple[Project, Run], tmp_path: Path
) -> None:
    assert choose_fonts(["dress", "größe"]) == BUILT_IN
    assert choose_fonts([f"dress {CHINESE}"]) != BUILT_IN
    project, _ = reported
    label = list_labels(project)[0]
    rename_label(project, label.label_id, CHINESE, who=WHO)
    path = write_report(project, pretend_run(project).run_id, tmp_path / "b.pdf")
    text = pypdfium2.PdfDocument(path)[0].get_textpage().get_text_range()
    assert CHINESE in text
