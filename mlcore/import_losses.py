"""What an import leaves out of a source or bends, counted and named. Pure."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

SHOWN_EXAMPLES = 5
KEPT_ONCE = 1_000
# One of them, and several.
SENTENCES = {
    "encoding": (
        "1 file is not UTF-8; it was read as shown",
        "{count} files are not UTF-8; they were read as shown",
    ),
    "annotators": (
        "1 picture is answered differently by two annotators; the newest was taken",
        "{count} pictures are answered differently by two annotators; the newest was"
        " taken",
    ),
    "lines": (
        "1 picture is named more than once with other labels; they were added up",
        "{count} pictures are named more than once with other labels; they were added"
        " up",
    ),
    "copies": (
        "1 picture lies here more than once under other labels; the first were taken",
        "{count} pictures lie here more than once under other labels; the first were"
        " taken",
    ),
    "shapes": (
        "1 box or outline became a label of the whole picture; its place is not kept",
        "{count} boxes or outlines became labels of the whole picture; their places"
        " are not kept",
    ),
    "trees": (
        "1 choice in a tree became a label for each name on its path",
        "{count} choices in a tree became a label for each name on their path",
    ),
    "negative": (
        "1 picture tagged “Negative” was read as having none of the labels",
        "{count} pictures tagged “Negative” were read as having none of the labels",
    ),
    "spilled": (
        "1 line has more cells than the first line; the rest was read as tags",
        "{count} lines have more cells than the first line; the rest was read as tags",
    ),
    "skipped": (
        "1 picture was skipped by who should label it and stays open",
        "{count} pictures were skipped by who should label them and stay open",
    ),
    "predictions": (
        "1 picture has only what a model predicted, which was not taken",
        "{count} pictures have only what a model predicted, which was not taken",
    ),
    "answers": (
        "1 answer that chooses no label was not taken (text, number, order and such)",
        "{count} answers that choose no label were not taken (text, number, order and"
        " such)",
    ),
    "fields": (
        "1 field was not taken as labels",
        "{count} fields were not taken as labels",
    ),
    "columns": (
        "1 column was not taken as labels",
        "{count} columns were not taken as labels",
    ),
}


@dataclass(frozen=True, slots=True)
class Loss:
    """One way in which a source does not come in as it is written.

    `kind` is a key of SENTENCES, `examples` names the first few of `count`.
    """

    kind: str
    count: int
    examples: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        one, many = SENTENCES[self.kind]
        return one if self.count == 1 else many.format(count=f"{self.count:,}")

    def as_json(self) -> dict[str, object]:
        """Return the JSON of a report, the sentence included."""
        return {
            "kind": self.kind,
            "count": self.count,
            "sentence": self.sentence,
            "examples": list(self.examples),
        }


@dataclass(slots=True)
class LossBook:
    """Notes what is left out while a source is read."""

    counts: Counter[str] = field(default_factory=Counter)
    _examples: dict[str, dict[str, None]] = field(default_factory=dict)
    _seen: set[tuple[str, str]] = field(default_factory=set)

    def note(self, kind: str, example: str, count: int = 1) -> None:
        """Count something; of its examples the first few are kept."""
        self.counts[kind] += count
        examples = self._examples.setdefault(kind, {})
        if len(examples) < SHOWN_EXAMPLES:
            examples[example] = None

    def note_once(self, kind: str, example: str) -> None:
        """Count something that is met again and again, such as a field, once."""
        if (kind, example) not in self._seen and len(self._seen) < KEPT_ONCE:
            self._seen.add((kind, example))
            self.note(kind, example)

    def losses(self) -> tuple[Loss, ...]:
        """Return what was noted, in the order of SENTENCES."""
        return tuple(self._found())

    def _found(self) -> Iterator[Loss]:
        for kind in SENTENCES:
            if count := self.counts[kind]:
                yield Loss(kind, count, tuple(self._examples[kind]))
