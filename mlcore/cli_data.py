"""Commands about data: projects and groups. No streamlit."""

import argparse
from typing import Any

from mlcore.cli_output import MakeCommand, print_json, print_table
from mlcore.errors import ConfigError
from mlcore.group_naming import name_columns
from mlcore.group_proposals import propose_groups
from storage import home, label_sets, labels, projects

WHO = "command line"
RULES = ("exactly-one", "at-most-one", "any")
COUNTS = ("images", "labelled", "labels", "runs")


def add_commands(make: MakeCommand, commands: Any) -> None:
    """Add the commands of this module to the parser."""
    make(commands, "projects", "list the projects", list_projects)
    create = make(commands, "create", "make an empty project", create_project)
    create.add_argument("project")
    groups = make(commands, "groups", "show, propose or set label groups", edit_groups)
    groups.add_argument("project")
    groups.add_argument("--propose", action="store_true")
    groups.add_argument("--set", metavar="NAME=LABEL,LABEL", dest="assignment")
    groups.add_argument("--rule", choices=RULES, default="exactly-one")


def list_projects(options: argparse.Namespace) -> None:
    """Print every project with its counts."""
    found = projects.list_projects()
    if options.json:
        print_json([_project_as_json(p) for p in found])
    elif not found:
        print(f"No projects in {home.home_dir()} yet. Make one: create NAME")
    else:
        print_table(("project", *COUNTS), [(p.name, *_counts(p)) for p in found])
        for project in found:
            if project.problem:
                print(f"{project.name}: {project.problem}")


def _project_as_json(project: projects.ProjectSummary) -> dict[str, object]:
    counts = dict(zip(COUNTS, _counts(project), strict=True))
    problem = {"problem": project.problem} if project.problem else {}
    return {
        "project": project.name,
        **counts,
        "folder": str(project.folder),
        **problem,
    }


def _counts(project: projects.ProjectSummary) -> list[int | None]:
    # What cannot be read is unknown: 0 would look like lost pictures.
    if project.problem:
        return [None] * len(COUNTS)
    return [getattr(project, name) for name in COUNTS]


def create_project(options: argparse.Namespace) -> None:
    """Make an empty project and print where it lies."""
    home.prepare_home()
    with projects.create_project(options.project) as project:
        if options.json:
            print_json({"project": project.name, "folder": str(project.folder)})
        else:
            print(f"Made project {project.name} in {project.folder}")


def edit_groups(options: argparse.Namespace) -> None:
    """Show, propose or set the label groups of a project."""
    with projects.open_project(options.project) as project:
        if options.assignment:
            name, label_names = parse_assignment(options.assignment)
            labels.set_group(project, name, label_names, options.rule, who=WHO)
        rows = _proposed(project) if options.propose else _existing(project)
    if options.json:
        print_json(rows)
    else:
        table = [(r["name"], r["rule"], ", ".join(r["labels"])) for r in rows]
        print_table(("group", "rule", "labels"), table)


def parse_assignment(text: str) -> tuple[str, list[str]]:
    """Return name and labels of `colour=black,blue`; raises `ConfigError`."""
    name, equals, names = text.partition("=")
    found = [part.strip() for part in names.split(",") if part.strip()]
    if not (name.strip() and equals and found):
        raise ConfigError(
            f"--set expects NAME=LABEL,LABEL such as colour=black,blue; got {text!r}."
        )
    return name.strip(), found


def _existing(project: projects.Project) -> list[dict[str, Any]]:
    return [
        {"name": g.name, "rule": g.rule, "labels": [x.name for x in g.labels]}
        for g in labels.list_groups(project)
    ]


def _proposed(project: projects.Project) -> list[dict[str, Any]]:
    names = {x.label_id: x.name for x in labels.list_labels(project)}
    found = propose_groups(label_sets.label_sets(project), names)
    words = [[names[label_id] for label_id in group] for group in found]
    return [
        {"name": name, "rule": "exactly-one", "labels": group}
        for name, group in zip(name_columns(words, "combinations"), words, strict=True)
    ]
