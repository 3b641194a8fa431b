"""What an annotation file of any tool says about pictures, in our words. Pure.

Readers (format_*) make these of files, writers (export_*) make files of these.
"""

from dataclasses import dataclass

SPLITS = ("train", "validation", "test")
_SPLIT_WORDS = {
    **dict.fromkeys(("train", "training", "train2017", "train2014"), "train"),
    **dict.fromkeys(("validation", "valid", "val", "dev", "val2017"), "validation"),
    **dict.fromkeys(("test", "testing", "test2017"), "test"),
}


def split_named(word: str) -> str | None:
    """Return the split a tool calls `word` ("val", "Train"), None when it is none."""
    return _SPLIT_WORDS.get(word.strip().casefold())


@dataclass(frozen=True, slots=True)
class Annotation:
    """What a file says about one picture: these labels yes, those no.

    `path` is the picture as the file names it, with plain slashes. With
    `is_complete` every label that the file knows and does not name here is no,
    otherwise it is not known; `unknown` names those that are open all the same.
    `place` is how the spot is named in a report ("labels.csv, line 5");
    `other_paths` are names the picture may have instead, likelier ones first;
    `losses` are kind, example and number of what is not taken over as written.
    With `is_part` several of these about one picture are meant to add up.
    """

    path: str
    yes: tuple[str, ...]
    no: tuple[str, ...] = ()
    is_complete: bool = True
    split: str | None = None
    place: str = ""
    unknown: tuple[str, ...] = ()
    other_paths: tuple[str, ...] = ()
    losses: tuple[tuple[str, str, int], ...] = ()
    is_part: bool = False


@dataclass(frozen=True, slots=True)
class Statement:
    """What is said of one picture, wherever it was written; see `Annotation`."""

    yes: tuple[str, ...] = ()
    no: tuple[str, ...] = ()
    is_complete: bool = True
    unknown: tuple[str, ...] = ()

    @property
    def says_something(self) -> bool:
        return self.is_complete or bool(self.yes or self.no)


@dataclass(frozen=True, slots=True)
class GroupHint:
    """A label group as a file describes it; `rule` is one of storage's RULES."""

    name: str
    rule: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Format:
    """One way to write labels down; `extensions` have no dot, the first is ours.

    `file_name` is the annotation file's usual name ('' when there is none).
    `keeps_unknown` says whether the file itself tells no from unknown.
    """

    key: str
    title: str
    extensions: tuple[str, ...]
    can_read: bool = True
    can_write: bool = True
    file_name: str = ""
    keeps_unknown: bool = False


FORMATS: dict[str, Format] = {
    found.key: found
    for found in (
        Format(
            "csv-columns",
            "CSV: one column per label (1, 0, empty)",
            ("csv", "tsv"),
            file_name="labels.csv",
            keeps_unknown=True,
        ),
        Format(
            "csv-tags",
            "CSV: a list of tags per picture",
            ("csv", "tsv"),
            file_name="labels.csv",
        ),
        Format(
            "csv-long",
            "CSV: one line per picture and label",
            ("csv", "tsv"),
            file_name="labels.csv",
            keeps_unknown=True,
        ),
        Format(
            "label-studio",
            "Label Studio JSON",
            ("json",),
            file_name="label-studio.json",
            keeps_unknown=True,
        ),
        Format(
            "coco",
            "COCO JSON",
            ("json",),
            file_name="annotations.json",
            keeps_unknown=True,
        ),
        Format(
            "cvat", "CVAT XML (for images 1.1)", ("xml",), file_name="annotations.xml"
        ),
        Format(
            "custom-vision",
            "Custom Vision JSON (GetTaggedImages)",
            ("json",),
            file_name="images.json",
        ),
        Format(
            "imagefolder",
            "Hugging Face imagefolder",
            ("jsonl", "csv"),
            file_name="metadata.jsonl",
            keeps_unknown=True,
        ),
        Format("folders", "One folder per label or combination", ()),
    )
}
