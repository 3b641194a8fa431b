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
from mlcore.json_stream import Element, walk_json
from mlcore.label_studio_answers import LONGEST_CHOICE, Answers, read_min, read_results
from mlcore.table_text import Opens
from storage.errors import LabelError

MOST_CHOICES = 500
LISTS = ("annotations", "completions")


@dataclass(slots=True)
class _Blocks:
    """What a first look over the file learns: blocks, and choices met in several.

    `newest` is the element with the last answer to a picture of JSON-MIN, which has
    an element per annotator; `told` is what the ones read so far say.
    """

    values: dict[str, Counter[str]] = field(
        default_factory=lambda: defaultdict(Counter)
    )
    texts: set[str] = field(default_factory=set)
    trees: set[str] = field(default_factory=set)
    repeated: set[str] = field(default_factory=set)
    newest: dict[str, tuple[str, int]] = field(default_factory=dict)
    told: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def note(self, answers: Answers) -> None:
        for block, labels in answers.chosen.items():
            self.values[block].update(labels)
        self.texts |= answers.texts
        self.trees |= answers.trees.keys()

    def note_newest(self, path: str, task: dict[str, Any], index: int) -> None:
        found = _moment(task), index
        self.newest[path] = max(found, self.newest.get(path, found))

    def settle(self) -> None:
        """Leave out what is free text, and find names that two blocks share."""
        for block in self.texts:
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

    def labels_of(self, answers: Answers) -> tuple[str, ...]:
        return tuple(
            self.label(block, choice)
            for block, choices in answers.chosen.items()
            if block in self.values
            for choice in choices
        )


def _looks_chosen(values: Counter[str]) -> bool:
    """Whether texts come of a list of choices: few, short, and met again."""
    total = values.total()
    if len(values) > MOST_CHOICES or any(len(v) > LONGEST_CHOICE for v in values):
        return False
    return len(values) < total and len(values) <= max(2, total // 2)


def read_label_studio(
    opens: Opens, name: str, book: GroupBook
) -> Iterator[Annotation | Refused]:
    """Yield what the tasks say; raises `BadTable` when it is no JSON."""
    blocks = _learn_blocks(opens, name)
    for block, values in blocks.values.items():
        # Names on one path of a tree go together: a group would let them exclude.
        labels = [blocks.label(block, choice) for choice in values]
        book.mention(labels)
        for label in () if block in blocks.trees else labels:
            book.declare(block, label)
    for block in sorted(blocks.texts - blocks.values.keys()):
        book.losses.note_once("fields", f"{block} (its texts hardly repeat)")
    for element in walk_json(opens, name):
        try:
            said = _read_task(element, element.place(name), blocks, book)
        except (BadTable, LabelError) as error:
            yield Refused(element.place(name), str(error))
            continue
        if said is not None:
            yield said


def _learn_blocks(opens: Opens, name: str) -> _Blocks:
    blocks = _Blocks()
    for element in walk_json(opens, name):
        try:
            task = an_object(element.value)
            for answers in _answers_of(task):
                blocks.note(answers)
            if _is_min(task):
                blocks.note_newest(_picture(task), task, element.index or 0)
        except (BadTable, LabelError):
            continue  # The reading itself refuses it, with its place.
    blocks.settle()
    return blocks


def _is_min(task: dict[str, Any]) -> bool:
    return not any(key in task for key in LISTS)


def _read_task(
    element: Element, place: str, blocks: _Blocks, book: GroupBook
) -> Annotation | None:
    """Return what a task says, None when another annotator said it later."""
    task = an_object(element.value)
    data = field_of(task, "data", dict) if "data" in task else task
    path = _picture(data)
    found = _answers_of(task)
    told = [blocks.labels_of(answers) for answers in found]
    if _is_min(task) and not _is_newest(path, told[0], element, blocks, book):
        return None
    losses = [] if _is_min(task) else _losses_of_task(task, path, told)
    yes = told[0] if found else ()
    unknown = names(data.get("unknown") or (), "unknown")
    if found:
        losses += found[0].losses(path)
        if not unknown:
            book.count(yes)
    plain = without_upload_mark(path)
    # Where nothing but free texts was found, nobody has answered.
    is_complete = bool(found) and not (_is_min(task) and not blocks.values)
    return Annotation(
        path,
        yes,
        is_complete=is_complete,
        split=_split(task, data),
        place=place,
        unknown=unknown,
        other_paths=(plain,) if plain != path else (),
        losses=tuple(losses),
    )


def _is_newest(
    path: str,
    told: tuple[str, ...],
    element: Element,
    blocks: _Blocks,
    book: GroupBook,
) -> bool:
    before = blocks.told.setdefault(path, told)
    _, newest = blocks.newest[path]
    is_newest = newest == (element.index or 0)
    if {*before} != {*told}:
        ranked = [told, before] if is_newest else [before, told]
        book.losses.note(*_rivals(path, ranked))
    return is_newest


def _losses_of_task(
    task: dict[str, Any], path: str, told: list[tuple[str, ...]]
) -> list[tuple[str, str, int]]:
    """Say whose answers of a task were left, or why it has none."""
    key = next(key for key in LISTS if key in task)
    if any({*others} != {*told[0]} for others in told[1:]):
        return [_rivals(path, told)]
    if not told and task[key]:
        return [("skipped", path, 1)]
    return [("predictions", path, 1)] if not told and task.get("predictions") else []


def _rivals(path: str, told: list[tuple[str, ...]]) -> tuple[str, str, int]:
    words = dict.fromkeys(", ".join(labels) or "nothing" for labels in told)
    return "annotators", f"{path} ({' / '.join(words)})", 1


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


def _answers_of(task: dict[str, Any]) -> list[Answers]:
    """What the annotators say, the one that counts first; none if nobody answered."""
    if _is_min(task):
        return [read_min(task)]
    key = next(key for key in LISTS if key in task)
    found = [a for a in field_of(task, key, list) if _counts(a)]
    # Of several people's answers the agreed one counts, else the latest.
    found.sort(key=lambda a: (bool(a.get("ground_truth")), _moment(a)), reverse=True)
    return [read_results(field_of(a, "result", list)) for a in found]


def _counts(annotation: Any) -> bool:
    return isinstance(annotation, dict) and not annotation.get("was_cancelled")


def _moment(annotation: dict[str, Any]) -> str:
    return str(annotation.get("updated_at") or annotation.get("created_at") or "")
