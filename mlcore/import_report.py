"""What an import did, or would do, in the shape the command line prints."""

from dataclasses import asdict, dataclass, field

from mlcore.entries import Refused
from mlcore.group_naming import GroupProposal
from mlcore.import_forecast import Conflict
from mlcore.import_losses import Loss


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a dry run and an import have in common.

    `labels` are all label names the accepted pictures carry in the source.
    `new_labels` are those the project lacks, `unused` those that no picture would
    get, so they are not made. `filled` counts pictures already here that get
    answers, `conflicts` those whose earlier answers differ and were kept (or, if
    that was wanted, overwritten); `listed` tells them for the first of these.
    `known` counts pictures of which just the same is said as is here, `matched`
    those of the project that the source names, `splits` those that get a split.
    `open_questions` are groups, and labels in none, that the source leaves open,
    with the number of pictures it speaks of that they are open on afterwards.
    `unknown` are label names that the project lacks, before any is given another
    name, with how many pictures carry each. `refused_more` counts refusals beyond
    those in `refused`. `losses` are what does not come in as the source says it;
    `unlabelled` counts new pictures that come in without any label.
    """

    layout: str
    separator: str
    total: int
    count: int
    already_there: int
    refused: list[Refused]
    labels: list[str]
    groups: list[GroupProposal]
    new_labels: list[str]
    new_groups: list[str]
    unused: list[str]
    filled: int
    conflicts: int
    cancelled: bool
    known: int = 0
    matched: int = 0
    splits: int = 0
    refused_more: int = 0
    listed: list[Conflict] = field(default_factory=list)
    unknown: list[tuple[str, int]] = field(default_factory=list)
    labels_here: list[str] = field(default_factory=list)
    overwrites: bool = False
    open_questions: list[tuple[str, int]] = field(default_factory=list)
    losses: tuple[Loss, ...] = ()
    unlabelled: int = 0

    def as_json(self) -> dict[str, object]:
        """Return the JSON of `import`; a dry run has the same shape."""
        return {
            "added": self.count,
            "already_there": self.already_there,
            "refused": [{"path": r.path, "reason": r.reason} for r in self.refused],
            "labels": self.labels,
            "groups": [group.as_json() for group in self.groups],
            "refused_more": self.refused_more,
            "filled": self.filled,
            "known": self.known,
            "conflicts": self.conflicts,
            "listed": [asdict(conflict) for conflict in self.listed],
            "overwrites": self.overwrites,
            "unlabelled": self.unlabelled,
            "losses": [loss.as_json() for loss in self.losses],
        }

    def details(self) -> dict[str, object]:
        """Return `as_json` and what a page shows besides."""
        return self.as_json() | {
            "layout": self.layout,
            "separator": self.separator,
            "total": self.total,
            "new_labels": self.new_labels,
            "new_groups": self.new_groups,
            "unused": self.unused,
            "cancelled": self.cancelled,
            "matched": self.matched,
            "splits": self.splits,
            "unknown": [list(row) for row in self.unknown],
            "labels_here": self.labels_here,
            "open_questions": [list(row) for row in self.open_questions],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPlan(Outcome):
    """What an import would do; nothing was written."""

    @property
    def new(self) -> int:
        return self.count


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport(Outcome):
    """What an import did; `batch_id` names its answers in the history."""

    batch_id: str

    @property
    def added(self) -> int:
        return self.count

    def details(self) -> dict[str, object]:
        """Return what the plan said, and the batch that takes it back."""
        return Outcome.details(self) | {"batch_id": self.batch_id}
