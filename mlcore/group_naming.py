"""Groups proposed from where a label stands in a combination name. Pure."""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from storage.records import Group, Label

EXACTLY_ONE = "exactly-one"
FITTING_SHARE = 0.6
# Words that answer one question; a label of two lists counts for the first.
VOCABULARIES = tuple(
    (name, frozenset(words.split()))
    for name, words in (
        (
            "colour",
            "black white gray grey silver red maroon pink magenta purple violet blue"
            " navy cyan teal turquoise green olive lime yellow gold orange brown beige"
            " cream khaki multicolor multicolour colorful colourful",
        ),
        (
            "garment",
            "dress jeans shirt t-shirt tshirt blouse top sweater hoodie jacket coat"
            " suit skirt pants trousers shorts leggings shoes boots sneakers sandals"
            " hat cap scarf socks gloves bag tie belt swimwear underwear",
        ),
        (
            "pattern",
            "plain striped dotted floral checked plaid paisley camouflage patterned",
        ),
        ("material", "cotton wool leather denim silk linen wood metal plastic glass"),
        ("size", "tiny small medium large huge xs s m l xl xxl"),
        (
            "weather",
            "clear sunny cloudy partly-cloudy overcast haze hazy fog foggy rain rainy"
            " snow snowy",
        ),
        ("season", "spring summer autumn fall winter"),
        ("time of day", "morning noon day afternoon evening dusk dawn night"),
        ("view", "front back side rear left right above below"),
        (
            "animal",
            "cat dog cats dogs horse cow sheep pig goat bird fish deer fox bear",
        ),
        (
            "vehicle",
            "car truck bus van motorcycle bicycle bike train tram boat ship plane"
            " airplane",
        ),
        ("shape", "circle square triangle rectangle ellipse oval star hexagon round"),
        ("quality", "good bad ok nok pass fail defect defective intact damaged"),
        ("digit", "0 1 2 3 4 5 6 7 8 9"),
    )
)
# A picture may well show two animals or vehicles: of these words alone say little.
THINGS = frozenset({"garment", "material", "animal", "vehicle", "shape"})


@dataclass(frozen=True, slots=True)
class GroupProposal:
    """A group as an import would make or widen it; `labels` are names."""

    name: str
    labels: tuple[str, ...]
    rule: str

    def as_json(self) -> dict[str, object]:
        return {"name": self.name, "labels": list(self.labels), "rule": self.rule}


def fold(name: str) -> str:
    """Return what two (clean) label names must not share."""
    return unicodedata.normalize("NFC", name.casefold())


def columns_of(layout: str, stated: Iterable[Sequence[str]]) -> list[list[str]]:
    """Return the distinct label names at each position of the stated names.

    Empty for layouts in which a position means nothing, and for names that do
    not all have equally many parts.
    """
    rows = list(stated)
    if layout not in ("folders", "combinations") or not rows:
        return []
    if len({len(row) for row in rows}) > 1:
        return []
    seen: set[str] = set()
    return [_distinct(column, seen) for column in zip(*map(tuple, rows), strict=True)]


def _distinct(names: Iterable[str], seen: set[str]) -> list[str]:
    found: dict[str, str] = {}
    for name in sorted(names):
        if fold(name) not in seen:
            found.setdefault(fold(name), name)
    seen.update(found)
    return list(found.values())


def propose(
    columns: list[list[str]],
    layout: str,
    wanted_names: Sequence[str],
    groups: Sequence[Group],
    used_free: Iterable[Label],
) -> list[GroupProposal]:
    """Return the groups that the columns make or widen.

    What a person arranged stands: labels stay in the groups they are in, and
    free labels that carry answers (`used_free`) stay free.
    """
    names = [*wanted_names, *name_columns(columns, layout)[len(wanted_names) :]]
    owners = {fold(x.name): g for g in groups for x in g.labels}
    free = {fold(label.name) for label in used_free}
    proposals = []
    for name, column in zip(names, columns, strict=False):
        group = _group_for(name, column, groups, owners)
        newcomers = [x for x in column if fold(x) not in owners]
        if group is not None:
            newcomers = [x for x in newcomers if fold(x) not in free]
            proposals.append(_widen(group, newcomers))
        elif free.isdisjoint(map(fold, column)) and _is_worth(column, layout):
            proposals.append(GroupProposal(name, tuple(column), EXACTLY_ONE))
    return proposals


def _is_worth(column: list[str], layout: str) -> bool:
    # A lone class folder does not say what the other classes would be.
    return len(column) > 1 or layout == "combinations"


def _group_for(
    name: str, column: list[str], groups: Sequence[Group], owners: dict[str, Group]
) -> Group | None:
    """The group most of the column's known labels are in, else the one so named."""
    votes = Counter(owners[fold(x)].group_id for x in column if fold(x) in owners)
    if votes:
        chosen = votes.most_common(1)[0][0]
        return next(g for g in groups if g.group_id == chosen)
    return next((g for g in groups if fold(g.name) == fold(name)), None)


def _widen(group: Group, newcomers: list[str]) -> GroupProposal:
    labels = (*(label.name for label in group.labels), *newcomers)
    return GroupProposal(group.name, labels, group.rule)


def name_columns(
    columns: Sequence[Sequence[str]], layout: str, taken: Iterable[str] = ()
) -> list[str]:
    """Name each position: by its words where they are known, else by number.

    No name is one of `taken` or given twice.
    """
    if layout == "folders":
        return ["class"]
    used = {fold(name) for name in taken}
    names: list[str] = []
    for number, column in enumerate(columns, start=1):
        known = _known_name(column)
        is_new = known is not None and fold(known) not in used
        name = known if is_new and known else _numbered(known or "group", number, used)
        names.append(name)
        used.add(fold(name))
    if len(names) == 2 and "colour" in names and "garment" not in names:
        other = 1 - names.index("colour")
        if names[other].startswith("group ") and "kind" not in used:
            names[other] = "kind"
    return names


def _numbered(name: str, number: int, used: set[str]) -> str:
    while fold(f"{name} {number}") in used:
        number += 1
    return f"{name} {number}"


def kind_of(name: str) -> int:
    """Return the number of the first word list a label is from, counted from 1; 0 for
    none."""
    word = fold(name).replace("_", "-").replace(" ", "-")
    lists = enumerate(VOCABULARIES, start=1)
    return next((number for number, (_, words) in lists if word in words), 0)


def is_of_things(kind: int) -> bool:
    """Whether a word list names things, several of which may be on one picture."""
    return VOCABULARIES[kind - 1][0] in THINGS


def _known_name(column: Sequence[str]) -> str | None:
    kinds = Counter(kind_of(label) for label in column)
    del kinds[0]
    kind, fitting = max(kinds.items(), key=lambda x: x[1], default=(0, 0))
    return VOCABULARIES[kind - 1][0] if fitting >= FITTING_SHARE * len(column) else None
