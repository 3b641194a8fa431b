"""What one Label Studio annotation chooses, and what in it chooses no label. Pure.

A choice in a tree (taxonomy) is a label, and so is every name above it. Boxes and
outlines count for the whole picture.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from mlcore.errors import BadTable
from mlcore.format_fields import field as field_of
from mlcore.format_fields import is_picture, names, path_of

LONGEST_CHOICE = 100
# What JSON-MIN says about a task beside the pictures and the answers.
MIN_KEYS = {
    *("id", "annotator", "annotation_id", "created_at", "updated_at", "lead_time"),
    *("inner_id", "project", "comment_count", "unknown", "split"),
    *("agreement", "annotation_results", "unresolved_comment_count"),
}
PLACES = ("x", "points", "rle")
_CHOOSES = ("choices", "taxonomy")
# Such a region comes once more with its label.
_BARE = {"rectangle", "polygon", "ellipse", "brush", "keypoint", "vector"}


@dataclass(slots=True)
class Answers:
    """The choices of one annotation by block, and what else it holds.

    `texts` are fields that may be a single choice or free text; `trees` are blocks
    whose labels lie on one path and exclude nothing.
    """

    chosen: dict[str, tuple[str, ...]] = field(default_factory=dict)
    texts: set[str] = field(default_factory=set)
    trees: dict[str, int] = field(default_factory=dict)
    shapes: set[str] = field(default_factory=set)
    others: list[str] = field(default_factory=list)

    def add(self, block: str, labels: Iterable[str]) -> None:
        """Add choices of a block to those it has."""
        before = self.chosen.get(block, ())
        self.chosen[block] = tuple(dict.fromkeys((*before, *labels)))

    def add_tree(self, block: str, paths: list[Any]) -> None:
        """Add every name on the paths of a taxonomy."""
        self.trees[block] = self.trees.get(block, 0) + len(paths)
        for path in paths:
            if not isinstance(path, list):
                raise BadTable("The field “taxonomy” should hold lists of names.")
            self.add(block, names(path, "taxonomy"))

    def add_part(self, block: str, part: dict[str, Any], spot: str) -> None:
        """Add what one result says; `spot` tells regions of a picture apart."""
        kind = next((k for k in part if k.endswith("labels") or k in _CHOOSES), "")
        if not kind:
            self.others.append(block)
            return
        values = field_of(part, kind, list)
        if kind == "taxonomy":
            self.add_tree(block, values)
        else:
            self.add(block, names(values, kind))
        if kind.endswith("labels") or any(place in part for place in PLACES):
            self.shapes.add(spot)

    def losses(self, picture: str) -> Iterator[tuple[str, str, int]]:
        """Yield what of these answers is not taken over as it is written."""
        if self.shapes:
            yield "shapes", picture, len(self.shapes)
        for block, count in self.trees.items():
            yield "trees", block, count
        for other in self.others:
            yield "answers", other, 1


def read_results(results: list[Any]) -> Answers:
    """Return what the results of an annotation say; raises `BadTable`."""
    answers = Answers()
    for number, result in enumerate(results):
        kind = field_of(result, "type", str)
        if kind in _CHOOSES or kind.endswith("labels"):
            value = field_of(result, "value", dict)
            field_of(value, kind, list)
            spot = str(result.get("id") or number)
            answers.add_part(field_of(result, "from_name", str), value, spot)
        elif kind not in _BARE:
            answers.others.append(f"{result.get('from_name') or ''} ({kind})".strip())
    return answers


def read_min(task: dict[str, Any]) -> Answers:
    """Return what a task of JSON-MIN says: a single choice there is a mere text."""
    answers = Answers()
    for key, value in task.items():
        if key in MIN_KEYS or value is None:
            continue
        for number, part in enumerate(value if isinstance(value, list) else [value]):
            _read_part(answers, key, part, f"{key} {number}")
    return answers


def _read_part(answers: Answers, key: str, part: Any, spot: str) -> None:
    if isinstance(part, dict):
        answers.add_part(key, part, spot)
    elif not isinstance(part, str):
        answers.others.append(key)
    elif "://" not in part and not is_picture(path_of(part)) and part.strip():
        answers.texts.add(key)
        if len(part) <= LONGEST_CHOICE:
            answers.add(key, names([part], key))
