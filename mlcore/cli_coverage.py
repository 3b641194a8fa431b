"""The command coverage: what is seen, thin and missing, and what to collect."""

import argparse
from collections.abc import Sequence
from typing import Any

from mlcore.cli_output import MakeCommand, print_json, print_table
from mlcore.coverage import Combination, Coverage, coverage_of
from mlcore.coverage_difference import Difference
from mlcore.coverage_patterns import uncovered_patterns
from mlcore.coverage_sources import difference_of
from mlcore.coverage_values import value_coverage
from mlcore.drift import drift_of
from mlcore.shopping import Advice, fewest_new
from mlcore.shopping_evidence import advise
from storage import implications, label_sets, labels
from storage.projects import Project, open_project

# The worst of a long list; JSON holds more.
SHOWN_AT_MOST = 200
ADVISED = 10
TIES_AT_MOST = 10


def add_commands(make: MakeCommand, commands: Any) -> None:
    """Add the commands of this module to the parser."""
    coverage = make(commands, "coverage", "which combinations are missing", show)
    coverage.add_argument("project")
    coverage.add_argument("--strength", type=int, choices=(2, 3), default=2)
    coverage.add_argument(
        "--between",
        nargs=2,
        metavar=("TRAINED", "SHOWN"),
        help="what one part shows and another never did: all, train, validation, "
        "test, classified or view:NAME",
    )
    coverage.add_argument(
        "--collect", action="store_true", help="say what to collect first, and why"
    )
    coverage.add_argument(
        "--drift", action="store_true", help="what was classified, against training"
    )


def show(options: argparse.Namespace) -> None:
    """Print which combinations are present, thin and missing, or which arrive."""
    if options.drift:
        _show_drift(options)
        return
    with open_project(options.project) as project:
        found = coverage_of(project, strength=options.strength)
        difference = None
        if options.between:
            trained, shown = options.between
            difference = difference_of(project, trained, shown, options.strength)
        advice = advise(project, found, ADVISED)
        if options.json:
            print_json(_as_json(project, found, difference, advice))
            return
        note = _note(project, found)
    _print(found, difference, advice if options.collect else [], note)


def _as_json(
    project: Project,
    found: Coverage,
    difference: Difference | None,
    advice: Sequence[Advice],
) -> dict[str, object]:
    values = value_coverage(found, implications.list_implications(project))
    patterns = uncovered_patterns(
        label_sets.label_sets(project),
        labels.list_groups(project),
        labels.free_labels(project),
        strength=found.strength,
        impossible=label_sets.list_impossible(project),
    )
    report = found.as_json() | {
        "values": values.as_json(),
        "patterns": [pattern.as_json() for pattern in patterns],
        "fewest_new": fewest_new(found),
        "collect": [piece.as_json() for piece in advice],
    }
    if difference:
        report["difference"] = difference.as_json()
    note = _note(project, found)
    return report | ({"note": note} if note else {})


def _note(project: Project, found: Coverage) -> str:
    count = len(labels.list_labels(project))
    if count < 2:
        return f"Combinations need two labels; this project has {count}."
    if not found.possible:
        return (
            f"There is nothing to combine: combinations of {found.strength} need as "
            "many labels that may occur together."
        )
    if not any(group.rule != "any" and group.labels for group in found.groups):
        return (
            "There are no label groups yet, so every two labels count as a pair. "
            f"See what fits: groups {project.name} --propose"
        )
    return ""


def _print(
    found: Coverage,
    difference: Difference | None,
    advice: Sequence[Advice],
    note: str,
) -> None:
    if found.possible:
        share = f" ({found.coverage:.0%})" if found.coverage is not None else ""
        print(f"{found.present} of {found.possible} combinations present{share}")
        _print_combinations("missing", found.gaps)
        rest = len(found.missing) - len(found.gaps)
        if rest:
            print(f"{rest:,} more: of rare labels, or with a missing pair in them.")
        _print_combinations("thin", found.thin)
        _print_ties(found)
    if note:
        print(note)
    needed = fewest_new(found)
    if advice and needed:
        print(f"It takes {needed:,} new ones until a model can work out all others:")
    for number, piece in enumerate(advice, start=1):
        print(f"{number}. {' '.join([piece.sentence(), piece.note()]).strip()}")
    if difference:
        _print_difference(difference)


def _print_ties(found: Coverage) -> None:
    """Name the labels that (nearly) always come with another."""
    caught = [degree for degree in found.degrees if degree.is_confounded]
    for degree in caught[:TIES_AT_MOST]:
        print(
            f"{degree.name}: {degree.main_count:,} of {degree.total:,} images show "
            f"{degree.main}; a model can hardly tell the two apart."
        )
    for pattern in value_coverage(found).missing[:TIES_AT_MOST]:
        print(pattern.sentence())


def _print_combinations(title: str, found: Sequence[Combination]) -> None:
    if not found:
        return
    rows = [
        (" ".join(c.names), c.count, round(c.expected, 1))
        for c in found[:SHOWN_AT_MOST]
    ]
    print_table((title, "images", "expected"), rows)
    if len(found) > SHOWN_AT_MOST:
        print(f"… and {len(found) - SHOWN_AT_MOST:,} more")


def _print_difference(found: Difference) -> None:
    if found.share is None:
        print("No image of the second part shows any combination.")
        return
    print(
        f"{found.unseen} of {found.shown} combinations shown were never trained "
        f"({found.share:.0%}), on {found.unseen_images:,} of {found.shown_images:,} "
        "images"
    )
    known = [c for c in found.combinations if c.tier != "fine"]
    rows = [
        (" ".join(c.names), c.shown, c.trained, c.tier) for c in known[:SHOWN_AT_MOST]
    ]
    if rows:
        print_table(("not fine", "shown", "trained", "tier"), rows)


def _show_drift(options: argparse.Namespace) -> None:
    with open_project(options.project) as project:
        found = drift_of(project)
    if options.json:
        print_json(found.as_json())
        return
    if not (found.shown or found.doubtful):
        print("Nothing that was classified is remembered.")
        return
    print(
        f"{found.unseen} of {found.shown} combinations shown were never in training: "
        f"{found.unseen_images} of {found.images} pictures; {found.doubtful} more "
        "only read, doubtfully"
    )
    rows = [
        (" ".join(a.names), a.days_7, a.days_30, a.ever, a.trained, a.tier)
        for a in found.arrivals
    ]
    titles = ("combination", "7 days", "30 days", "all", "trained", "tier")
    print_table(titles, rows)
