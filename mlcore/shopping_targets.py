"""How many pictures of a combination a person wants: kept in the project.

Without a target of a person's own, what `shopping` advises is wanted.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from storage.database import immediate
from storage.errors import LabelError
from storage.images import count_images
from storage.label_sets import make_key, parse_key
from storage.labels import list_labels
from storage.project_settings import read_setting, write_setting
from storage.projects import Project
from storage.records import Filter

SETTING = "shopping_targets"
WANTED_AT_MOST = 1_000_000


@dataclass(frozen=True, slots=True)
class Target:
    """`wanted` pictures in all of these labels together; `had` when it was set."""

    label_ids: tuple[int, ...]
    wanted: int
    had: int
    set_at: str

    @property
    def key(self) -> str:
        """Sorted label ids joined by a comma."""
        return make_key(self.label_ids)


def list_targets(project: Project) -> list[Target]:
    """The targets people set, oldest first; those with a label that is gone are not."""
    live = {label.label_id for label in list_labels(project)}
    found = read_setting(project, SETTING, {})
    targets = [Target(parse_key(key), **row) for key, row in found.items()]
    return [t for t in targets if live.issuperset(t.label_ids)]


def set_target(
    project: Project, label_ids: Sequence[int], wanted: int | None
) -> Target | None:
    """Put a combination on the shopping list, change its number, or (None) drop it.

    What was there when it came onto the list stays known.
    """
    key = make_key(label_ids)
    if len(parse_key(key)) < 2:
        raise LabelError("A combination has at least two different labels.")
    if wanted is not None and not 1 <= wanted <= WANTED_AT_MOST:
        raise LabelError(
            f"A target is a number of pictures from 1 to {WANTED_AT_MOST:,}. "
            f"Got {wanted}."
        )
    with immediate(project.db):
        rows = read_setting(project, SETTING, {})
        before = rows.pop(key, None)
        target = None if wanted is None else _target(project, key, wanted, before)
        if target:
            row = asdict(target)
            del row["label_ids"]
            rows[key] = row
        write_setting(project, SETTING, rows or None)
    return target


def _target(
    project: Project, key: str, wanted: int, before: dict[str, object] | None
) -> Target:
    if before:
        return Target(
            parse_key(key), wanted, int(str(before["had"])), str(before["set_at"])
        )
    had = count_pictures(project, parse_key(key))
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return Target(parse_key(key), wanted, had, now)


def count_pictures(project: Project, label_ids: Sequence[int]) -> int:
    """How many pictures show all these labels now."""
    return count_images(project, Filter(label_ids=tuple(label_ids)))
