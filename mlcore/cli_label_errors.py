"""The command `label-errors`: which labels are probably wrong. No streamlit."""

import argparse
from typing import Any

from mlcore.cli_output import MakeCommand, ProgressLine, print_json, print_table
from mlcore.errors import TrainingError
from mlcore.label_search import STAGES, LabelReport, last_report, search_labels
from mlcore.label_words import found_words, worth_words
from mlcore.queue_reasons import suspect_words
from storage.images import get_images
from storage.labels import list_labels
from storage.projects import Project, open_project
from storage.suspects import list_suspected_images, suspects_of

SHOWN = 20


def add_commands(make: MakeCommand, commands: Any) -> None:
    """Add the commands of this module to the parser."""
    parser = make(
        commands,
        "label-errors",
        "find labels that are probably wrong, and what mending them is worth",
        show_label_errors,
    )
    parser.add_argument("project")
    parser.add_argument(
        "--last", action="store_true", help="show what the last search found"
    )


def show_label_errors(options: argparse.Namespace) -> None:
    """Search, keep what was found, and print it."""
    with open_project(options.project) as project:
        report = _last(project) if options.last else _search(project)
        rows = _rows(project)
    if options.json:
        print_json(report.as_json() | {"suspects": rows})
        return
    print(found_words(report))
    if rows:
        cells = [(row["image"], row["file"], row["reason"]) for row in rows[:SHOWN]]
        print_table(("image", "file", "why"), cells)
    if len(rows) > SHOWN:
        print(f"… and {len(rows) - SHOWN} more; --json prints all.")
    if report.worth:
        print(worth_words(report.worth))


def _search(project: Project) -> LabelReport:
    lines: dict[str, ProgressLine] = {}

    def tell(stage: str, done: int, total: int) -> None:
        if stage not in lines:
            for line in lines.values():
                line.close()
            lines[stage] = ProgressLine(STAGES[stage])
        lines[stage](done, total)

    report = search_labels(project, tell)
    for line in lines.values():
        line.close()
    return report


def _last(project: Project) -> LabelReport:
    found = last_report(project)
    if found is None:
        raise TrainingError("Labels were never searched here; leave out --last.")
    return found[1]


def _rows(project: Project) -> list[dict[str, Any]]:
    ids = list_suspected_images(project)
    names = {label.label_id: label.name for label in list_labels(project)}
    images = {image.image_id: image for image in get_images(project, ids)}
    suspects = suspects_of(project, ids)
    return [
        {
            "image": image_id,
            "file": images[image_id].name,
            "sha256": images[image_id].sha256,
            "quality": suspects[image_id][0].quality,
            "reason": suspect_words(names, suspects[image_id]),
            "answers": [
                {
                    "label": names.get(one.label_id, "?"),
                    "answer": one.value,
                    "probability": one.probability,
                }
                for one in suspects[image_id]
            ],
        }
        for image_id in ids
    ]
