"""Commands that take a run away and bring one in."""

import argparse
from pathlib import Path
from typing import Any

from mlcore.cli_output import MakeCommand, ProgressLine, print_json
from mlcore.errors import PredictionError
from mlcore.exporting import FORMATS as PLAIN_FORMATS
from mlcore.exporting import export_run
from mlcore.model_formats import FORMATS
from storage import projects


def add_commands(make: MakeCommand, commands: Any) -> None:
    """Add the commands of this module to the parser."""
    export = make(commands, "export", "take a run away", export_any)
    export.add_argument("project")
    export.add_argument("run")
    choices = (*FORMATS, *PLAIN_FORMATS)
    export.add_argument("--format", choices=choices, default="model")
    export.add_argument("out")
    bring = make(commands, "import-model", "bring in a run taken away", bring_in)
    bring.add_argument("project")
    bring.add_argument("zip")


def export_any(options: argparse.Namespace) -> None:
    """Write a run's model or data set to a file or folder."""
    if options.format in FORMATS:
        _export_model(options)
        return
    with projects.open_project(options.project) as project:
        out = export_run(project, options.run, options.format, Path(options.out))
    if options.json:
        print_json({"run": options.run, "format": options.format, "out": str(out)})
    else:
        print(f"Wrote {out}")


def _export_model(options: argparse.Namespace) -> None:
    from mlcore.model_export import export_model

    out, progress = Path(options.out), ProgressLine("Step")
    with projects.open_project(options.project) as project:
        made = export_model(project, options.run, options.format, out, progress)
    progress.close()
    assert made is not None  # nobody cancels here
    if options.json:
        print_json({"run": options.run, "out": str(out)} | made.as_json())
        return
    proof = made.proof
    print(f"Wrote {out} ({made.size_bytes / 2**20:.1f} MB)")
    print(
        f"Proved: its own script answered {proof.pictures} pictures by itself, largest "
        f"difference {proof.difference:.7f}, {proof.same} with the same labels"
    )


def bring_in(options: argparse.Namespace) -> None:
    """Make a run of a model's zip and say how its labels differ."""
    from mlcore.model_import import import_model

    source, progress = Path(options.zip), ProgressLine("Step")
    if not source.is_file():
        raise PredictionError(f"There is no file {source}. Check the name.")
    with projects.open_project(options.project) as project:
        made = import_model(project, source, on_progress=progress)
    progress.close()
    assert made is not None  # nobody cancels here
    if options.json:
        print_json(made.as_json())
        return
    known = "already here, " if made.is_known else ""
    print(f"{made.run_id}: {known}imported from {made.origin}")
    if made.pictures:
        print(
            f"It answered its {made.pictures} test pictures here, largest difference "
            f"{made.difference:.7f}"
        )
    for sentence in (made.labels, made.problem):
        if sentence:
            print(f"note: {sentence}")
