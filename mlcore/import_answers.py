"""What an import states about labels, weighed against what people answered."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from mlcore.annotations import Statement
from mlcore.group_naming import fold
from mlcore.import_names import Stated
from storage.answers import answers_of
from storage.database import immediate
from storage.implication_rows import reverse_implications
from storage.implications import Implications, implied_closure, list_implications
from storage.labels import list_groups, list_labels
from storage.projects import Project
from storage.stated_answers import state_answers

CHUNK_IMAGES = 2_000
Cells = dict[int, bool]


@dataclass(frozen=True, slots=True)
class Rules:
    """Label ids by folded name, and what a yes to one brings along.

    `exclusive` names the group of labels whose yes forbids the others of it;
    `spoken` are the labels that a complete statement without a yes to them denies.
    """

    ids: Mapping[str, int]
    exclusive: Mapping[int, str]
    implications: Implications = field(default_factory=dict)
    spoken: frozenset[int] = frozenset()
    _resolved: dict[Statement, Cells] = field(default_factory=dict)

    @classmethod
    def of(cls, project: Project, vocabulary: Collection[str] = ()) -> "Rules":
        """The rules as the project has them now.

        `vocabulary` are the labels, folded, that complete statements speak of.
        """
        exclusive = {
            label.label_id: group.name
            for group in list_groups(project)
            if group.rule != "any"
            for label in group.labels
        }
        ids = {fold(label.name): label.label_id for label in list_labels(project)}
        spoken = frozenset(ids[name] for name in vocabulary if name in ids)
        return cls(ids, exclusive, list_implications(project), spoken)

    def ids_of(self, names: tuple[str, ...]) -> set[int]:
        """The ids of those names that are labels."""
        return {self.ids[fold(name)] for name in names if fold(name) in self.ids}

    def resolve(self, statement: Statement) -> Cells:
        """Return the answers that follow from a statement, label by label."""
        found = self._resolved.get(statement)
        if found is None:
            found = self._resolved[statement] = self._resolve(statement)
        return found

    def _resolve(self, statement: Statement) -> Cells:
        yes = set(implied_closure(self.implications, self.ids_of(statement.yes)))
        groups = {self.exclusive[x] for x in yes if x in self.exclusive}
        no = self.ids_of(statement.no)
        no |= {x for x, group in self.exclusive.items() if group in groups}
        if statement.is_complete:
            no |= self.spoken - self.ids_of(statement.unknown)
        # What implies a denied label is denied, whether or not the source knows it.
        no = set(implied_closure(reverse_implications(self.implications), no - yes))
        return dict.fromkeys(no, False) | dict.fromkeys(yes, True)


@dataclass(frozen=True, slots=True)
class Weighed:
    """What one image would be told (`cells`), and where it is told otherwise.

    `known` are the answers it has.
    """

    image_id: int
    statement: Statement
    cells: Cells
    conflicts: Cells
    known: Mapping[int, bool]


def store_answers(
    project: Project,
    said: Stated,
    *,
    overwrite: bool,
    who: str,
    batch_id: str,
) -> None:
    """Fill what is unknown; answers that differ are kept unless `overwrite`.

    Names without a label are skipped; labels the source does not know stay as
    they are.
    """
    rules = Rules.of(project, said.vocabulary())
    for chunk in chunks(said.statements):
        # One transaction: nobody can answer between our look and our write.
        with immediate(project.db):
            weighed = weigh(project, chunk, rules, overwrite=overwrite)
            rows = [(row.image_id, row.cells) for row in weighed if row.cells]
            if rows:
                state_answers(project, rows, who=who, batch_id=batch_id)


def chunks(statements: Mapping[int, Statement]) -> Iterator[dict[int, Statement]]:
    """Yield the statements, some thousand images at a time."""
    rows = iter(statements.items())
    while chunk := dict(islice(rows, CHUNK_IMAGES)):
        yield chunk


def weigh(
    project: Project,
    statements: Mapping[int, Statement],
    rules: Rules,
    *,
    overwrite: bool,
) -> Iterator[Weighed]:
    """Weigh what is stated of each image against its answers."""
    answered = answers_of(project, statements)
    for image_id, statement in statements.items():
        known = answered[image_id]
        stated = rules.resolve(statement)
        conflicts = {x: v for x, v in stated.items() if known.get(x, v) != v}
        cells = {x: v for x, v in stated.items() if x not in known}
        if overwrite:
            cells |= conflicts
        elif conflicts:
            cells = _fitting(cells, known, rules)
        yield Weighed(image_id, statement, cells, conflicts, known)


def _fitting(cells: Cells, known: Mapping[int, bool], rules: Rules) -> Cells:
    """The cells as far as they go with the answers that are kept."""
    taken = {rules.exclusive[x] for x, v in known.items() if v and x in rules.exclusive}
    denied = {x for x, said in known.items() if not said}
    fitting: Cells = {}
    for label, said in cells.items():
        if not said:
            fitting[label] = said
        elif rules.exclusive.get(label) in taken:
            fitting[label] = False
        elif denied.isdisjoint(implied_closure(rules.implications, [label])):
            fitting[label] = True
    return fitting
