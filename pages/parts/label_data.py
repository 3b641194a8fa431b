"""Labels and groups as the labeling components take them, and what tells a change."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from storage.images import get_images
from storage.implications import list_implications
from storage.label_keys import label_keys
from storage.labels import free_labels, list_groups
from storage.projects import Project
from storage.records import Label


def describe_groups(project: Project) -> list[dict[str, Any]]:
    """Return the label groups as the components take them; free labels come last."""
    groups = [group for group in list_groups(project) if group.labels]
    free = free_labels(project)
    labels = [label for group in groups for label in group.labels] + list(free)
    details = describe(project, labels)
    described = [
        {
            "name": group.name,
            "rule": group.rule,
            "description": group.description,
            "labels": [details[label.label_id] for label in group.labels],
        }
        for group in groups
    ]
    if free:
        name = "Other labels" if groups else "Labels"
        rest = [details[label.label_id] for label in free]
        described.append({"name": name, "rule": "any", "labels": rest})
    return described


def describe(project: Project, labels: list[Label]) -> dict[int, dict[str, Any]]:
    """Return the labels as JSON for the browser, by id."""
    implied = list_implications(project)
    keys = label_keys(project)
    wanted = {image_id for label in labels for image_id in label.examples}
    pictures = {image.image_id: image.sha256 for image in get_images(project, wanted)}
    return {
        label.label_id: {
            "id": label.label_id,
            "name": label.name,
            "colour": label.colour,
            "description": label.description,
            "hotkey": label.hotkey,
            "key": keys.get(label.label_id, ""),
            "examples": [
                {"sha256": pictures[i]} for i in label.examples if i in pictures
            ],
            "implies": list(implied.get(label.label_id, ())),
        }
        for label in labels
    }


def stamp_of(groups: list[dict[str, Any]]) -> str:
    """Return a short text that differs when anything of the groups does."""
    return hashlib.sha256(json.dumps(groups).encode()).hexdigest()[:16]
