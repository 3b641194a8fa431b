"""Label Studio exports: JSON with tasks and annotations, and JSON-MIN. Pure.

Every block of choices is a group. A submitted annotation is complete: choices the
file knows that were not made are no. Skipped ones and predictions say nothing.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from mlcore.annotations import Annotation, split_named
from mlcore.entries import Refused
from mlcore.errors import BadTable
from mlcore.format_fields import (
    an_object,
    is_picture,
    names,
    path_of,
    without_upload_mark,
)
from mlcore.format_fields import field as field_of
from mlcore.format_groups import GroupBook
from mlcore.json_stream import walk_json
from mlcore.table_text import Opens
from storage.errors import LabelError

Chosen = dict[str, tuple[str, ...]]
# What JSON-MIN says about a task beside the pictures and the answers.
MIN_KEYS = {
    *("id", "annotator", "annotation_id", "created_at", "updated_at", "lead_time"),
    *("inner_id", "project", "comment_count", "unknown"),
}
MOST_CHOICES = 500
LONGEST_CHOICE = 100


@dataclass(slots=True)
class _Blocks:
    """What a first look over the file learns: blocks, and choices met in several."""

    values: dict[str, Counter[str]] = field(
        default_factory=lambda: defaultdict(Counter)
    )
    plain: set[str] = field(default_factory=set)
    repeated: set[str] = field(default_factory=set)

    def note(self, chosen: Chosen) -> None:
        for block, labels in chosen.items():
            self.values[block].update(labels)

    def settle(self) -> None:
        """Leave out what is free text, and find names that two blocks share."""
        for block in self.plain:
            if not _looks_chosen(self.values[block]):
                del self.values[block]
        blocks_of = Counter(
            label.casefold() for labels in self.values.values() for label in labels
        )
        self.repeated = {label for label, count in blocks_of.items() if count > 1}

    def label(self, block: str, choice: str) -> str:
        """Return the label of a choice; its block tells it from another's."""
        if choice.casefold() in self.repeated:
            return f"{block}: {choice}"
        return choice


def _looks_chosen(values: Counter[str]) -> bool:
    """Whether texts come of a list of choices: few, short, and met again."""
    total = values.total()
    if len(values) > MOST_CHOICES or any(len(v) > LONGEST_CHOICE for v in values):
        return False
    return len(values) <= max(2, total // 2)


def read_label_studio(
    opens: Opens, name: str, book: GroupBook
) -> Iterator[Annotation | Refused]:
    """Yield what the tasks say; raises `BadTable` when it is no JSON."""
    blocks = _learn_blocks(opens, name)
    for block, values in blocks.values.items():
        for choice in values:
            book.declare(block, blocks.label(block, choice))
    for element in walk_json(opens, name):
        place = element.place(name)
        try:
            yield _read_task(element.value, place, blocks, book)
        except (BadTable, LabelError) as error:
            yield Refused(place, str(error))


def _learn_blocks(opens: Opens, name: str) -> _Blocks:
    blocks = _Blocks()
    for element in walk_json(opens, name):
        try:
            chosen, plain = _chosen(element.value)
        except (BadTable, LabelError):
            continue  # The reading itself refuses it, with its place.
        blocks.note(chosen or {})
        blocks.plain |= plain
    blocks.settle()
    return blocks


def _read_task(task: Any, place: str, blocks: _Blocks, book: GroupBook) -> Annotation:
    data = field_of(task, "data", dict) if "data" in an_object(task) else task
    path = _picture(data)
    chosen, _ = _chosen(task)
    yes = tuple(
        blocks.label(block, choice)
        for block, choices in (chosen or {}).items()
        if block in blocks.values
        for choice in choices
    )
    unknown = names(data.get("unknown") or (), "unknown")
    if chosen is not None and not unknown:
        book.count(yes)
    plain = without_upload_mark(path)
    return Annotation(
        path,
        yes,
        is_complete=chosen is not None,
        split=_split(task, data),
        place=place,
        unknown=unknown,
        other_paths=(plain,) if plain != path else (),
    )


def _split(task: dict[str, Any], data: dict[str, Any]) -> str | None:
    meta = task.get("meta")
    said = meta.get("split") if isinstance(meta, dict) else data.get("split")
    return split_named(str(said or ""))


def _picture(data: dict[str, Any]) -> str:
    keys = sorted(data, key=lambda key: key not in ("image", "img"))
    for key in keys:
        value = data[key]
        if isinstance(value, str):
            path = path_of(value)
            if is_picture(path):
                return path
    raise BadTable("No field of the task's data names a picture (such as “image”).")


def _chosen(task: Any) -> tuple[Chosen | None, set[str]]:
    """What is chosen in each block, None if nobody answered; blocks that are texts."""
    key = "annotations" if "annotations" in an_object(task) else "completions"
    if key not in task:
        return _chosen_in_min(task)
    found = [a for a in field_of(task, key, list) if _counts(a)]
    if not found:
        return None, set()
    # Of several people's answers the agreed one counts, else the latest.
    best = max(found, key=lambda a: (bool(a.get("ground_truth")), _moment(a)))
    chosen: Chosen = {}
    for result in field_of(best, "result", list):
        block, choices = _choices(result)
        if choices:
            chosen[block] = tuple(dict.fromkeys((*chosen.get(block, ()), *choices)))
    return chosen, set()


def _counts(annotation: Any) -> bool:
    return isinstance(annotation, dict) and not annotation.get("was_cancelled")


def _moment(annotation: dict[str, Any]) -> str:
    return str(annotation.get("updated_at") or annotation.get("created_at") or "")


def _choices(result: Any) -> tuple[str, tuple[str, ...]]:
    kind = field_of(result, "type", str)
    if kind != "choices" and not kind.endswith("labels"):
        return "", ()
    block = field_of(result, "from_name", str)
    values = field_of(field_of(result, "value", dict), kind, list)
    return block, names(values, kind)


def _chosen_in_min(task: dict[str, Any]) -> tuple[Chosen, set[str]]:
    """JSON-MIN: a single choice is a text, several are {"choices": […]}."""
    chosen: Chosen = {}
    plain: set[str] = set()
    for key, value in task.items():
        if key in MIN_KEYS:
            continue
        if isinstance(value, dict) and isinstance(value.get("choices"), list):
            chosen[key] = names(value["choices"], key)
        elif isinstance(value, str) and _may_be_choice(value):
            chosen[key] = names([value], key)
            plain.add(key)
    return chosen, plain


def _may_be_choice(value: str) -> bool:
    is_short = 0 < len(value) <= LONGEST_CHOICE
    return is_short and "://" not in value and not is_picture(path_of(value))
