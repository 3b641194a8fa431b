"""What files of labels say, laid on the pictures their names mean."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from mlcore.annotations import Annotation, Statement
from mlcore.entries import Refused
from mlcore.import_losses import LossBook
from mlcore.picture_index import Key, PictureIndex, explain

# A table of millions of lines about other pictures must not fill the memory.
KEPT_REFUSALS = 2_000
LOOK_EVERY = 2_000


@dataclass(slots=True)
class Matched:
    """Statements by picture, the pictures named at all, and what was refused.

    `refused_more` counts refusals beyond those that are kept in full.
    """

    said: dict[Key, Statement] = field(default_factory=dict)
    splits: dict[Key, str] = field(default_factory=dict)
    named: set[Key] = field(default_factory=set)
    refused: list[Refused] = field(default_factory=list)
    refused_more: int = 0
    losses: LossBook = field(default_factory=LossBook)
    _added_up: set[Key] = field(default_factory=set)

    def refuse(self, place: str, reason: str) -> None:
        """Note a line that was not used; beyond a few thousand only their number."""
        if self.is_full:
            self.refused_more += 1
        else:
            self.refused.append(Refused(place, reason))

    @property
    def is_full(self) -> bool:
        return len(self.refused) >= KEPT_REFUSALS

    def take(self, key: Key, annotation: Annotation) -> None:
        """Add what is said of a picture to what was said of it before."""
        self.named.add(key)
        for loss in annotation.losses:
            self.losses.note(*loss)
        if annotation.split:
            self.splits.setdefault(key, annotation.split)
        before = self.said.get(key)
        now = Statement(
            annotation.yes, annotation.no, annotation.is_complete, annotation.unknown
        )
        if before is not None:
            clash = _clash(before, now)
            if clash:
                reason = f"It says yes and no to “{clash}” for the same picture."
                self.refuse(annotation.place, f"{reason} The first counts.")
                return
            self._note_added_up(key, before, annotation)
            now = _together(before, now)
        if now.says_something:
            self.said[key] = now

    def _note_added_up(self, key: Key, before: Statement, now: Annotation) -> None:
        """Note two complete answers that differ: mostly they are two opinions."""
        is_told = before.is_complete and now.is_complete and not now.is_part
        if is_told and {*before.yes} != {*now.yes} and key not in self._added_up:
            self._added_up.add(key)
            words = f"{', '.join(before.yes)} / {', '.join(now.yes)}"
            self.losses.note("lines", f"{now.path} ({words})")


def match(
    said: Iterable[Annotation | Refused],
    index: PictureIndex,
    goes_on: Callable[[int], bool] | None = None,
    losses: LossBook | None = None,
) -> Matched:
    """Find the picture of everything that is said; several about one add up.

    `goes_on` is asked now and then with the number read so far. What pictures
    lose goes into `losses`.
    """
    matched = Matched(losses=losses or LossBook())
    for number, item in enumerate(said):
        if number % LOOK_EVERY == 0 and goes_on is not None and not goes_on(number):
            break
        if isinstance(item, Refused):
            matched.refuse(item.path, item.reason)
            continue
        found = index.find((item.path, *item.other_paths))
        if len(found) == 1:
            matched.take(found[0].key, item)
        else:
            reason = "" if matched.is_full else explain(item.path, found)
            matched.refuse(item.place, reason)
    return matched


def _clash(before: Statement, now: Statement) -> str:
    clashing = {*before.yes} & {*now.no} | {*before.no} & {*now.yes}
    return min(clashing, default="")


def _together(before: Statement, now: Statement) -> Statement:
    return Statement(
        _union(before.yes, now.yes),
        _union(before.no, now.no),
        before.is_complete or now.is_complete,
        _union(before.unknown, now.unknown),
    )


def _union(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    return (
        tuple(dict.fromkeys((*first, *second))) if first and second else first or second
    )
