"""A report on a run to send around: the story, its evidence and a model card."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from mlcore.errors import PredictionError
from mlcore.evaluation import load_held_out, load_snapshot_of
from mlcore.group_confusion import confusions
from mlcore.held_out_copies import copies_across, copies_words
from mlcore.intervals import total_intervals
from mlcore.left_out import LeftOutStudy, study_of_run
from mlcore.model_json import read_model_json
from mlcore.prediction_service import usable_run_dir
from mlcore.ranking_curves import mean_range
from mlcore.report_card import card_section, coverage_section
from mlcore.report_charts import Line, LineChart
from mlcore.report_curves import calibration_section, curves_section
from mlcore.report_figures import (
    Measured,
    labels_section,
    mixed_up_section,
    totals_table,
)
from mlcore.report_html import report_html
from mlcore.report_parts import Figure, Items, Report, Section, Words
from mlcore.report_pictures import RIGHT_SHOWN, WRONG_SHOWN, examples_section
from mlcore.report_settings import recipe_title
from mlcore.review_evidence import gather
from mlcore.review_sentences import certainty_sentence, unseen_claim
from mlcore.review_story import headline, next_steps
from mlcore.supported_combinations import can_combine
from mlcore.thresholds import FLATTERED
from mlcore.training_view import TrainingView, view_of_model
from storage.files import write_durably
from storage.labels import list_labels
from storage.projects import Project
from storage.records import Run
from storage.runs import get_run, list_epochs

FORMS = (".html", ".pdf")
PICTURES = WRONG_SHOWN + RIGHT_SHOWN
# The figures, the pictures, the drawing.
STEPS = PICTURES + 2
OnProgress = Callable[[int, int], None]


def write_report(
    project: Project, run_id: str, path: Path, on_progress: OnProgress | None = None
) -> Path:
    """Write a run's report as .html or .pdf, as the name of the file says.

    Raises `PredictionError` for other names and runs without held-out answers.
    """
    if path.suffix.lower() not in FORMS:
        raise PredictionError(
            f"A report is written as .html or .pdf; got “{path.name}”."
        )
    tell = on_progress or (lambda done, total: None)
    report = make_report(project, run_id, tell)
    if path.suffix.lower() == ".pdf":
        # 40 MB of modules that only a PDF needs
        from mlcore.report_pdf import write_pdf

        write_pdf(report, path)
    else:
        write_durably(path, report_html(report).encode())
    tell(STEPS, STEPS)
    return path


def make_report(project: Project, run_id: str, on_progress: OnProgress) -> Report:
    """Gather everything a report says, with what counts as yes for the run."""
    folder = usable_run_dir(project, run_id)
    run, facts = get_run(project, run_id), read_model_json(folder)
    view, held_out = view_of_model(facts), load_held_out(project, run_id)
    # a run keeps names only; colours are today's
    colours = {label.label_id: label.colour for label in list_labels(project)}
    measured = Measured.of(held_out, view.separator, colours)
    study = study_of_run(project, run)
    on_progress(1, STEPS)
    done = 1

    def count_picture() -> None:
        nonlocal done
        done += 1
        on_progress(done, STEPS)

    sections = (
        _story(project, run, view, measured, study),
        labels_section(measured),
        coverage_section(view, measured, study),
        mixed_up_section(measured),
        curves_section(measured),
        calibration_section(measured),
        _course(project, run),
        examples_section(project, measured, count_picture),
        card_section(run, load_snapshot_of(held_out, folder), view, held_out, facts),
    )
    today = datetime.now().astimezone().strftime("%d %B %Y, %H:%M")
    return Report(
        f"{project.name}: run {run.number}",
        f"{recipe_title(run)} · {len(held_out.labels):,} labels · report of {today}",
        tuple(section for section in sections if section),
    )


def _story(
    project: Project,
    run: Run,
    view: TrainingView,
    measured: Measured,
    study: LeftOutStudy | None,
) -> Section:
    figures, held_out = measured.figures, measured.held_out
    matrices = confusions(held_out, measured.said)
    evidence = gather(project, run, view, held_out, measured.said, matrices)
    steps = tuple(
        (f"{step.title.words()}.", step.why.words())
        for step in next_steps(figures, evidence)
    )
    names = ("exact_match", "binary_accuracy", "micro_f1", "macro_f1", "f2")
    wanted = {name: getattr(figures, name) for name in names}
    copies = copies_across(project, run.run_id, held_out.split)
    # where the strongest label is always the answer, no threshold made figures better
    counting = any(score.threshold is not None for score in figures.labels)
    warnings = [FLATTERED] if figures.is_flattered and counting else []
    warnings += [copies_words(copies)] if copies else []
    ranges = total_intervals(held_out.y, measured.said, wanted)
    combines = can_combine(held_out)
    ranges |= {"mean_average_precision": mean_range(measured.rankings)}
    return Section(
        "In short",
        (
            Words(headline(figures).words(), is_large=True),
            Words(certainty_sentence(figures), is_quiet=True),
            *map(Words, warnings),
            *([Words("".join(unseen_claim(figures, study)))] if combines else []),
            Words("What to do next", is_head=True),
            Items(steps, is_numbered=True),
            totals_table(measured, ranges),
        ),
    )


def _course(project: Project, run: Run) -> Section | None:
    """The loss over the epochs; a run that is fitted at once has no course."""
    epochs = list_epochs(project, run.run_id)
    if len(epochs) < 2:
        return None
    lines = [
        Line(
            title,
            tuple(float(e.epoch) for e in epochs if key in e.metrics),
            tuple(float(e.metrics[key]) for e in epochs if key in e.metrics),
        )
        for key, title in (("loss", "training"), ("val_loss", "validation"))
    ]
    chart = LineChart(
        "epoch",
        "loss",
        tuple(line for line in lines if line.x),
        is_share=False,
        x_is_share=False,
    )
    best = f"The best was epoch {run.best_epoch}." if run.best_epoch else ""
    return Section("How it learnt", (Figure("Loss", chart, best),))
