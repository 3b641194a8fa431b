"""The command about labels and groups as a file. No streamlit."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from mlcore.cli_output import MakeCommand, print_json, print_table
from mlcore.schema_files import apply_schema, read_schema, schema_as_json
from mlcore.schema_plans import SchemaPlan, plan_schema
from storage.projects import Project, open_project

WHO = "command line"


def add_commands(make: MakeCommand, commands: Any) -> None:
    """Add the commands of this module to the parser."""
    command = make(
        commands, "schema", "show, keep or bring in labels and groups", run_schema
    )
    command.add_argument("project")
    way = command.add_mutually_exclusive_group()
    way.add_argument("--export", metavar="FILE", help="write them to a JSON file")
    way.add_argument("--import", metavar="FILE", dest="source", help="take them over")
    command.add_argument(
        "--dry-run", action="store_true", help="with --import: report only"
    )


def run_schema(options: argparse.Namespace) -> None:
    """Show the schema, write it to a file, or take one over."""
    with open_project(options.project) as project:
        if options.source:
            import_schema(project, Path(options.source), options)
        elif options.export:
            export_schema(project, Path(options.export), options.json)
        elif options.json:
            print_json(schema_as_json(project))
        else:
            _print_schema(schema_as_json(project))


def export_schema(project: Project, target: Path, as_json: bool) -> None:
    """Write the schema to a file, replacing one that is there."""
    document = schema_as_json(project)
    text = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
    target.write_text(text, "utf-8")
    count = sum(1 for _ in _labels(document))
    if as_json:
        print_json({"file": str(target), "labels": count})
    else:
        print(f"Wrote {count} labels to {target}")


def import_schema(project: Project, source: Path, options: argparse.Namespace) -> None:
    """Take a file over and say what changed; with --dry-run what would."""
    schema = read_schema(source.read_bytes())
    plan = plan_schema(project, schema)
    if not options.dry_run:
        apply_schema(project, schema, who=WHO)
    if options.json:
        print_json(plan.as_json() | {"dry_run": options.dry_run})
    else:
        _print_plan(plan)


def _print_plan(plan: SchemaPlan) -> None:
    for title, names in (
        ("new groups", plan.new_groups),
        ("new labels", plan.new_labels),
        ("not in the file, kept", plan.kept),
    ):
        if names:
            print(f"{title}: {', '.join(names)}")
    for change in plan.changed:
        print(f"changed: {change.kind} {change.name}: {', '.join(change.fields)}")
    print(f"unchanged: {plan.unchanged}")


def _print_schema(document: dict[str, Any]) -> None:
    rows = [
        (group, label["name"], label["hotkey"], ", ".join(label["implies"]))
        for group, label in _labels(document)
    ]
    print_table(("group", "label", "key", "implies"), rows)


def _labels(document: dict[str, Any]) -> Any:
    for group in document["groups"]:
        yield from ((group["name"], label) for label in group["labels"])
    yield from (("", label) for label in document["labels"])
