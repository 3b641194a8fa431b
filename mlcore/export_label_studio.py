"""Exports for Label Studio: tasks, and the labeling interface they fit into.

Its import takes the tasks as they are; pictures are found when its server runs with
LABEL_STUDIO_LOCAL_FILES_SERVING_ENABLED=true and the unpacked folder as
LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import quoteattr

from mlcore.annotations import FORMATS
from mlcore.export_json import write_list
from mlcore.export_outlet import Outlet
from mlcore.export_rows import Dataset, Names, Row
from mlcore.vocabulary import INTERFACE_NAME

LOCAL_FILES = "/data/local-files/?d="
IMAGE = "image"


@dataclass(frozen=True, slots=True)
class Control:
    """One <Choices> of the interface: a group, or the labels in none."""

    name: str
    choice: str
    labels: Names


def write_label_studio(dataset: Dataset, outlet: Outlet) -> None:
    """Write the tasks and the labeling interface."""
    controls = list(controls_of(dataset))
    with outlet.open_text(FORMATS["label-studio"].file_name) as file:
        write_list(file, (task_of(row, controls) for row in dataset.rows()))
    with outlet.open_text(INTERFACE_NAME) as file:
        file.write(interface_of(controls))


def controls_of(dataset: Dataset) -> Iterator[Control]:
    """Yield one control per group that has labels, then one for the free labels."""
    grouped = dataset.group_names()
    for group in dataset.groups:
        if group.labels:
            choice = "multiple" if group.rule == "any" else "single-radio"
            yield Control(group.name, choice, tuple(x.name for x in group.labels))
    free = tuple(x.name for x in dataset.labels if x.label_id not in grouped)
    if free:
        taken = {group.name.casefold() for group in dataset.groups}
        name = "labels" if "labels" not in taken else "labels in no group"
        yield Control(name, "multiple", free)


def task_of(row: Row, controls: list[Control]) -> dict[str, Any]:
    """Return one task; a picture without answers has no annotation."""
    data: dict[str, Any] = {"image": LOCAL_FILES + quote(row.path)}
    if row.is_labelled and row.unknown:
        data["unknown"] = list(row.unknown)
    task: dict[str, Any] = {"id": row.number, "data": data, "annotations": []}
    if row.image.split:
        task["meta"] = {"split": row.image.split}
    if row.is_labelled:
        result = list(_results(row, controls))
        task["annotations"] = [{"result": result, "was_cancelled": False}]
    return task


def _results(row: Row, controls: list[Control]) -> Iterator[dict[str, Any]]:
    for place, control in enumerate(controls):
        chosen = [name for name in control.labels if name in row.yes]
        if chosen:
            yield {
                "id": f"{row.number}-{place}",
                "from_name": control.name,
                "to_name": IMAGE,
                "type": "choices",
                "origin": "manual",
                "value": {"choices": chosen},
            }


def interface_of(controls: list[Control]) -> str:
    """Return the labeling interface, to be pasted into the project's settings."""
    lines = ["<View>", f'  <Image name="{IMAGE}" value="$image"/>']
    for control in controls:
        name = quoteattr(control.name)
        lines.append(f"  <Header value={name}/>")
        lines.append(
            f'  <Choices name={name} toName="{IMAGE}" choice="{control.choice}">'
        )
        lines += [f"    <Choice value={quoteattr(x)}/>" for x in control.labels]
        lines.append("  </Choices>")
    return "\n".join([*lines, "</View>", ""])
