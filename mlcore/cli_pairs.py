"""What `compare` says of runs on the pictures that both kept out. No streamlit."""

from typing import Any

from mlcore.cli_output import print_table
from mlcore.errors import MLError
from mlcore.run_pairs import RunPair, compare_pair
from storage.projects import Project
from storage.records import Run

Refused = tuple[str, str, str]


def pairs_of(project: Project, runs: list[Run]) -> list[RunPair | Refused]:
    """Compare each further run with the first; why not, where that cannot be."""
    found: list[RunPair | Refused] = []
    for run in runs[1:]:
        old = runs[0].run_id
        try:
            found.append(compare_pair(project, old, run.run_id))
        except MLError as error:
            found.append((old, run.run_id, str(error)))
    return found


def pairs_as_json(pairs: list[RunPair | Refused]) -> list[dict[str, Any]]:
    """Return what `compare --json` says of them."""
    return [
        pair.as_json()
        if isinstance(pair, RunPair)
        else {"old": pair[0], "new": pair[1], "refused": pair[2]}
        for pair in pairs
    ]


def print_pairs(pairs: list[RunPair | Refused]) -> None:
    """Print a table for each pair, a row a label."""
    for pair in pairs:
        print()
        if not isinstance(pair, RunPair):
            print(f"{pair[1]} against {pair[0]}: {pair[2]}")
            continue
        print(
            f"{pair.new} against {pair.old}, the same {pair.images:,} {pair.split} "
            "pictures (McNemar's exact test, Holm over labels):"
        )
        rows = [
            (
                *(tally.name or "all labels", tally.verdict),
                *(tally.old_right, tally.new_right, tally.gained, tally.lost),
                round(tally.p, 4),
            )
            for tally in (pair.exact, *pair.labels)
        ]
        columns = ("label", "verdict", "right", "now right", "gained", "lost", "p")
        print_table(columns, rows)
        for note in (pair.left_out.sentence(), *pair.notes):
            if note:
                print(note)
