"""The sections of a report that stand on a run's answers to held-out pictures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mlcore.co_errors import co_errors
from mlcore.counted import counted
from mlcore.decisions import Decisions
from mlcore.evaluation import HeldOut
from mlcore.group_confusion import Confusion, confusions
from mlcore.intervals import FEW_EXAMPLES, label_intervals
from mlcore.label_colours import line_styles
from mlcore.ranking_curves import Ranking, rank_labels
from mlcore.report_charts import Bar, BarChart, Matrix
from mlcore.report_parts import Block, Figure, Items, Section, Table, Words
from mlcore.review_sentences import share_words, share_words_1
from mlcore.scores import Evaluation, Interval, LabelScore
from mlcore.supported_combinations import (
    has_only_free_labels,
    judged_combinations,
    thin_combinations,
    uncharted_sentence,
)

LABELS_DRAWN, COMBINATIONS_DRAWN = 40, 10
GROUPS_DRAWN, MATRIX_AT_MOST = 6, 14
NO_LABELS = "none of the labels"


@dataclass(frozen=True, slots=True)
class Measured:
    """What a run answered, the figures of that, and how labels are ranked.

    `styles` holds colour and dash of each label, by the run's name of it.
    """

    held_out: HeldOut
    said: Decisions
    figures: Evaluation
    rankings: Sequence[Ranking]
    separator: str
    styles: Mapping[str, tuple[str, str]]

    @staticmethod
    def of(held_out: HeldOut, separator: str, colours: Mapping[int, str]) -> "Measured":
        """Measure with what counts as yes for the run; `colours` are people's own."""
        own = {x.name: colours.get(x.label_id, "") for x in held_out.labels}
        return Measured(
            held_out,
            held_out.decide(),
            held_out.evaluate(),
            rank_labels(held_out.y, held_out.probabilities, held_out.labels),
            separator,
            line_styles(list(own), own),
        )


def labels_section(measured: Measured) -> Section:
    """A bar of F1 per label, then all its figures with ranges."""
    by_id = {ranking.label_id: ranking for ranking in measured.rankings}
    scores = sorted(measured.figures.labels, key=lambda s: (s.f1 is None, s.f1 or 0.0))
    ranges = {score.label_id: label_intervals(score) for score in scores}
    bars = [
        Bar(
            score.label,
            score.f1,
            ranges[score.label_id]["f1"],
            score.note or f"of {score.support:,}",
            score.support < FEW_EXAMPLES,
            measured.styles[score.label][0],
        )
        for score in scores[:LABELS_DRAWN]
    ]
    rows = [
        _label_row(score, ranges[score.label_id], by_id[score.label_id])
        for score in scores
    ]
    head = (
        "label",
        "examples",
        "F1",
        "precision",
        "recall",
        "avg. precision",
        "yes from",
    )
    caption = (
        "The weakest first; the thin line is the likely range (95 %). F1 joins "
        "precision (of the pictures called this, how many are) and recall (of the "
        "pictures that are this, how many were found). A name in amber: fewer than "
        f"{FEW_EXAMPLES} examples, too few to judge by."
    )
    chart = Figure("F1 of each label", BarChart(tuple(bars)), caption)
    return Section("Labels", (chart, Table(head, tuple(rows))))


def _label_row(
    score: LabelScore, ranges: dict[str, Interval | None], ranking: Ranking
) -> tuple[str, ...]:
    limit = "strongest" if score.threshold is None else f"{score.threshold:.2f}"
    return (
        score.label,
        f"{score.support:,}",
        *(
            _with_range(getattr(score, name), ranges[name])
            for name in ("f1", "precision", "recall")
        ),
        _with_range(score.average_precision, ranking.average_precision_range),
        limit,
    )


def _with_range(value: float | None, likely: Interval | None) -> str:
    if value is None or likely is None:
        return share_words(value)
    return f"{share_words(value)} ({likely[0] * 100:.0f}–{likely[1] * 100:.0f})"


def combination_blocks(measured: Measured) -> list[Block]:
    """Exact match per combination that enough pictures judge, the worst first."""
    judged = judged_combinations(measured.figures)
    if not judged:
        return [Words(uncharted_sentence(measured.figures))]
    bars = [
        Bar(
            measured.separator.join(one.labels) or NO_LABELS,
            one.exact_match,
            one.interval,
            f"{one.right:,} of {one.images:,}" + ("" if one.seen_count else ", unseen"),
            not one.seen_count,
        )
        for one in judged[:COMBINATIONS_DRAWN]
    ]
    caption = _combinations_caption(measured, len(judged))
    chart = BarChart(tuple(bars), has_long_names=True)
    return [Figure("Right on each combination", chart, caption)]


def _combinations_caption(measured: Measured, judged: int) -> str:
    """Say what a combination is here, and which of them are not drawn."""
    drawn, thin = min(judged, COMBINATIONS_DRAWN), thin_combinations(measured.figures)
    whole = has_only_free_labels(measured.held_out)
    said = [
        "A combination is all labels of a picture." if whole else "",
        "Pictures with every label right, the worst combination first.",
        f"The worst {drawn} of {judged:,}." if drawn < judged else "",
        f"Not drawn: {counted(len(thin), 'combination')} on 1 or 2 pictures only."
        if thin
        else "",
    ]
    return " ".join(filter(None, said))


def mixed_up_section(measured: Measured) -> Section | None:
    """What is taken for what within groups, and what goes wrong together."""
    matrices = confusions(measured.held_out, measured.said)
    blocks: list[Block] = [_matrix_figure(one) for one in matrices[:GROUPS_DRAWN]]
    together = co_errors(measured.held_out, measured.said)
    if together:
        blocks.append(Words("Wrong together, more often than chance explains:"))
        items = tuple(
            (
                f"{one.first} and {one.second}",
                f"on the same {one.images:,} pictures (chance: about "
                f"{one.expected:.1f})",
            )
            for one in together[:10]
        )
        blocks.append(Items(items))
    return Section("What is mixed up", tuple(blocks)) if blocks else None


def _matrix_figure(matrix: Confusion) -> Figure:
    rows = list(range(len(matrix.rows)))
    if len(rows) > MATRIX_AT_MOST:
        wrong = {one.shown for one in matrix.mix_ups()}
        rows = [at for at in rows if matrix.rows[at] in wrong][:MATRIX_AT_MOST]
    kept = {matrix.rows[at] for at in rows}
    columns = [
        at
        for at, name in enumerate(matrix.columns)
        if name in kept or len(matrix.rows) <= MATRIX_AT_MOST
    ]
    counts = tuple(tuple(int(matrix.counts[r, c]) for c in columns) for r in rows)
    chart = Matrix(
        "shown",
        "said",
        tuple(matrix.rows[at] for at in rows),
        tuple(matrix.columns[at] for at in columns),
        counts,
    )
    worst = [
        f"{one.shown} read as {one.said} {one.images:,} of {one.support:,} times"
        for one in matrix.mix_ups()[:3]
    ]
    caption = f"Right on {matrix.right:,} of {matrix.images:,}."
    caption += f" Most often: {'; '.join(worst)}." if worst else ""
    return Figure(matrix.group, chart, caption)


def totals_table(measured: Measured, ranges: dict[str, Interval | None]) -> Table:
    """The totals with their ranges; exact match before binary accuracy."""
    titles = {
        "exact_match": "Exact match (every label of a picture right)",
        "binary_accuracy": "Binary accuracy (single yes/no answers right)",
        "micro_f1": "Micro F1 (all answers together)",
        "macro_f1": f"Macro F1 (mean of the labels{_few_words(measured.figures)})",
        "f2": "F2 (a miss costs more than a false alarm)",
        "mean_average_precision": "Mean average precision (any threshold)",
    }
    rows = []
    for name, title in titles.items():
        found = ranges.get(name)
        likely = f"{found[0] * 100:.1f}–{found[1] * 100:.1f} %" if found else "–"
        rows.append((title, share_words_1(getattr(measured.figures, name)), likely))
    return Table(("figure", "value", "likely (95 %)"), tuple(rows))


def _few_words(figures: Evaluation) -> str:
    """Say how many labels a mean counts that nobody can judge, "" without any."""
    few = sum(score.support < FEW_EXAMPLES for score in figures.labels)
    if not few:
        return ""
    return (
        f", {few:,} of {len(figures.labels):,} of them on under {FEW_EXAMPLES} "
        "pictures, too few to judge"
    )
