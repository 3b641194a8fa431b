"""The frozen records in which storage hands out its rows.

Times are ISO-8601 UTC text; a heartbeat and a process start are unix seconds.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Image:
    """One picture; `set_key` is its yes labels' ids, ascending, comma-joined."""

    image_id: int
    sha256: str
    name: str
    ext: str
    width_px: int
    height_px: int
    size_bytes: int
    added_at: str
    source: str
    split: str | None
    set_key: str
    answered: int
    reviewed: bool = False


@dataclass(frozen=True, slots=True)
class NewImage:
    """What is known of a picture before it has a row; `ext` has no dot."""

    sha256: str
    name: str
    ext: str
    width_px: int
    height_px: int
    size_bytes: int
    source: str


@dataclass(frozen=True, slots=True)
class AddReport:
    """Image ids by content hash: those just added, those already there."""

    added: dict[str, int]
    already: dict[str, int]


@dataclass(frozen=True, slots=True)
class Label:
    """One label; `group_id` is None for a free label.

    `colour` is "#rrggbb" or "", `hotkey` one character or ""; `examples` are ids of
    images that show what is meant.
    """

    label_id: int
    name: str
    group_id: int | None
    position: int
    colour: str = ""
    description: str = ""
    hotkey: str = ""
    examples: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """A set of labels with a rule: exactly-one, at-most-one or any."""

    group_id: int
    name: str
    rule: str
    labels: tuple[Label, ...]
    description: str = ""


@dataclass(frozen=True, slots=True)
class LabelSet:
    """How many labelled images have exactly these yes labels."""

    key: str
    label_ids: tuple[int, ...]
    count: int


ACTIVE_STATES = ("queued", "running")
USABLE_STATES = ("finished", "stopped")


@dataclass(frozen=True, slots=True)
class Run:
    """One training run; `request` is None, 'stop' or 'discard'.

    `stage` says in words what a running run does before and after its epochs;
    `data_sha256` is equal for runs of equal images, answers and splits.
    """

    run_id: str
    number: int
    state: str
    recipe: str
    config: dict[str, Any]
    created_at: str
    started_at: str | None
    ended_at: str | None
    seconds: float
    epochs_total: int
    epochs_done: int
    batches_total: int
    batches_done: int
    best_epoch: int | None
    metrics: dict[str, Any]
    request: str | None
    message: str
    pid: int | None
    process_started: float | None
    heartbeat: float | None
    attempt: int
    stage: str = ""
    images_per_s: float | None = None
    memory_mb: float | None = None
    data_sha256: str = ""
    series_id: str = ""

    @property
    def is_active(self) -> bool:
        """Whether it waits or trains; else it is over."""
        return self.state in ACTIVE_STATES

    @property
    def is_usable(self) -> bool:
        """Whether it left a model."""
        return self.state in USABLE_STATES


@dataclass(frozen=True, slots=True)
class Pulse:
    """What a worker says of itself while it runs; counts are of this epoch's batches.

    `stage` is '' while it trains, else what it does in words.
    """

    batches_done: int = 0
    batches_total: int = 0
    stage: str = ""
    images_per_s: float | None = None
    memory_mb: float | None = None


@dataclass(frozen=True, slots=True)
class Epoch:
    """One finished epoch, counted from 1."""

    epoch: int
    seconds: float
    metrics: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """One line of history; before and after are 1 yes, 0 no, None unknown.

    With an image and no label they say whether the image is there; with no
    image, `detail` holds the changed row of a label, group or combination.
    """

    history_id: int
    at: str
    who: str
    action: str
    batch_id: str
    image_id: int | None
    label_id: int | None
    before: int | None
    after: int | None
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Progress:
    """Images in all, with at least one answer, and with every label answered."""

    total: int
    labelled: int
    complete: int


@dataclass(frozen=True, slots=True)
class Filter:
    """Which images to list; the default is all of them.

    `state` is all, unlabelled, labelled or incomplete. Every label of
    `label_ids` must be yes, none of `without_ids` may be, and those of
    `unknown_ids` are not answered. `expression` combines labels with and, or,
    not: see label_expressions. `text` is looked for in name and source, `source`
    is where it starts; dates are ISO days, both included. `reviewed` says
    whether a person looked again, `disagrees` whether the scoring run reads
    something else than people answered; None asks for neither.
    """

    state: str = "all"
    label_ids: tuple[int, ...] = ()
    without_ids: tuple[int, ...] = ()
    set_key: str | None = None
    split: str | None = None
    text: str = ""
    unknown_ids: tuple[int, ...] = ()
    expression: str = ""
    source: str = ""
    added_from: str = ""
    added_to: str = ""
    reviewed: bool | None = None
    disagrees: bool | None = None
