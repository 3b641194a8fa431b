"""Why a run is probably wrong about a picture: a table of rules. Pure.

Every rule looks at the same evidence and either says why in a sentence or nothing. The
first that speaks is the most probable cause; what mends it differs from rule to rule.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from mlcore.mistakes import IN_VAIN, MISSED, Mistake

# This part of the most alike training pictures must carry the wrong label.
ALIKE_FROM = 0.4
# A reading that sure, which all neighbours share, speaks against the label.
SURE_FROM = 0.9


@dataclass(frozen=True, slots=True)
class Clue:
    """What is known of a mistake; label names stand in `names` by id.

    `shown` counts training pictures: of the true combination (None: not made of
    combinations) and, in `label_counts`, of each label; `pair_counts` of pairs of true
    labels. `neighbours` are the label ids of the most alike training pictures, best
    first. `twin` is the labels of a copy of it in training, None without. `flaws` are
    what is wrong with the picture itself. `suspicion` is what the search for label
    errors said of it.
    """

    mistake: Mistake
    names: dict[int, str]
    shown: int | None
    label_counts: dict[int, int]
    pair_counts: dict[tuple[int, int], int] = field(default_factory=dict)
    neighbours: tuple[tuple[int, ...], ...] = ()
    twin: tuple[int, ...] | None = None
    flaws: tuple[str, ...] = ()
    suspicion: str = ""
    sureness: float = 0.0
    thin_below: int = 30

    def list_names(self, label_ids: Sequence[int]) -> str:
        """The names of labels as one piece of text."""
        return " + ".join(self.names[i] for i in label_ids) or "none of the labels"

    def faulty(self, kind: str) -> list[int]:
        """The labels that were missed, or said in vain."""
        return [i for i, one in self.mistake.faults if one == kind]


@dataclass(frozen=True, slots=True)
class Cause:
    """A probable cause: which rule, and the sentence for this picture."""

    key: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Rule:
    """`find` says why in a sentence, or "" where the rule has nothing to say.

    `title` names the cause in a filter, `advice` what to do about pictures of it.
    """

    key: str
    title: str
    advice: str
    find: Callable[[Clue], str]


def find_causes(clue: Clue) -> tuple[Cause, ...]:
    """Return the causes that speak, the most probable first; never none."""
    found = [Cause(rule.key, rule.find(clue)) for rule in RULES.values()]
    spoken = tuple(cause for cause in found if cause.sentence)
    return spoken or (Cause(UNCLEAR.key, UNCLEAR.find(clue)),)


def _copy(clue: Clue) -> str:
    if clue.twin is None or set(clue.twin) == set(clue.mistake.labelled):
        return ""
    said = clue.list_names(clue.twin)
    return (
        f"Nearly the same picture is in training, labelled {said}: one of the two "
        "labels is wrong."
    )


def _label(clue: Clue) -> str:
    if clue.suspicion:
        return f"The label is probably wrong: {clue.suspicion}."
    said = clue.faulty(IN_VAIN)
    if not said or clue.sureness < SURE_FROM or len(clue.neighbours) < 3:
        return ""
    if all(set(said) <= set(ids) for ids in clue.neighbours):
        return (
            f"The label may be wrong: the run is sure of {clue.list_names(said)}, and "
            f"so are all {len(clue.neighbours)} training pictures most like it."
        )
    return ""


def _unseen(clue: Clue) -> str:
    combination = clue.mistake.combination
    pairs = [pair for pair, count in clue.pair_counts.items() if not count]
    if clue.shown == 0 and len(combination) > 1:
        return f"Training never showed {clue.list_names(combination)}."
    if pairs:
        return f"Training never showed {clue.list_names(pairs[0])} together."
    return ""


def _few(clue: Clue) -> str:
    concerned = [*clue.faulty(MISSED), *clue.mistake.doubts]
    rare = [i for i in concerned if clue.label_counts.get(i, 0) < clue.thin_below]
    if rare:
        fewest = min(rare, key=lambda i: clue.label_counts.get(i, 0))
        return _only(clue.label_counts.get(fewest, 0), clue.names[fewest])
    if clue.shown is not None and 0 < clue.shown < clue.thin_below:
        return _only(clue.shown, clue.list_names(clue.mistake.combination))
    return ""


def _only(count: int, name: str) -> str:
    if not count:
        return f"No training picture shows {name}."
    if count == 1:
        return f"Only one training picture shows {name}."
    return f"Only {count} training pictures show {name}."


def _poor(clue: Clue) -> str:
    if not clue.flaws:
        return ""
    return f"The picture is {' and '.join(clue.flaws)}."


def _alike(clue: Clue) -> str:
    said = clue.faulty(IN_VAIN)
    missed = clue.faulty(MISSED)
    total = len(clue.neighbours)
    if not total:
        return ""
    for label_id in said:
        with_it = sum(label_id in ids for ids in clue.neighbours)
        if with_it >= ALIKE_FROM * total:
            return f"{_of(with_it, total)} are {clue.names[label_id]}."
    for label_id in missed:
        without = sum(label_id not in ids for ids in clue.neighbours)
        if without >= ALIKE_FROM * total:
            return f"{_of(without, total)} are not {clue.names[label_id]}."
    return ""


def _of(count: int, total: int) -> str:
    what = f"of the {total} training pictures most like it"
    return f"All {what}" if count == total else f"{count} {what}"


def _unclear(clue: Clue) -> str:
    if clue.mistake.is_wrong:
        return "Nothing stands out: such pictures are in training, with these labels."
    return "Near the limit, with nothing that stands out."


RULES: dict[str, Rule] = {
    rule.key: rule
    for rule in (
        Rule(
            "copy",
            "A copy in training, labelled otherwise",
            "Look at both and mend the one that is wrong.",
            _copy,
        ),
        Rule(
            "label",
            "The label is probably wrong",
            "Look at it; one click mends it or keeps it.",
            _label,
        ),
        Rule(
            "unseen",
            "A combination training never showed",
            "Collect some pictures of it, or train the recipe compositional.",
            _unseen,
        ),
        Rule(
            "few",
            "Too few examples",
            "Collect more pictures of it.",
            _few,
        ),
        Rule(
            "poor",
            "A poor picture",
            "Take a better one, or collect more of the kind if they come so in use.",
            _poor,
        ),
        Rule(
            "alike",
            "Looks like pictures labelled otherwise",
            "Collect pictures of both that differ in what tells them apart.",
            _alike,
        ),
    )
}
UNCLEAR = Rule(
    "unclear",
    "Nothing stands out",
    "See where the run looks; more pictures of both kinds help.",
    _unclear,
)


def title_of(key: str) -> str:
    """What a cause is called."""
    return RULES[key].title if key in RULES else UNCLEAR.title


def advice_for(key: str) -> str:
    """What to do about mistakes of a cause."""
    return RULES[key].advice if key in RULES else UNCLEAR.advice
