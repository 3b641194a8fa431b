"""What a person may say about an import, and what a source turned out to say."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mlcore.annotation_files import LAYOUT_KEYS
from mlcore.annotations import GroupHint, Statement
from mlcore.entries import Entry, Refused
from mlcore.errors import BadSource
from mlcore.import_losses import LossBook
from mlcore.picture_index import Key, Known

LAYOUTS = ("auto", "plain", "folders", "combinations", *LAYOUT_KEYS)
AUTO = "auto"


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How a source is to be understood; the defaults look at the source itself.

    `group_names` names the groups by position in the combination names.
    `tag_separator` is auto, space, comma or semicolon. `label_map` gives labels of
    the source another name, or none to leave them out. With `overwrite` the source
    wins over the answers that are there.
    """

    layout: str = AUTO
    separator: str = AUTO
    csv_path: Path | None = None
    encoding: str = AUTO
    tag_separator: str = AUTO
    group_names: tuple[str, ...] = ()
    label_map: Mapping[str, str | None] = field(default_factory=dict)
    overwrite: bool = False

    def __post_init__(self) -> None:
        if self.layout not in LAYOUTS:
            raise BadSource(
                f"There is no layout “{self.layout}”. Choose one of"
                f" {', '.join(LAYOUTS)}."
            )
        if not self.separator:
            raise BadSource("The separator between the parts of a name is empty.")


@dataclass(slots=True)
class Reading:
    """A source understood: the files to read and what is said of each.

    `said` is keyed by `Entry.path`, or by image id for pictures of the project;
    what has no key gets no answers. `vocabulary` are the labels the source names
    anywhere, folded: at least those of them that the project has. `separator` is ''
    unless the layout is combinations. `refused_more` counts refusals not listed.
    `losses` is what does not come in as it is written.
    """

    layout: str
    separator: str
    entries: list[Entry]
    said: dict[Key, Statement] = field(default_factory=dict)
    splits: dict[Key, str] = field(default_factory=dict)
    groups: tuple[GroupHint, ...] = ()
    refused: list[Refused] = field(default_factory=list)
    refused_more: int = 0
    matched: int = 0
    vocabulary: frozenset[str] = frozenset()
    losses: LossBook = field(default_factory=LossBook)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a reading may ask for: the project's label names and pictures.

    `aliases` are names of copies that were kept once under another name.
    `goes_on` is told how much was read so far, and says whether to go on.
    """

    labels: Collection[str] = ()
    pictures: Callable[[], Iterable[Known]] = tuple
    goes_on: Callable[[int], bool] | None = None
    aliases: Callable[[], Iterable[Known]] = tuple
