"""The groups and labels a file of annotations lists, and the groups' rules. Pure.

Files of other tools name groups at best; how many labels of one a picture may
have is read from the pictures themselves.
"""

from collections import Counter
from collections.abc import Iterable

from mlcore.annotations import GroupHint
from mlcore.group_naming import fold
from mlcore.import_losses import LossBook

# Names of blocks that say nothing: their labels are free if any number is allowed.
VAGUE_NAMES = {
    *("labels", "label", "tags", "tag", "choices", "choice", "none", ""),
    "labels in no group",
}


class GroupBook:
    """Notes which labels belong together while a file is read.

    `losses` are what in the file is not taken over as it is written.
    """

    def __init__(self) -> None:
        self._labels: dict[str, dict[str, str]] = {}
        self._group_of: dict[str, str] = {}
        self._most: Counter[str] = Counter()
        self._with_one: Counter[str] = Counter()
        self._pictures = 0
        self.mentioned: set[str] = set()
        self.losses = LossBook()

    def mention(self, labels: Iterable[str]) -> None:
        """Note labels that the file lists, whether or not a picture has them."""
        self.mentioned.update(labels)

    def declare(self, group: str, label: str) -> None:
        """Note that a label belongs to a group; the first group of a label counts."""
        key = fold(label)
        self.mentioned.add(label)
        if self._group_of.setdefault(key, group) == group:
            self._labels.setdefault(group, {}).setdefault(key, label)

    def count(self, yes: Iterable[str]) -> None:
        """Note the labels of one picture that was answered as a whole."""
        self._pictures += 1
        found = Counter(
            self._group_of[key] for key in map(fold, yes) if key in self._group_of
        )
        for group, number in found.items():
            self._most[group] = max(self._most[group], number)
            self._with_one[group] += 1

    def hints(self) -> tuple[GroupHint, ...]:
        """Return the groups worth making; others leave their labels free."""
        return tuple(
            GroupHint(group, self._rule(group), tuple(labels.values()))
            for group, labels in self._labels.items()
            if self._is_worth(group)
        )

    def _is_worth(self, group: str) -> bool:
        if len(self._labels[group]) < 2 or not self._pictures:
            return False
        says_nothing = fold(group) in VAGUE_NAMES or len(self._labels) == 1
        return not (says_nothing and self._rule(group) == "any")

    def _rule(self, group: str) -> str:
        if self._most[group] > 1:
            return "any"
        everywhere = self._with_one[group] == self._pictures
        return "exactly-one" if everywhere else "at-most-one"
