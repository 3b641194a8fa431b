"""The commands `similar` and `items`: pictures alike, and what they are pictures of."""

import argparse
from pathlib import Path
from typing import Any

from mlcore.cli_output import MakeCommand, print_json, print_table
from mlcore.errors import BadTable, FactsMissing
from mlcore.item_table import import_items
from mlcore.similar import LIMIT, find_similar
from mlcore.similar_looking import look_now
from mlcore.similar_space import find_space
from storage.projects import open_project


def add_commands(make: MakeCommand, commands: Any) -> None:
    """Add the commands of this module to the parser."""
    parser = make(commands, "similar", "pictures that look like another", similar)
    parser.add_argument("project")
    parser.add_argument("picture")
    parser.add_argument(
        "--label",
        action="append",
        default=[],
        help="only pictures with this label; may be repeated",
    )
    parser.add_argument(
        "--exact", action="store_true", help="and with no other label beside"
    )
    parser.add_argument("--limit", type=int, default=LIMIT, metavar="N")
    parser.add_argument(
        "--look", action="store_true", help="first look at pictures that are new"
    )
    items = make(
        commands, "items", "titles, prices and links of pictures, from a CSV", items_
    )
    items.add_argument("project")
    items.add_argument("table", help="a CSV: file,title,price,link")


def similar(options: argparse.Namespace) -> int:
    """Print the pictures most like one, the most alike first."""
    from mlcore.prediction_service import shutdown_all

    with open_project(options.project) as project:
        if options.look:
            look_now(project)
        try:
            found = find_similar(
                project,
                Path(options.picture),
                labels=options.label,
                is_exact=options.exact,
                limit=options.limit,
            )
        except FactsMissing as error:
            raise FactsMissing(f"{error} Here: add --look.") from error
        finally:
            shutdown_all()
        space = find_space(project)
    if options.json:
        compared = {"compared": space.known, "images": space.total}
        print_json({**compared, "similar": [one.as_json() for one in found]})
        return 0
    print_table(
        ("picture", "alike", "labels", "title", "price", "link"),
        [
            (s.name, s.likeness, " ".join(s.labels), s.title, s.price, s.link)
            for s in found
        ],
    )
    return 0


def items_(options: argparse.Namespace) -> int:
    """Take in a table of items and say what did not fit."""
    path = Path(options.table)
    if not path.is_file():
        raise BadTable(f"{path} is no file. Check the name.")
    with open_project(options.project) as project:
        report = import_items(project, lambda: path.open("rb"), path.name)
    if options.json:
        print_json(report.as_json())
        return 0
    print(f"{report.matched} pictures have what the table says.")
    for one in report.refused:
        print(f"{one.path}: {one.reason}")
    if report.refused_more:
        print(f"and {report.refused_more} lines more")
    return 0
