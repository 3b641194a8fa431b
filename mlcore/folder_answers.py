"""What a labelled folder says about the labels of a run, by the rules of an import.

It says no only to labels it names somewhere, and to what a yes excludes or a no
brings along; the rest of the run's labels is unknown and counts in no figure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mlcore.annotations import Statement
from mlcore.group_naming import fold
from mlcore.import_answers import Rules
from mlcore.layouts import read_folder
from mlcore.snapshot import UNKNOWN, Snapshot
from storage.implications import list_implications
from storage.projects import Project


@dataclass(frozen=True, slots=True)
class FolderAnswers:
    """Files of a folder with their answers `y` (n, L) of 1/0/-1, as in a snapshot.

    `refused` are pictures that say a label the run does not know, with the reason.
    """

    files: list[Path]
    y: NDArray[np.int8]
    refused: list[tuple[str, str]]


def read_answers(project: Project, snapshot: Snapshot, folder: Path) -> FolderAnswers:
    """Read a folder as an import would and answer the labels of the run by it."""
    said, vocabulary = read_folder(folder, [x.name for x in snapshot.labels])
    rules = _rules_of(project, snapshot, vocabulary)
    strange = [(path, _strange(statement.yes, rules)) for path, statement in said]
    known = [row for row, (_, reason) in zip(said, strange, strict=True) if not reason]
    return FolderAnswers(
        [path for path, _ in known],
        _answer([statement for _, statement in known], snapshot, rules),
        [(str(path), reason) for path, reason in strange if reason],
    )


def _rules_of(
    project: Project, snapshot: Snapshot, vocabulary: frozenset[str]
) -> Rules:
    """The run's labels and groups; what implies what, as the project has it now."""
    ids = {fold(label.name): label.label_id for label in snapshot.labels}
    exclusive = {
        label_id: group.name
        for group in snapshot.groups
        if group.rule != "any"
        for label_id in group.label_ids
    }
    spoken = frozenset(ids[name] for name in vocabulary if name in ids)
    return Rules(ids, exclusive, list_implications(project), spoken)


def _answer(
    statements: Sequence[Statement], snapshot: Snapshot, rules: Rules
) -> NDArray[np.int8]:
    columns = {label.label_id: at for at, label in enumerate(snapshot.labels)}
    y = np.full((len(statements), len(columns)), UNKNOWN, np.int8)
    for row, statement in enumerate(statements):
        for label_id, answer in rules.resolve(statement).items():
            # A label made since the run may be implied; the run knows nothing of it.
            if label_id in columns:
                y[row, columns[label_id]] = answer
    return y


def _strange(names: Sequence[str], rules: Rules) -> str:
    """Return why the names cannot be judged, '' if the run knows them all."""
    unknown = [name for name in names if fold(name) not in rules.ids]
    return f"This run does not know {' and '.join(unknown)}." if unknown else ""
