"""Label names of a source: those the project lacks, and the names they get instead."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from mlcore.annotations import Statement
from mlcore.group_naming import fold
from storage.labels import clean_name, list_labels
from storage.projects import Project

Renamed = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Spelling:
    """How names of the source are written in the project.

    `renamed` is by folded name, with None for labels that are left out; `here`
    are the labels of the project.
    """

    here: list[str]
    renamed: Renamed

    @classmethod
    def of(cls, project: Project, label_map: Renamed) -> "Spelling":
        """The spelling a person chose; LabelError for a name that cannot be one."""
        renamed = {
            fold(name): clean_name(other) if other else None
            for name, other in label_map.items()
        }
        return cls([label.name for label in list_labels(project)], renamed)

    def spell(self, statement: Statement) -> Statement | None:
        """Return what is said, in the project's names; None when nothing is left."""
        if not self.renamed:
            return statement
        said = Statement(
            self._names(statement.yes),
            self._names(statement.no),
            statement.is_complete,
            self._names(statement.unknown),
        )
        # A picture whose only labels are left out is not one that has none.
        if statement.yes and not said.yes and not said.no:
            return None
        return said if said.says_something else None

    def spell_folded(self, folded: Iterable[str]) -> frozenset[str]:
        """Return folded names as the project's, folded; those left out are gone."""
        spelled = (self.renamed.get(name, name) for name in folded)
        return frozenset(fold(name) for name in spelled if name)

    def _names(self, names: tuple[str, ...]) -> tuple[str, ...]:
        spelled = (self.renamed.get(fold(name), name) for name in names)
        return tuple(dict.fromkeys(name for name in spelled if name))


@dataclass(slots=True)
class Stated:
    """What a source states per image id, in the project's names.

    `named` are the labels it names anywhere, folded, as the source writes them.
    """

    spelling: Spelling
    named: frozenset[str] = frozenset()
    statements: dict[int, Statement] = field(default_factory=dict)
    contradicted: set[int] = field(default_factory=set)
    _raw: Counter[Statement] = field(default_factory=Counter)

    def state(self, image_id: int, said: Statement) -> bool:
        """Note what a file says; of two that differ on one picture the first counts.

        Returns whether it goes with what was said of that picture before.
        """
        self._raw[said] += 1
        spelled = self.spelling.spell(said)
        if spelled is None:
            return True
        first = self.statements.setdefault(image_id, spelled)
        agrees = first is spelled or _agree(first, spelled)
        if not agrees:
            self.contradicted.add(image_id)
        return agrees

    def count_unlabelled(self, image_ids: Iterable[int]) -> int:
        """How many of the images carry no label by what is stated here."""
        labelled = {x for x, said in self.statements.items() if said.yes}
        return len(set(image_ids) - labelled)

    def label_names(self) -> list[str]:
        """Every stated name once, sorted, in the spelling met first."""
        stated = sorted(set(self.statements.values()), key=lambda s: (s.yes, s.no))
        found: dict[str, str] = {}
        for said in stated:
            for name in (*said.yes, *said.no):
                found.setdefault(fold(name), name)
        return [found[key] for key in sorted(found)]

    def vocabulary(self) -> frozenset[str]:
        """Every label the source speaks of, folded; others it says nothing about."""
        stated = {
            name
            for said in set(self.statements.values())
            for name in (*said.yes, *said.no, *said.unknown)
        }
        return self.spelling.spell_folded(self.named) | frozenset(map(fold, stated))

    def unknown(self) -> list[tuple[str, int]]:
        """Names the project lacks as the source writes them, with their pictures."""
        here = set(map(fold, self.spelling.here))
        spelled: dict[str, str] = {}
        counts: Counter[str] = Counter()
        for said, pictures in self._raw.items():
            for name in (*said.yes, *said.no):
                key = fold(name)
                if key not in here:
                    spelled.setdefault(key, name)
                    counts[key] += pictures if name in said.yes else 0
        return [(spelled[key], counts[key]) for key in sorted(spelled)]


def _agree(first: Statement, second: Statement) -> bool:
    def folded(said: Statement) -> tuple[object, ...]:
        yes, no = {*map(fold, said.yes)}, {*map(fold, said.no)}
        return yes, no, said.is_complete

    return folded(first) == folded(second)
