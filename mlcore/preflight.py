"""What is wrong or risky about a run, said before it starts.

Reads only counts and label sets, so that a page may ask on every change.
"""

from collections.abc import Iterator

from mlcore.config import TrainConfig
from mlcore.coverage_live import live_coverage
from mlcore.data_health import LEAKS
from mlcore.errors import TrainingError
from mlcore.findings import Finding, Remedy, listed
from mlcore.group_offers import believable, open_offers
from mlcore.health_jobs import facts_status
from mlcore.preflight_answers import (
    TO_LABEL,
    Facts,
    check_amount,
    check_answers,
    check_labels,
)
from mlcore.snapshot import choose_output, is_one_of_all
from mlcore.splits import count_to_hold_out
from mlcore.weights_check import check_weights
from storage.health_rows import count_leaking
from storage.images import count_images, progress
from storage.implications import implication_gaps
from storage.label_sets import label_sets
from storage.labels import label_counts, list_groups, list_labels
from storage.projects import Project
from storage.records import Filter
from storage.splits import SPLITS

__all__ = ["Finding", "check"]

PAIRS_NAMED = 3
NAMED_AT_MOST = 5


def check(project: Project, config: TrainConfig) -> list[Finding]:
    """Everything to know before training, the reasons to stop first."""
    facts = Facts(
        list_labels(project),
        list_groups(project),
        label_counts(project),
        label_sets(project),
        progress(project),
        implication_gaps(project),
    )
    blockers = list(_check_basics(facts))
    if blockers:
        return blockers
    found = [
        *_check_output(facts, config),
        *check_labels(facts),
        *check_amount(facts),
        *check_answers(project, facts),
        *_check_split(project, facts, config),
        *_check_combinations(project, facts, config),
        *check_weights(config),
    ]
    order = ("stop", "warn", "info")
    return sorted(found, key=lambda finding: order.index(finding.level))


def _check_basics(facts: Facts) -> Iterator[Finding]:
    if not facts.progress.total:
        yield Finding(
            "stop",
            "There are no pictures yet.",
            remedy=Remedy("Add pictures", page="data.py"),
        )
    elif not facts.labels:
        yield Finding(
            "stop",
            "There are no labels yet.",
            remedy=Remedy("Make labels", page="label.py"),
        )
    elif not facts.progress.labelled:
        yield Finding("stop", "No picture is labelled yet.", remedy=TO_LABEL)
    elif facts.progress.labelled < 2:
        yield Finding("stop", "One labelled picture is not enough.", remedy=TO_LABEL)


def _check_output(facts: Facts, config: TrainConfig) -> Iterator[Finding]:
    rules = {group.group_id: group.rule for group in facts.groups}
    try:
        output = choose_output(config, facts.labels, rules)
    except TrainingError as error:
        automatic = Remedy("Choose automatically", settings=(("output", "auto"),))
        yield Finding("stop", str(error), remedy=automatic)
        return
    if output == "softmax":
        yield _judge_softmax(facts, rules)
    elif len(facts.labels) > 1 and _is_single_label(facts):
        yield _offer_softmax(is_group=is_one_of_all(facts.labels, rules))


def _offer_softmax(*, is_group: bool) -> Finding:
    """What sigmoid means where every picture has one label; in a group it is known."""
    detail = (
        "If it can never have two, softmax fits better: it picks one. For good, "
        "put all of them into one exactly-one group on the Label page."
    )
    if is_group:
        detail = (
            "Your labels are one exactly-one group, and sigmoid asks yes or no for "
            "each: it can say two of them, or none. Softmax picks one."
        )
    return Finding(
        "info",
        "Every picture has exactly one label.",
        detail,
        remedy=Remedy("Use softmax", settings=(("output", "softmax"),)),
    )


def _judge_softmax(facts: Facts, rules: dict[int, str]) -> Finding:
    several = sum(found.count for found in facts.sets if len(found.label_ids) > 1)
    if is_one_of_all(facts.labels, rules) or not several:
        return Finding("info", "One label for each picture: trained with softmax.")
    return Finding(
        "warn",
        "Several labels can be true together: use sigmoid. Softmax shares out one yes "
        "among all labels, so a second true label takes from the first.",
        f"{several:,} pictures have more than one label; softmax will name one of "
        "them. Sigmoid asks about each label by itself.",
        remedy=Remedy("Use sigmoid", settings=(("output", "sigmoid"),)),
    )


def _is_single_label(facts: Facts) -> bool:
    return all(len(found.label_ids) == 1 for found in facts.sets)


def _check_split(
    project: Project, facts: Facts, config: TrainConfig
) -> Iterator[Finding]:
    held = {
        split: count_images(project, Filter(state="labelled", split=split))
        for split in SPLITS
    }
    assigned = sum(held.values())
    is_full = assigned == facts.progress.labelled
    present = held | {None: facts.progress.labelled - assigned}
    drawn = count_to_hold_out(config.validation_fraction, present)
    if drawn:
        yield Finding(
            "info",
            f"About {drawn:,} of {held['train'] + present[None]:,} training pictures "
            "will be held out for validation.",
            "The data came without such a part; it says which epoch is best. What is "
            "for testing stays for testing.",
        )
    elif is_full and not held["validation"]:
        yield Finding(
            "warn",
            "No picture is held out for validation.",
            "Nobody could say how good the model is, nor which epoch is best.",
        )
    elif is_full and _is_off(held, config):
        yield Finding(
            "info",
            f"The split stays as it was: {held['train']:,} train, "
            f"{held['validation']:,} validation, {held['test']:,} test.",
            "Each picture keeps its part, so that runs can be compared.",
        )
    if drawn or not is_full:
        yield from _check_copies_known(project)
    if assigned:
        yield from _check_held_out(project, facts)
        yield from _check_leaks(project)


def _is_off(held: dict[str, int], config: TrainConfig) -> bool:
    """Whether the split there is differs from the one that was wished for."""
    assigned = sum(held.values())
    wanted = {"validation": config.validation_fraction, "test": config.test_fraction}
    return any(abs(held[s] / assigned - part) > 0.05 for s, part in wanted.items())


def _check_copies_known(project: Project) -> Iterator[Finding]:
    """Whether the pictures still to be split were searched for copies."""
    status = facts_status(project)
    if not status.is_moving or status.state == "checking":
        return
    is_measuring = status.state != "searching" and status.done < status.total
    yield Finding(
        "info",
        f"Searched for copies so far: {status.done:,} of {status.total:,} pictures."
        if is_measuring
        else "The pictures are just being searched for copies.",
        "Copies that are known when the run starts stay in one split together.",
    )


def _check_leaks(project: Project) -> Iterator[Finding]:
    leaking = count_leaking(project, LEAKS)
    if leaking:
        yield Finding(
            "warn",
            f"{leaking:,} pictures have a copy in another split.",
            "The figures will be too good. Data, Health moves copies together.",
            remedy=Remedy("Open Health", page="data.py", address=(("half", "Health"),)),
        )


def _check_held_out(project: Project, facts: Facts) -> Iterator[Finding]:
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
            f"No example held out for validation: {listed(absent)}.",
            "Its figures will be empty, not perfect.",
        )


def _check_pairs(project: Project) -> Iterator[Finding]:
    """Free labels may simply never meet: only what chance hardly explains is named."""
    gaps = believable(live_coverage(project).gaps, open_offers(project))
    if not gaps:
        return
    names = [" + ".join(found.names) for found in gaps[:PAIRS_NAMED]]
    yield Finding(
        "warn",
        f"{len(gaps):,} pairs of labels that one would expect together have no "
        f"picture: {listed(names, PAIRS_NAMED, len(gaps))}.",
        "The network learns that one excludes the other. See Coverage.",
        topic="coverage",
    )


def _check_combinations(
    project: Project, facts: Facts, config: TrainConfig
) -> Iterator[Finding]:
    if sum(group.rule != "any" for group in facts.groups) < 2:
        yield from _check_pairs(project)
        return
    coverage = live_coverage(project)
    gaps = coverage.gaps
    if not gaps:
        return
    names = [" ".join(found.names) for found in gaps[:NAMED_AT_MOST]]
    is_made_for_it = config.feature_head == "joint" or config.has_branches
    yield Finding(
        "info" if is_made_for_it else "warn",
        f"{len(gaps):,} of {coverage.possible:,} combinations have no picture: "
        f"{listed(names, NAMED_AT_MOST, len(gaps))}.",
        "This recipe answers those too; how well, Coverage says after the run."
        if is_made_for_it
        else "The network will guess there, and be sure of it. See Coverage.",
        topic="coverage",
    )
