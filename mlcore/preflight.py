"""What is wrong or risky about a run, said before it starts.

Reads only counts and label sets, so that a page may ask on every change.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mlcore.config import TrainConfig
from mlcore.coverage import coverage_of
from mlcore.data_health import LEAKS
from mlcore.errors import TrainingError
from mlcore.findings import Finding
from mlcore.snapshot import choose_output, is_one_of_all
from mlcore.weights_check import check_weights
from storage.groups import rule_violations
from storage.health_rows import count_leaking
from storage.images import count_images, progress
from storage.label_sets import label_sets
from storage.labels import label_counts, list_groups, list_labels
from storage.projects import Project
from storage.records import Filter, Group, Label, LabelSet, Progress

__all__ = ["Finding", "check"]

FEW_YES = 5
FEW_PICTURES = 20
NAMES_SHOWN = 5


@dataclass(frozen=True, slots=True)
class _Facts:
    """What every check looks at, read once."""

    labels: list[Label]
    groups: list[Group]
    counts: dict[int, int]
    sets: list[LabelSet]
    progress: Progress


def check(project: Project, config: TrainConfig) -> list[Finding]:
    """Everything to know before training, the reasons to stop first."""
    facts = _Facts(
        list_labels(project),
        list_groups(project),
        label_counts(project),
        label_sets(project),
        progress(project),
    )
    blockers = list(_check_basics(facts))
    if blockers:
        return blockers
    found = [
        *_check_output(facts, config),
        *_check_labels(facts),
        *_check_amount(facts),
        *_check_answers(project, facts),
        *_check_split(project, facts, config),
        *_check_combinations(project),
        *check_weights(config),
    ]
    order = ("stop", "warn", "info")
    return sorted(found, key=lambda finding: order.index(finding.level))


def _check_basics(facts: _Facts) -> Iterator[Finding]:
    if not facts.progress.total:
        yield Finding(
            "stop", "There are no pictures yet.", "Bring some in on the Data page."
        )
    elif not facts.labels:
        yield Finding(
            "stop", "There are no labels yet.", "Make labels on the Label page."
        )
    elif not facts.progress.labelled:
        yield Finding(
            "stop", "No picture is labelled yet.", "Label some on the Label page."
        )
    elif facts.progress.labelled < 2:
        yield Finding("stop", "One labelled picture is not enough.", "Label some more.")


def _check_output(facts: _Facts, config: TrainConfig) -> Iterator[Finding]:
    rules = {group.group_id: group.rule for group in facts.groups}
    try:
        output = choose_output(config, facts.labels, rules)
    except TrainingError as error:
        yield Finding("stop", str(error))
        return
    if output == "softmax":
        yield _judge_softmax(facts, rules)
    elif len(facts.labels) > 1 and _is_single_label(facts):
        yield Finding(
            "info",
            "Every picture has exactly one label.",
            "If the labels exclude each other, put all of them into one exactly-one "
            "group and choose output auto: softmax fits that better than sigmoid.",
        )


def _judge_softmax(facts: _Facts, rules: dict[int, str]) -> Finding:
    several = sum(found.count for found in facts.sets if len(found.label_ids) > 1)
    if is_one_of_all(facts.labels, rules) or not several:
        return Finding("info", "One label for each picture: trained with softmax.")
    return Finding(
        "warn",
        "Several labels can be true together: use sigmoid. Softmax shares out one yes "
        "among all labels, so a second true label takes from the first.",
        f"{several:,} pictures have more than one label; softmax will name one of "
        "them. Choose output sigmoid, which asks about each label by itself.",
    )


def _is_single_label(facts: _Facts) -> bool:
    return all(len(found.label_ids) == 1 for found in facts.sets)


def _check_labels(facts: _Facts) -> Iterator[Finding]:
    labelled = facts.progress.labelled
    yes = {label.name: facts.counts.get(label.label_id, 0) for label in facts.labels}
    never = [name for name, count in yes.items() if count == 0]
    always = [name for name, count in yes.items() if count == labelled]
    few = [name for name, count in yes.items() if 0 < count < FEW_YES]
    if len(never) == len(yes):
        yield Finding("stop", "No label is on any picture.", "Label some pictures.")
    elif never:
        yield Finding(
            "warn",
            f"On no picture: {_listed(never)}.",
            "The network learns to never say it; label some pictures or delete it.",
        )
    if always:
        yield Finding(
            "warn",
            f"On every labelled picture: {_listed(always)}.",
            "The network learns to always say it; add pictures without it.",
        )
    if few:
        shown = [f"{name} ({yes[name]})" for name in few]
        yield Finding(
            "warn",
            f"On fewer than {FEW_YES} pictures: {_listed(shown)}.",
            "Figures for so few pictures are chance.",
        )


def _check_amount(facts: _Facts) -> Iterator[Finding]:
    if facts.progress.labelled < FEW_PICTURES:
        yield Finding(
            "warn",
            f"Only {facts.progress.labelled} pictures are labelled.",
            "A network needs hundreds; expect little of this run.",
        )


def _check_answers(project: Project, facts: _Facts) -> Iterator[Finding]:
    total, labelled = facts.progress.total, facts.progress.labelled
    if total > labelled:
        yield Finding(
            "info",
            f"{total - labelled:,} of {total:,} pictures are not labelled "
            "and left out.",
        )
    if labelled > facts.progress.complete:
        yield Finding(
            "info",
            f"{labelled - facts.progress.complete:,} pictures have open questions.",
            "An unknown answer counts neither as yes nor as no.",
        )
    violations = rule_violations(project)
    if violations:
        yield Finding(
            "warn",
            f"{len(violations):,} pictures break the rule of a label group.",
            "Look at them on the Label page.",
        )


def _check_split(
    project: Project, facts: _Facts, config: TrainConfig
) -> Iterator[Finding]:
    held = {
        split: count_images(project, Filter(state="labelled", split=split))
        for split in ("train", "validation", "test")
    }
    assigned = sum(held.values())
    if not assigned:
        return
    wanted = {"validation": config.validation_fraction, "test": config.test_fraction}
    is_full = assigned == facts.progress.labelled
    off = [s for s, part in wanted.items() if abs(held[s] / assigned - part) > 0.05]
    if is_full and off:
        yield Finding(
            "info",
            f"The split stays as it was: {held['train']:,} train, "
            f"{held['validation']:,} validation, {held['test']:,} test.",
            "Each picture keeps its part, so that runs can be compared.",
        )
    yield from _check_held_out(project, facts)
    yield from _check_leaks(project)


def _check_leaks(project: Project) -> Iterator[Finding]:
    leaking = count_leaking(project, LEAKS)
    if leaking:
        yield Finding(
            "warn",
            f"{leaking:,} pictures have a copy in another split.",
            "The figures will be too good. Data, Health moves copies together.",
        )


def _check_held_out(project: Project, facts: _Facts) -> Iterator[Finding]:
    shown = {
        i for found in label_sets(project, split="validation") for i in found.label_ids
    }
    absent = [
        label.name
        for label in facts.labels
        if facts.counts.get(label.label_id, 0) and label.label_id not in shown
    ]
    if shown and absent:
        yield Finding(
            "warn",
            f"No example held out for validation: {_listed(absent)}.",
            "Its figures will be empty, not perfect.",
        )


def _check_combinations(project: Project) -> Iterator[Finding]:
    coverage = coverage_of(project)
    if not coverage.missing:
        return
    names = [" ".join(found.names) for found in coverage.missing]
    yield Finding(
        "warn",
        f"{len(names):,} of {coverage.possible:,} combinations have no picture: "
        f"{_listed(names)}.",
        "The network will guess there, and be sure of it. See Coverage.",
        topic="coverage",
    )


def _listed(names: Iterable[str]) -> str:
    """The first few names, and how many more there are."""
    every = list(names)
    shown = ", ".join(every[:NAMES_SHOWN])
    more = len(every) - NAMES_SHOWN
    return f"{shown} and {more:,} more" if more > 0 else shown
