"""What Review's story is told in, and what it is drawn from. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from mlcore.group_confusion import MixUp
from mlcore.shopping import Advice

Show = Callable[[str], str]

# With fewer new pictures another training hardly knows a combination better.
ENOUGH_NEW = 5
NAMED_AT_MOST = 3


@dataclass(frozen=True, slots=True)
class Text:
    """Words with a place {} for each name, which whoever shows them shields."""

    template: str
    names: tuple[str, ...] = ()

    def words(self, show: Show = str) -> str:
        """Return the sentence; every name goes through `show`."""
        return self.template.format(*map(show, self.names))

    def __add__(self, other: "Text") -> "Text":
        return Text(self.template + other.template, self.names + other.names)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do, and why; `kind` is what it is about.

    train-again, collect, combination, suspects, labels, mixed-up, label, hold-out or
    use. `label_ids` are the combination or the label whose wrong pictures it speaks of.
    """

    kind: str
    title: Text
    why: Text
    label_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Arrived:
    """`images` of a combination came since the run, which had seen none.

    `missing` more and Coverage calls it fine.
    """

    names: tuple[str, ...]
    images: int
    missing: int = 0

    @property
    def is_enough(self) -> bool:
        """Whether another training can learn it."""
        return self.images >= ENOUGH_NEW or not self.missing


@dataclass(frozen=True)
class Evidence:
    """What the steps are drawn from besides the figures.

    `sure_wrong` pictures are labelled otherwise than the run is very sure of, and
    nobody settled them; a search for label errors, if there `is_searched`, left
    `suspected` ones that are probably wrong;
    `guesses_better` names a run or recipe better on combinations never seen.
    """

    advice: Sequence[Advice] = ()
    arrived: Sequence[Arrived] = ()
    mix_ups: Sequence[MixUp] = ()
    sure_wrong: int = 0
    suspected: int = 0
    is_searched: bool = False
    guesses_better: str = ""
    separator: str = field(default=" ")


def places(names: Sequence[str]) -> str:
    """Return a place for each name in a list."""
    return ", ".join("{}" for _ in names)


def join_names(names: Sequence[str], evidence: Evidence) -> str:
    """Return a combination's labels as one name."""
    return evidence.separator.join(names)
