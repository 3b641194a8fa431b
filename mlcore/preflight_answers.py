"""What the answers people gave mean for a run: labels with too few, open questions."""

from collections.abc import Iterator
from dataclasses import dataclass

from mlcore.findings import Finding, Remedy, listed
from mlcore.health_queues import PREFIX
from storage.images import count_images
from storage.implications import Gap
from storage.never_no import labels_without_no
from storage.projects import Project
from storage.records import Filter, Group, Label, LabelSet, Progress
from storage.rule_breaks import rule_violations

FEW_YES = 5
FEW_PICTURES = 20
TO_LABEL = Remedy("Label pictures", page="label.py")


@dataclass(frozen=True, slots=True)
class Facts:
    """What every check looks at, read once."""

    labels: list[Label]
    groups: list[Group]
    counts: dict[int, int]
    sets: list[LabelSet]
    progress: Progress
    gaps: list[Gap]


def check_labels(facts: Facts) -> Iterator[Finding]:
    """Labels that are on no picture, on all, or on too few."""
    labelled = facts.progress.labelled
    yes = {label.name: facts.counts.get(label.label_id, 0) for label in facts.labels}
    # What is implied and not filled in yet has a line of its own.
    ids = {label.name: label.label_id for label in facts.labels}
    waiting = {gap.implied_id for gap in facts.gaps if gap.unknown}
    absent = [name for name, count in yes.items() if count == 0]
    never = [name for name in absent if ids[name] not in waiting]
    always = [name for name, count in yes.items() if count == labelled]
    few = [name for name, count in yes.items() if 0 < count < FEW_YES]
    if len(absent) == len(yes):
        yield Finding("stop", "No label is on any picture.", remedy=TO_LABEL)
    elif never:
        yield Finding(
            "warn",
            f"On no picture: {listed(never)}.",
            "The network learns to never say it; label some pictures or delete it.",
            remedy=TO_LABEL,
        )
    if always:
        yield Finding(
            "warn",
            f"On every labelled picture: {listed(always)}.",
            "The network learns to always say it; add pictures without it.",
            remedy=Remedy("Add pictures", page="data.py"),
        )
    if few:
        shown = [f"{name} ({yes[name]})" for name in few]
        yield Finding(
            "warn",
            f"On fewer than {FEW_YES} pictures: {listed(shown)}.",
            "Too few to learn from, and figures for so few are chance.",
            remedy=TO_LABEL,
        )


def check_amount(facts: Facts) -> Iterator[Finding]:
    """Whether there is enough to learn anything from."""
    if facts.progress.labelled < FEW_PICTURES:
        yield Finding(
            "warn",
            f"Only {facts.progress.labelled} pictures are labelled.",
            "A network needs hundreds; expect little of this run.",
            remedy=TO_LABEL,
        )


def check_answers(project: Project, facts: Facts) -> Iterator[Finding]:
    """Pictures and questions that are left out, and answers that contradict."""
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
            "They have two labels that exclude each other, or none where one is due.",
            remedy=Remedy(
                "Look at them",
                page="label.py",
                address=(("state", "all"), ("queue", PREFIX + "rules")),
            ),
        )
    yield from _check_implied(facts)
    yield from _check_only_yes(project, facts)


def _check_implied(facts: Facts) -> Iterator[Finding]:
    names = {label.label_id: label.name for label in facts.labels}
    gaps = [gap for gap in facts.gaps if gap.unknown]
    if not gaps:
        return
    implied = list(dict.fromkeys(names[gap.implied_id] for gap in gaps))
    yield Finding(
        "warn",
        f"Implied but not answered yet: {listed(implied)}.",
        "Other labels say that it is so; the answer can be filled in from them.",
        remedy=Remedy("Fill in", act="fill implied"),
    )


def _check_only_yes(project: Project, facts: Facts) -> Iterator[Finding]:
    """A label with open pictures and no "no": the network has nothing to tell apart."""
    lacking = labels_without_no(project)
    for label in facts.labels:
        if label.label_id not in lacking:
            continue
        unknown = Filter(state="labelled", unknown_ids=(label.label_id,))
        count = count_images(project, unknown)
        if count:
            yield Finding(
                "warn",
                f"Nobody has said no to “{label.name}”: {count:,} pictures are open.",
                "From yes alone a network learns to say yes to everything.",
                remedy=Remedy(
                    "Say no to the open ones",
                    act="say no",
                    label_ids=(label.label_id,),
                ),
            )
