"""What a format cannot carry, said before somebody relies on it. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from mlcore.annotations import FORMATS
from mlcore.counted import counted
from mlcore.export_folders import folder_separator
from mlcore.export_names import safe_name
from mlcore.export_rows import Dataset, Row

WITHOUT_GROUPS = {"cvat", "custom-vision", "imagefolder", "folders"}
WITHOUT_RULES = {"coco"}
WITHOUT_SPLITS = {"custom-vision", "folders"}
ONLY_YES = {"cvat", "custom-vision", "folders"}


@dataclass(slots=True)
class Tally:
    """How many of the exported pictures are of which kind."""

    images: int = 0
    unlabelled: int = 0
    half_answered: int = 0
    nothing_yes: int = 0
    in_splits: int = 0
    lengths: set[int] = field(default_factory=set)

    def count(self, row: Row) -> None:
        """Take one picture in."""
        self.images += 1
        self.unlabelled += not row.is_labelled
        self.half_answered += row.is_labelled and bool(row.unknown)
        self.nothing_yes += row.is_labelled and not row.yes
        self.in_splits += row.image.split is not None
        self.lengths |= {len(row.yes)} - {0}


def notes_on(format_key: str, dataset: Dataset, tally: Tally) -> list[str]:
    """Return a sentence for everything these pictures lose in this format."""
    return [
        *_lost_answers(format_key, tally),
        *_lost_frame(format_key, dataset, tally),
        *(_folder_notes(dataset, tally) if format_key == "folders" else ()),
    ]


def _lost_answers(format_key: str, tally: Tally) -> Iterator[str]:
    form = FORMATS[format_key]
    if tally.half_answered and not form.keeps_unknown:
        yield (
            f"{counted(tally.half_answered, 'picture')} with open questions: this"
            " format has no word for “unknown”, so whoever reads it takes them for no."
        )
    if tally.nothing_yes and format_key in ONLY_YES:
        yield (
            f"{counted(tally.nothing_yes, 'picture')} showing none of the labels: here"
            " they look like pictures nobody has answered."
        )
    if tally.nothing_yes and format_key == "csv-tags":
        yield (
            f"{counted(tally.nothing_yes, 'picture')} showing none of the labels: their"
            " list of tags is empty, which is read as “nothing said”."
        )
    if tally.unlabelled and format_key in ("csv-tags", "csv-long"):
        left = counted(tally.unlabelled, "picture")
        yield f"{left} without answers: not in the table."


def _lost_frame(format_key: str, dataset: Dataset, tally: Tally) -> Iterator[str]:
    is_table = format_key.startswith("csv-")
    if dataset.groups and (is_table or format_key in WITHOUT_GROUPS):
        yield "The label groups and their rules are not in this format."
    if dataset.groups and format_key in WITHOUT_RULES:
        yield "Groups are there by name; their rules are not in this format."
    is_taken = is_table and any(x.name.casefold() == "split" for x in dataset.labels)
    if tally.in_splits and (format_key in WITHOUT_SPLITS or is_taken):
        yield "Which pictures train, validate and test is not in this export."


def _folder_notes(dataset: Dataset, tally: Tally) -> Iterator[str]:
    changed = [x.name for x in dataset.labels if safe_name(x.name) != x.name]
    if changed:
        named = ", ".join(f"“{name}”" for name in changed[:3])
        yield f"No folder can be named {named}: signs in it were replaced by “_”."
    if len(tally.lengths) > 1:
        yield (
            "The folders name different numbers of labels: to bring them in again,"
            " choose “combinations” and the separator"
            f" “{folder_separator(dataset)}”."
        )
