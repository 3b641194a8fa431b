"""The labels of a model from elsewhere, known here by their names. Pure but for labels.

A label of the same name is the project's own; any other keeps a number that no label
of the project ever has, so that it counts as one the project lacks.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from storage.labels import list_labels
from storage.projects import Project

# Labels of a project are counted up from 1.
FOREIGN = 1_000_000_000


def fit_labels(project: Project, facts: Mapping[str, Any]) -> dict[str, Any]:
    """model.json with the numbers of this project's labels in all its places."""
    own = {label.name: label.label_id for label in list_labels(project)}
    numbers = {
        int(row["label_id"]): own.get(str(row["name"]), FOREIGN + place)
        for place, row in enumerate(facts["labels"])
    }
    return _renumber(facts, numbers)


def refit_labels(project: Project, facts: Mapping[str, Any]) -> dict[str, Any]:
    """The same where labels that the project lacked were made in it since.

    A label that was its own stays that, whatever it is called by now.
    """
    own = {label.name: label.label_id for label in list_labels(project)}
    ids = {int(row["label_id"]): str(row["name"]) for row in facts["labels"]}
    numbers = {
        label_id: label_id if label_id < FOREIGN else own.get(name, label_id)
        for label_id, name in ids.items()
    }
    # Renamed meanwhile to what the model calls another of its labels.
    is_clear = len(set(numbers.values())) == len(numbers)
    return _renumber(facts, numbers if is_clear else {i: i for i in ids})


def _renumber(facts: Mapping[str, Any], numbers: Mapping[int, int]) -> dict[str, Any]:
    def renumber(label_ids: Sequence[int]) -> list[int]:
        return [numbers[int(label_id)] for label_id in label_ids]

    return {
        **facts,
        "labels": [
            {**row, "label_id": numbers[int(row["label_id"])]}
            for row in facts["labels"]
        ],
        "groups": _renumber_rows(facts["groups"], renumber),
        # Ascending: sets of labels are compared as they are written.
        "seen": _renumber_rows(facts["seen"], lambda ids: sorted(renumber(ids))),
        "temperatures": _renumber_rows(facts.get("temperatures", ()), renumber),
        "impossible": [sorted(renumber(ids)) for ids in facts["impossible"]],
    }


def _renumber_rows(rows: Sequence[Mapping[str, Any]], renumber: Any) -> list[Any]:
    return [{**row, "label_ids": renumber(row["label_ids"])} for row in rows]
