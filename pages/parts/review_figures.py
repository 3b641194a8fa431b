"""The figures of a run: tiles, one row per label, one row per combination."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from mlcore.left_out import LeftOutStudy
from mlcore.metrics import CombinationScore, Evaluation, LabelScore, wilson
from pages.parts.review_table import Column, Measure, count, measure_table, name, share
from pages.parts.text import counted, number, percent
from pages.parts.unmeasured_words import unmeasured_sentence

# Under this many images a share says so little that its range is in the foreground.
FEW_IMAGES = 100
COMBINATIONS_AT_MOST = 300

LABEL_COLUMNS = (
    Column("Label", "The label.", "name"),
    Column("Precision", "Of the pictures called this, how many are.", "bar"),
    Column("Recall", "Of the pictures that are this, how many were found.", "bar"),
    Column("F1", "Precision and recall in one figure (harmonic mean).", "bar"),
    Column(
        "Average precision",
        "How well its probabilities rank pictures, whatever the threshold.",
        "bar",
    ),
    Column("Examples", "Held-out pictures that show this label."),
    Column(
        "Threshold",
        "From this probability on the answer is yes; “strongest” where none counts.",
    ),
)
COMBINATION_COLUMNS = (
    Column("Combination", "The labels a picture really has.", "name"),
    Column("Pictures", "Held-out pictures with exactly this combination."),
    Column("Exact match", "Share of them with every label right.", "bar"),
    Column("Likely range", "95 % Wilson interval: what so few pictures can say."),
    Column("In training", "Training pictures with exactly this combination.", "mark"),
)


TOTALS = (
    (
        "exact_match",
        "Exact match",
        "Share of pictures on which every single label is right.",
    ),
    (
        "binary_accuracy",
        "Binary accuracy",
        "Share of single yes/no answers that are right. High even "
        "for a poor model when most answers are no.",
    ),
    (
        "micro_f1",
        "Micro F1",
        "F1 over all answers together; frequent labels weigh more.",
    ),
    ("macro_f1", "Macro F1", "Mean of the labels' F1; every label weighs the same."),
    (
        "f2",
        "F2",
        "Mean F2 over pictures: a missed label costs more than a wrong extra one.",
    ),
    (
        "mean_average_precision",
        "Mean avg. precision",
        "Mean average precision: how well probabilities rank the pictures of each "
        "label, whatever the threshold.",
    ),
)


def show_result(
    evaluation: Evaluation,
    study: LeftOutStudy | None = None,
    unmeasured: Sequence[str] = (),
) -> None:
    """Say in two sentences how good the run is, and where nobody knows.

    `unmeasured` are combinations that neither training nor these pictures show.
    """
    st.markdown(f"### {result_sentence(evaluation)}")
    st.markdown(unseen_sentence(evaluation, study))
    if unmeasured:
        st.caption(unmeasured_sentence(unmeasured))
        st.page_link("coverage.py", label="See them on Coverage", icon=":material/map:")


def show_totals(evaluation: Evaluation) -> None:
    """Show the six totals as tiles, and what the likely range means."""
    with st.grid(3, min_column_width=150, gap="small"):
        for field, title, help_text in TOTALS:
            value = percent_1(getattr(evaluation, field))
            st.metric(title, value, help=help_text, border=True)
    st.caption(trust_sentence(evaluation))


def result_sentence(evaluation: Evaluation) -> str:
    """Return "Every label right on 67 of 71 held-out pictures (94 %, likely …)."."""
    images, share_right = evaluation.images, evaluation.exact_match
    if share_right is None:
        return "No held-out picture has an answer, so nothing is measured."
    right = round(share_right * images)
    low, high = wilson(right, images)
    return (
        f"Every label right on {number(right)} of "
        f"{counted(images, 'held-out picture')} ({percent(share_right)}, likely "
        f"{low * 100:.0f}–{percent(high)})."
    )


def percent_1(value: float | None) -> str:
    """Return .9514 as "95.1 %"; an undefined share is a dash."""
    return "–" if value is None else f"{value * 100:.1f} %"


def trust_sentence(evaluation: Evaluation) -> str:
    """Say what "likely" means, and that few pictures cannot say more."""
    if evaluation.exact_match is None:
        return "There are no answered pictures here, so nothing can be measured."
    words = "Likely: with 95 % confidence (Wilson interval), from so many pictures."
    if evaluation.images < FEW_IMAGES:
        words += " So few cannot say more: hold out more for a sharper figure."
    return words


def show_labels(evaluation: Evaluation) -> None:
    """Show one row per label with bars; undefined figures say why."""
    rows = [describe_label(score) for score in evaluation.labels]
    measure_table("Figures per label", LABEL_COLUMNS, rows, key="review_labels")


def describe_label(score: LabelScore) -> list[Measure]:
    """Return the cells of one label's row; a figure of None becomes its reason."""
    why = score.note or "–"
    return [
        name(score.label),
        share(score.precision, unknown=why),
        share(score.recall, unknown=why),
        share(score.f1, unknown=why),
        share(score.average_precision, unknown=why),
        count(score.support),
        _threshold(score.threshold),
    ]


def _threshold(value: float | None) -> Measure:
    return Measure("strongest") if value is None else Measure(f"{value:.2f}", value)


def show_combinations(evaluation: Evaluation, *, has_free_labels: bool = False) -> None:
    """Show one row per true combination, of groups where there are any."""
    # never seen first: that is where a model fails, however few images there are
    ordered = sorted(evaluation.combinations, key=lambda score: score.seen_count > 0)
    shown = ordered[:COMBINATIONS_AT_MOST]
    rows = [_combination_row(score) for score in shown]
    measure_table(
        "Figures per combination",
        COMBINATION_COLUMNS,
        rows,
        key="review_combinations",
    )
    if has_free_labels:
        st.caption(
            "Combinations of the groups that take one label; free labels are not "
            "counted here."
        )
    if len(evaluation.combinations) > len(shown):
        st.caption(
            f"Never seen ones, then the most frequent: {number(len(shown))} of "
            f"{number(len(evaluation.combinations))} combinations."
        )


def _combination_row(score: CombinationScore) -> list[Measure]:
    low, high = score.interval
    seen = score.seen_count > 0
    mark = counted(score.seen_count, "picture") if seen else "never seen"
    return [
        name(" + ".join(score.labels) or "none of the labels"),
        count(score.images),
        share(score.exact_match),
        Measure(f"{percent(low)} to {percent(high)}", low),
        Measure(mark, score.seen_count, "" if seen else "warn"),
    ]


def unseen_sentence(evaluation: Evaluation, study: LeftOutStudy | None = None) -> str:
    """Say how the run does on combinations that training never showed.

    By pictures held out of them, else by the study that left combinations out, else
    that nobody knows.
    """
    unseen = [score for score in evaluation.combinations if not score.seen_count]
    if not unseen and study and study.share is not None:
        low, high = study.interval
        return (
            ":violet[:material/visibility_off:] **On combinations left out of "
            f"training: {percent(study.share)} right** (likely {percent(low)} to "
            f"{percent(high)}). Held-out pictures show none."
        )
    if not unseen:
        return (
            ":violet[:material/visibility_off:] **On combinations never seen in "
            "training: not measured.** No such pictures are held out, so the figures "
            "here say nothing about them. Expect worse."
        )
    images = sum(score.images for score in unseen)
    right = sum(score.right for score in unseen)
    low, high = wilson(right, images)
    return (
        ":orange[:material/visibility_off:] **On combinations never seen in training: "
        f"{percent(right / images)} right** on {counted(images, 'picture')} (likely "
        f"{percent(low)} to {percent(high)})."
    )
