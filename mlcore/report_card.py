"""The model card: what a model is for, where it ends, what it was made of."""

from collections.abc import Mapping
from typing import Any

from mlcore.evaluation import HeldOut
from mlcore.intervals import FEW_EXAMPLES
from mlcore.left_out import LeftOutStudy
from mlcore.report_charts import Matrix
from mlcore.report_figures import Measured, combination_blocks
from mlcore.report_parts import Block, Figure, Items, Section, Table, Words
from mlcore.report_settings import every_setting, made_blocks
from mlcore.review_sentences import joiner, share_words
from mlcore.snapshot import Snapshot
from mlcore.training_view import TrainingView
from storage.records import Run

NAMED_AT_MOST = 40
LEFT_OUT_SHOWN = 20
MAP_AT_MOST = 20


def coverage_section(
    view: TrainingView, measured: Measured, study: LeftOutStudy | None
) -> Section:
    """Which combinations training showed, how each does, and those left out."""
    blocks: list[Block] = [Words(missing_sentence(view))]
    found = _map(view)
    if found:
        blocks.append(found)
    blocks += combination_blocks(measured)
    if study and study.tried:
        blocks += _left_out(study, view.separator)
    return Section("Combinations", tuple(blocks))


def missing_sentence(view: TrainingView) -> str:
    """Name the combinations that training never showed."""
    present, possible = view.coverage.grouped
    gaps = view.coverage.gaps
    if not possible and not gaps:
        return "Its labels form no groups, so no combination is expected of them."
    counted = (
        f"Training shows {present:,} of {possible:,} combinations of its groups. "
        if possible
        else ""
    )
    if not gaps:
        return f"{counted}None that one would expect is missing."
    names = [joiner(view.separator).join(cell.names) for cell in gaps[:NAMED_AT_MOST]]
    more = f" and {len(gaps) - len(names):,} more" if len(gaps) > len(names) else ""
    return (
        f"{counted}Never shown: {', '.join(names)}{more}. What the model says of such "
        "pictures is a guess, however sure it looks."
    )


def _map(view: TrainingView) -> Figure | None:
    """Draw the counts of two groups' labels, of the first two that have rules."""
    groups = [g for g in view.groups if g.rule != "any" and len(g.labels) > 1]
    if len(groups) < 2 or max(len(g.labels) for g in groups[:2]) > MAP_AT_MOST:
        return None
    rows, columns = groups[0].labels, groups[1].labels
    places = {label.label_id: at for at, label in enumerate(view.labels)}
    counts = tuple(
        tuple(
            view.count_images([places[row.label_id], places[column.label_id]])
            for column in columns
        )
        for row in rows
    )
    chart = Matrix(
        groups[0].name,
        groups[1].name,
        tuple(label.name for label in rows),
        tuple(label.name for label in columns),
        counts,
        marks_nothing=True,
    )
    return Figure(
        "Training pictures", chart, "Dashed: no picture at all, so nothing was learned."
    )


def _left_out(study: LeftOutStudy, separator: str) -> list[Block]:
    tried = sorted(study.tried, key=lambda c: c.share or 0.0)[:LEFT_OUT_SHOWN]
    rows = tuple(
        (
            separator.join(one.names),
            f"{one.right:,} of {one.images:,}",
            f"{share_words(one.share)} ({one.interval[0] * 100:.0f}–"
            f"{one.interval[1] * 100:.0f})",
        )
        for one in tried
    )
    words = (
        "Each combination below was left out of training in turn, and such a model was "
        "asked about its pictures: what to expect of one it never saw."
    )
    return [Words(words), Table(("left out", "right", "share (likely)"), rows)]


def card_section(
    run: Run,
    snapshot: Snapshot,
    view: TrainingView,
    held_out: HeldOut,
    facts: Mapping[str, Any],
) -> Section:
    """Intended use, limits, data, settings and versions."""
    names = ", ".join(label.name for label in held_out.labels[:NAMED_AT_MOST])
    blocks = (
        Words(f"Intended use: to say which of these a picture shows: {names}."),
        Items(tuple(list_limits(view, held_out))),
        *made_blocks(run, snapshot, held_out, facts),
        *every_setting(run, facts),
    )
    return Section("Model card", blocks)


def list_limits(view: TrainingView, held_out: HeldOut) -> list[tuple[str, str]]:
    """Say where the model ends; never nothing."""
    found = [
        (
            "Other pictures.",
            "It answers for any picture, also for one that shows none of its labels or "
            "was taken quite otherwise than those it learned from.",
        )
    ]
    if view.coverage.gaps:
        found.append(("Combinations it never saw.", missing_sentence(view)))
    support = (held_out.y == 1).sum(axis=0)
    few = [
        label.name
        for label, count in zip(held_out.labels, support, strict=True)
        if count < FEW_EXAMPLES
    ]
    if few:
        words = f"{', '.join(few)}: fewer than {FEW_EXAMPLES} held-out examples each."
        found.append(("Labels nobody can judge.", words))
    return found
