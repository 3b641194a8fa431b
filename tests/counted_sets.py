"""Groups, free labels and label sets with counts, for tests of coverage."""

from collections import Counter
from itertools import count

from storage.records import Group, Label, LabelSet

# How often the clothes tutorial shows each of its six combinations.
FASHION: dict[tuple[str, ...], int] = {
    ("black", "jeans"): 344,
    ("blue", "dress"): 386,
    ("blue", "jeans"): 356,
    ("blue", "shirt"): 369,
    ("red", "dress"): 380,
    ("red", "shirt"): 332,
}


def make_groups(*sizes, names=None, rule="exactly-one"):
    """Return groups of labels with ids 1, 2, 3, … through all groups."""
    names = names or [[f"g{g}v{v}" for v in range(n)] for g, n in enumerate(sizes)]
    ids = count(1)
    return [
        Group(g, f"group {g}", rule, tuple(Label(next(ids), n, g, 0) for n in own))
        for g, own in enumerate(names, start=1)
    ]


def make_sets(groups, rows):
    """Return label sets of rows that hold one place a group."""
    counted = Counter(
        tuple(g.labels[v].label_id for g, v in zip(groups, row, strict=True))
        for row in rows
    )
    return [LabelSet(",".join(map(str, k)), k, n) for k, n in counted.items()]


def free(total):
    return [Label(i, f"free {i}", None, i) for i in range(1, total + 1)]


def sets_of(rows):
    counted = Counter(tuple(sorted(row)) for row in rows)
    return [LabelSet(",".join(map(str, k)), k, n) for k, n in counted.items()]


def free_after(groups, total):
    """Return free labels with ids that no group uses."""
    used = sum(len(group.labels) for group in groups)
    return [Label(used + i, f"free {i}", None, i) for i in range(1, total + 1)]
