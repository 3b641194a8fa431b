"""The command health: measure the pictures, then say what may be wrong with them."""

import argparse
from typing import Any

from mlcore.cli_output import MakeCommand, ProgressLine, print_json, print_table
from mlcore.data_health import Finding, find_all
from mlcore.file_checks import FileCheck, check_files, last_check, want_check
from mlcore.health_jobs import is_searched, note_searched
from mlcore.image_facts import VERSION, measure_images
from mlcore.label_balance import Imbalance, LabelTally, find_imbalances, tally_labels
from mlcore.near_duplicates import search_project
from storage.facts import facts_stamp, unmeasured_ids
from storage.health_rows import split_tallies
from storage.projects import Project, open_project
from storage.splits import SPLITS

MEASURED_AT_ONCE = 100
NAMES = ("label", "group", "pictures", "no", "unknown", *SPLITS, "")


def add_commands(make: MakeCommand, commands: Any) -> None:
    """Add the commands of this module to the parser."""
    parser = make(
        commands,
        "health",
        "copies, leaks, odd pictures, labels with too few",
        show_health,
    )
    parser.add_argument("project")
    parser.add_argument(
        "--verify",
        action="store_true",
        help="first check that every stored file is still what came in",
    )


def show_health(options: argparse.Namespace) -> None:
    """Measure what is new, then print findings and counts."""
    with open_project(options.project) as project:
        check = verify_files(project) if options.verify else None
        measure_project(project)
        findings = find_all(project)
        tallies = tally_labels(project)
        imbalances = find_imbalances(project, tallies)
        splits = split_tallies(project)
    if options.json:
        report = as_json(findings, tallies, imbalances, splits)
        files = {"checked": check.checked, "damaged": check.damaged} if check else {}
        print_json(report | ({"files": files} if check else {}))
    else:
        if check:
            print(f"files checked: {check.checked}, damaged or gone: {check.damaged}")
        print_findings(findings)
        print_labels(tallies, imbalances)


def verify_files(project: Project) -> FileCheck | None:
    """Check every stored file, in this process."""
    progress = ProgressLine("Checked")
    want_check(project)
    check_files(project, progress)
    progress.close()
    return last_check(project)


def measure_project(project: Project) -> None:
    """Measure new pictures and look for copies, in this process."""
    progress = ProgressLine("Measured")
    ids = unmeasured_ids(project, VERSION)
    for start in range(0, len(ids), MEASURED_AT_ONCE):
        measure_images(project, ids[start : start + MEASURED_AT_ONCE])
        progress(min(start + MEASURED_AT_ONCE, len(ids)), len(ids))
    progress.close()
    if not is_searched(project):
        stamp = facts_stamp(project)
        search_project(project)
        note_searched(project, stamp)


def print_findings(findings: list[Finding]) -> None:
    """Print what was found, and in one line what was not."""
    found = [finding for finding in findings if finding.families]
    if found:
        rows = [
            (f.check.title, len(f.families), len(f.image_ids), f.dismissed)
            for f in found
        ]
        print_table(("finding", "cases", "pictures", "dismissed"), rows)
    clean = [f.check.title.lower() for f in findings if not f.families]
    if clean:
        print(f"nothing found: {', '.join(clean)}")


def print_labels(tallies: list[LabelTally], imbalances: list[Imbalance]) -> None:
    """Print the counts of every label, then answers that are far apart."""
    rows = [
        (t.name, t.group or None, t.yes, t.no, t.unknown, *t.by_split, t.verdict)
        for t in tallies
    ]
    if rows:
        print_table(NAMES, rows)
    for x in imbalances:
        print(f"{x.rare} to {x.often} is 1 : {x.ratio:.0f} {x.group}".rstrip())


def as_json(
    findings: list[Finding],
    tallies: list[LabelTally],
    imbalances: list[Imbalance],
    splits: dict[str | None, tuple[int, int]],
) -> dict[str, Any]:
    """Return everything as one document."""
    return {
        "findings": [
            {
                "finding": f.check.key,
                "families": [list(family) for family in f.families],
                "pictures": len(f.image_ids),
                "dismissed": f.dismissed,
            }
            for f in findings
        ],
        "labels": [_label_as_json(tally) for tally in tallies],
        "imbalances": [
            {"group": x.group, "rare": x.rare, "often": x.often, "ratio": x.ratio}
            for x in imbalances
        ],
        "splits": {
            split or "none": {"pictures": images, "labelled": labelled}
            for split, (images, labelled) in splits.items()
        },
    }


def _label_as_json(tally: LabelTally) -> dict[str, Any]:
    return {
        "label": tally.name,
        "group": tally.group or None,
        "yes": tally.yes,
        "no": tally.no,
        "unknown": tally.unknown,
        **dict(zip(SPLITS, tally.by_split, strict=True)),
        "verdict": tally.verdict or None,
    }
