"""One row per label, the weakest first, and one per combination, the worst first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from mlcore.intervals import FEW_EXAMPLES, label_intervals
from mlcore.metrics import CombinationScore, Evaluation, LabelScore
from mlcore.ranking_curves import Ranking
from mlcore.supported_combinations import (
    has_only_free_labels,
    judged_combinations,
    thin_combinations,
    uncharted_sentence,
)
from pages.parts.review_table import (
    Column,
    Measure,
    Shape,
    measure_table,
    name,
    share,
)
from pages.parts.text import counted, number, percent

if TYPE_CHECKING:
    from mlcore.evaluation import HeldOut

COMBINATIONS_AT_MOST = 300
SHAPE_HELP = (
    "Upwards the pictures with the label, downwards those without, from 0 % on the "
    "left to 100 % on the right; the line is the threshold. The further apart, the "
    "better the label is told."
)

LABEL_COLUMNS = (
    Column("Label", "The label.", "name"),
    Column("Examples", "Held-out pictures that show this label.", "mark"),
    Column(
        "F1",
        "Recall, how many it finds, and precision, how many of those are it, in one "
        "figure (harmonic mean).",
        "bar",
    ),
    Column("Precision", "Of the pictures called this, how many are.", "bar"),
    Column("Recall", "Of the pictures that are this, how many were found.", "bar"),
    Column(
        "Avg. precision",
        "How well its probabilities rank pictures, whatever the threshold (average "
        "precision).",
        "bar",
    ),
    Column("What it said", SHAPE_HELP, "shape"),
    Column(
        "Yes from",
        "From this probability on the answer is yes; “strongest” where none counts.",
    ),
)
COMBINATION_COLUMNS = (
    Column("Combination", "The labels a picture really has.", "name"),
    Column("In training", "Training pictures with exactly this combination.", "mark"),
    Column("Exact match", "Share of them with every label right.", "bar"),
    Column("Right", "Held-out pictures of it with every label right."),
    Column("Likely range", "95 % Wilson interval: what so few pictures can say."),
)


def show_labels(
    evaluation: Evaluation,
    rankings: Sequence[Ranking],
    short: Mapping[int, str] | None = None,
) -> None:
    """Show one row per label with bars; undefined figures say why.

    `short` says of a label why its threshold does not reach the goal.
    """
    by_id = {ranking.label_id: ranking for ranking in rankings}
    ordered = sorted(evaluation.labels, key=_weakness)
    rows = [
        describe_label(
            score, by_id.get(score.label_id), (short or {}).get(score.label_id, "")
        )
        for score in ordered
    ]
    # where the strongest label is always the answer, no threshold is told of
    counting = any(score.threshold is not None for score in ordered)
    shown = len(LABEL_COLUMNS) - (0 if counting else 1)
    measure_table(
        "Figures per label",
        LABEL_COLUMNS[:shown],
        [row[:shown] for row in rows],
        key="review_labels",
    )
    line = "; the orange line is where yes begins" if counting else ""
    st.caption(
        "The weakest first. The thin line over a bar is its likely range (95 %): the "
        "longer, the less so few pictures can say. **What it said**: from 0 % on the "
        "left to 100 % on the right, coloured upwards the pictures with the label, "
        f"grey downwards those without{line}."
    )


def _weakness(score: LabelScore) -> tuple[bool, float, float]:
    """Weak ones first, those without figures last."""
    return (score.f1 is None, score.f1 or 0.0, score.average_precision or 0.0)


def describe_label(
    score: LabelScore, ranking: Ranking | None = None, short: str = ""
) -> list[Measure]:
    """Return the cells of one label's row; a figure of None becomes its reason."""
    why = score.note or "–"
    ranges: Mapping[str, tuple[float, float] | None] = label_intervals(score)
    said = score.hits + score.false
    stands_on = {
        "f1": counted(score.support, "example"),
        "precision": f"{number(score.hits)} of {number(said)} called this are",
        "recall": f"{number(score.hits)} of {number(score.support)} were found",
    }
    bars = [
        share(
            getattr(score, figure),
            unknown=why,
            likely=ranges[figure],
            stands_on=stands_on[figure],
        )
        for figure in ("f1", "precision", "recall")
    ]
    ranked = share(
        score.average_precision,
        unknown=why,
        likely=ranking.average_precision_range if ranking else None,
        stands_on=stands_on["f1"],
    )
    return [
        name(score.label),
        _examples(score.support),
        *bars,
        ranked,
        _shape(score, ranking),
        _threshold(score.threshold, short),
    ]


def _examples(support: int) -> Measure:
    if support >= FEW_EXAMPLES:
        return Measure(number(support), support)
    words = "none" if not support else f"only {number(support)}"
    return Measure(words, support, "warn", "Too few to judge the label by.")


def _shape(score: LabelScore, ranking: Ranking | None) -> Measure:
    if ranking is None:
        return Measure("–")
    shape = Shape(ranking.with_label, ranking.without, score.threshold)
    return Measure("", ranking.roc_auc, "", SHAPE_HELP, shape=shape)


def _threshold(value: float | None, short: str) -> Measure:
    if value is None:
        return Measure("strongest")
    if short:
        words = f"{value:.2f}: {short.partition(': ')[2]}"
        return Measure(words, value, "warn", f"This label {short}.")
    return Measure(f"{value:.2f}", value)


def show_combinations(evaluation: Evaluation, meaning: str = "") -> None:
    """Show one row per true combination; those on too few pictures are folded.

    `meaning` is what a combination is here, where it is not what one expects.
    """
    judged = judged_combinations(evaluation)
    thin = thin_combinations(evaluation)
    if meaning:
        st.caption(meaning)
    if judged:
        _combination_table("Figures per combination", judged, "review_combinations")
    elif thin:
        st.caption(uncharted_sentence(evaluation))
    if thin:
        title = f"{counted(len(thin), 'combination')} on 1 or 2 pictures only"
        with st.expander(title, key="review_thin"):
            _combination_table(title, thin, "review_thin_combinations")


def combination_meaning(held_out: HeldOut, *, has_labels_beside: bool) -> str:
    """Say what a combination is here; "" where groups make all of it."""
    if has_labels_beside:
        return (
            "Combinations of the groups that take one label; free labels are not "
            "counted here."
        )
    if not has_only_free_labels(held_out):
        return ""
    return (
        "A combination is here the exact set of all labels of a picture, and right "
        "where every one of them is. Coverage speaks of pairs of labels."
    )


def _combination_table(
    title: str, scores: Sequence[CombinationScore], key: str
) -> None:
    shown = scores[:COMBINATIONS_AT_MOST]
    rows = [_combination_row(score) for score in shown]
    measure_table(title, COMBINATION_COLUMNS, rows, key=key)
    if len(scores) > len(shown):
        st.caption(
            f"The worst {number(len(shown))} of {counted(len(scores), 'combination')}."
        )


def _combination_row(score: CombinationScore) -> list[Measure]:
    low, high = score.interval
    seen = score.seen_count > 0
    mark = counted(score.seen_count, "picture") if seen else "never seen"
    return [
        name(" + ".join(score.labels) or "none of the labels"),
        Measure(mark, score.seen_count, "" if seen else "warn"),
        share(score.exact_match, likely=score.interval),
        Measure(f"{number(score.right)} of {number(score.images)}", score.images),
        Measure(f"{percent(low)} to {percent(high)}", low),
    ]
