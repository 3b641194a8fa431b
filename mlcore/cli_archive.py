"""Commands that take data away and bring it back: data sets, whole projects."""

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

from mlcore.cli_output import MakeCommand, ProgressLine, print_json
from mlcore.export_dataset import WRITERS, ExportChoice, export_dataset
from mlcore.project_archive import export_project
from mlcore.project_restore import import_project
from mlcore.view_filters import filter_of_view, find_view
from storage import home, projects
from storage.images import count_images
from storage.projects import Project
from storage.records import Filter

LOST_SHOWN = 20


def add_commands(make: MakeCommand, commands: Any) -> None:
    """Add the commands of this module to the parser."""
    take = make(
        commands, "export-data", "write the data set for another tool", export_data
    )
    take.add_argument("project")
    take.add_argument("out", help="a folder, or a name ending in .zip")
    take.add_argument("--format", choices=tuple(WRITERS), default="csv-columns")
    take.add_argument("--view", metavar="NAME", help="only a saved view's pictures")
    take.add_argument(
        "--where", metavar="CONDITION", help="only these, as 'black and not jeans'"
    )
    take.add_argument("--labelled", action="store_true", help="only labelled ones")
    take.add_argument("--no-pictures", action="store_true", help="only the answers")
    archive = make(commands, "archive", "pack a whole project into a zip", pack)
    archive.add_argument("project")
    archive.add_argument("out", help="a name ending in .zip")
    archive.add_argument("--without-runs", action="store_true", help="no models")
    restore = make(commands, "restore", "make a project of such a zip", unpack)
    restore.add_argument("zip")
    restore.add_argument("--name", help="another name for the project")


def export_data(options: argparse.Namespace) -> None:
    """Write pictures and answers, and say what the format cannot carry."""
    progress = ProgressLine("Written")
    with projects.open_project(options.project) as project:
        choice = ExportChoice(_filter_of(project, options), not options.no_pictures)
        report = export_dataset(
            project, options.format, Path(options.out), choice, on_progress=progress
        )
    progress.close()
    if options.json:
        print_json(report.as_json() | {"out": options.out})
        return
    print(f"{report.images} pictures, {report.labels} labels → {options.out}")
    for note in report.notes:
        print(f"note: {note}")
    _print_lost([refused.path for refused in report.skipped])


def _filter_of(project: Project, options: argparse.Namespace) -> Filter:
    chosen = Filter()
    if options.view:
        chosen = filter_of_view(find_view(project, options.view))
    if options.where:
        both = f"({chosen.expression}) and ({options.where})"
        chosen = replace(
            chosen, expression=both if chosen.expression else options.where
        )
    if options.labelled:
        chosen = replace(chosen, state="labelled")
    return chosen


def _print_lost(names: list[str]) -> None:
    for name in names[:LOST_SHOWN]:
        print(f"missing or damaged in the data folder: {name}")
    if len(names) > LOST_SHOWN:
        print(f"and {len(names) - LOST_SHOWN} more (see --json)")


def pack(options: argparse.Namespace) -> None:
    """Pack a project; labeling and training may go on meanwhile."""
    progress = ProgressLine("Packed")
    with projects.open_project(options.project) as project:
        report = export_project(
            project,
            Path(options.out),
            with_runs=not options.without_runs,
            on_progress=progress,
        )
    progress.close()
    if options.json:
        print_json(report.as_json() | {"out": options.out})
    else:
        print(f"{report.images} pictures, {report.runs} runs → {options.out}")
        _print_lost(report.missing)


def unpack(options: argparse.Namespace) -> None:
    """Make a project of a zip and print what it is called."""
    home.prepare_home()
    progress = ProgressLine("Checked")
    source = Path(options.zip)
    with import_project(source, options.name, on_progress=progress) as project:
        progress.close()
        images = count_images(project)
        if options.json:
            folder = str(project.folder)
            print_json({"project": project.name, "images": images, "folder": folder})
        else:
            print(f"Made project {project.name} with {images} pictures")
