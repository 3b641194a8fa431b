"""A run in one sentence, and what to do next. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from mlcore.group_confusion import NOTHING, SEVERAL, MixUp
from mlcore.metrics import CombinationScore, Evaluation, LabelScore
from mlcore.shopping import Advice

Show = Callable[[str], str]

# Under so many held-out examples nobody can call a label weak.
FEWEST_EXAMPLES = 5
# Mistaken once may be chance.
FEWEST_WRONG = 2
STEPS_AT_MOST = 4
WEAK_BELOW = 0.9
NAMED_AT_MOST = 3


@dataclass(frozen=True, slots=True)
class Text:
    """Words with a place {} for each name, which whoever shows them shields."""

    template: str
    names: tuple[str, ...] = ()

    def words(self, show: Show = str) -> str:
        """Return the sentence; every name goes through `show`."""
        return self.template.format(*map(show, self.names))

    def __add__(self, other: "Text") -> "Text":
        return Text(self.template + other.template, self.names + other.names)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do, and why; `kind` is what it is about.

    train-again, collect, combination, suspects, labels, mixed-up, label, hold-out or
    use.
    """

    kind: str
    title: Text
    why: Text


@dataclass(frozen=True, slots=True)
class Arrived:
    """`images` of a combination came since the run, which had seen none."""

    names: tuple[str, ...]
    images: int


@dataclass(frozen=True)
class Evidence:
    """What the steps are drawn from besides the figures.

    `sure_wrong` pictures are labelled otherwise than the run is very sure of; a search
    for label errors left `suspected` ones to look at;
    `better_recipe` names a recipe that does better on combinations never seen.
    """

    advice: Sequence[Advice] = ()
    arrived: Sequence[Arrived] = ()
    mix_ups: Sequence[MixUp] = ()
    sure_wrong: int = 0
    suspected: int = 0
    better_recipe: str = ""
    separator: str = field(default=" ")


def headline(evaluation: Evaluation) -> Text:
    """Return "Right on all labels for 67 of 71 pictures it never trained on; weakest:
    shirt."
    """
    share, images = evaluation.exact_match, evaluation.images
    if share is None:
        return Text("No held-out picture has an answer, so nothing is measured.")
    right = round(share * images)
    counted = f"all {images:,}" if right == images else f"{right:,} of {images:,}"
    noun = "picture" if images == 1 else "pictures"
    sentence = f"Right on all labels for {counted} {noun} it never trained on"
    weakest = weakest_label(evaluation)
    if weakest is None:
        return Text(f"{sentence}.")
    return Text(f"{sentence}; weakest: {{}}.", (weakest.label,))


def weakest_label(evaluation: Evaluation) -> LabelScore | None:
    """Return the label with the lowest F1 of those with enough examples to say so.

    None where all of these are always right.
    """
    judged = [
        score
        for score in evaluation.labels
        if score.f1 is not None and score.support >= FEWEST_EXAMPLES
    ]
    lowest = min(
        judged, key=lambda s: (s.f1 or 0.0, s.average_precision or 0.0), default=None
    )
    return lowest if lowest and (lowest.f1 or 0.0) < 1.0 else None


def next_steps(evaluation: Evaluation, evidence: Evidence) -> list[Step]:
    """Return what to do next, what helps most first; at least one step."""
    found = [
        *_train_again(evidence),
        *_collect(evidence),
        *_weak_combinations(evaluation, evidence.separator),
        *_check_labels(evidence),
        *(_tell_apart(evidence) or _weak_label(evaluation)),
        *_hold_out_more(evaluation),
    ]
    if not found:
        found = [
            Step(
                "use",
                Text("Try it on pictures of your own"),
                Text(
                    "Nothing stands out in these figures. Pictures from where it will "
                    "be used tell more."
                ),
            )
        ]
    return found[:STEPS_AT_MOST]


def _train_again(evidence: Evidence) -> list[Step]:
    if not evidence.arrived:
        return []
    first = evidence.arrived[0]
    more = len(evidence.arrived) - 1
    others = f" and {more:,} more {_plural(more, 'combination')}" if more else ""
    pictures = f"{first.images:,} {_plural(first.images, 'picture')}"
    title = Text("Train again")
    why = f"{pictures} of {{}}{others} came since; this run had seen none."
    return [Step("train-again", title, Text(why, (_join(first.names, evidence),)))]


def _collect(evidence: Evidence) -> list[Step]:
    """What training lacks, in one step; then what it has too little of."""
    missing = [one for one in evidence.advice if not one.have]
    wanted = (missing or list(evidence.advice))[:NAMED_AT_MOST]
    if not wanted:
        return []
    names = tuple(_join(one.names, evidence) for one in wanted)
    first = wanted[0]
    if not missing:
        why = Text(
            f"There are only {first.have:,} of {{}} so far: too few to be sure of it.",
            names[:1],
        )
    else:
        them = "it" if len(names) == 1 else "them"
        why = Text(f"Training shows none of {them}, so nobody knows how it does there.")
    if first.only_with and missing:
        pair = (names[0], *first.only_with)
        why += Text(" Most of all {}: {} comes only with {}.", pair)
    if evidence.better_recipe:
        recipe = (evidence.better_recipe,)
        why += Text(" Until then the recipe {} guesses them best.", recipe)
    each = " each" if len(names) > 1 else ""
    count = max(one.wanted for one in wanted)
    title = Text(f"Collect about {count:,} pictures{each} of {_places(names)}", names)
    return [Step("collect", title, why)]


def _weak_combinations(evaluation: Evaluation, separator: str) -> list[Step]:
    """Those it saw in training, and yet gets wrong more often than the rest."""
    weak = sorted(
        (one for one in evaluation.combinations if _is_weak(one, evaluation)),
        key=lambda one: (one.right - one.images, one.labels),
    )
    if not weak:
        return []
    first = weak[0]
    more = f"; training shows {first.seen_count:,}" if first.seen_count else ""
    others = tuple(separator.join(one.labels) for one in weak[1:NAMED_AT_MOST])
    also = f" Also weak: {_places(others)}." if others else ""
    name = separator.join(first.labels) or "none of the labels"
    why = f"Right on {first.right:,} of {first.images:,} only{more}.{also}"
    title = Text("Add pictures of {}", (name,))
    return [Step("combination", title, Text(why, others))]


def _is_weak(one: CombinationScore, evaluation: Evaluation) -> bool:
    wrong = one.images - one.right
    if not one.seen_count or wrong < FEWEST_WRONG:
        return False
    return one.interval[1] < (evaluation.exact_match or 0.0)


def _check_labels(evidence: Evidence) -> list[Step]:
    if evidence.suspected:
        found = f"{evidence.suspected:,} {_plural(evidence.suspected, 'picture')}"
        why = "The search for label errors calls them probably wrong."
        return [Step("suspects", Text(f"Check the labels of {found}"), Text(why))]
    count = evidence.sure_wrong
    if not count:
        return []
    pictures = f"{count:,} {_plural(count, 'picture')}"
    why = (
        "The run is very sure of something else than their labels say: one of the two "
        "is wrong."
    )
    return [Step("labels", Text(f"Check the labels of {pictures}"), Text(why))]


def _tell_apart(evidence: Evidence) -> list[Step]:
    found = [
        one
        for one in evidence.mix_ups
        if one.images >= FEWEST_WRONG and not {one.shown, one.said} & {NOTHING, SEVERAL}
    ]
    if not found:
        return []
    worst = max(found, key=lambda one: one.images)
    why = (
        f"{worst.images:,} of {worst.support:,} pictures of {{}} were read as {{}}. "
        "Where the labels are right, more pictures of both help."
    )
    names = (worst.shown, worst.said)
    return [Step("mixed-up", Text("Look at {} read as {}", names), Text(why, names))]


def _weak_label(evaluation: Evaluation) -> list[Step]:
    """The weakest label, if it is wrong often enough to look at its pictures."""
    weakest = weakest_label(evaluation)
    if weakest is None or (weakest.f1 or 0.0) >= WEAK_BELOW:
        return []
    said = weakest.hits + weakest.false
    why = (
        f"It finds {weakest.hits:,} of {weakest.support:,}, and {weakest.false:,} of "
        f"{said:,} it names are wrong. Where the labels are right, more examples help."
    )
    names = (weakest.label,)
    return [Step("label", Text("Look at {}, the weakest label", names), Text(why))]


def _hold_out_more(evaluation: Evaluation) -> list[Step]:
    few = [s for s in evaluation.labels if s.support < FEWEST_EXAMPLES]
    if not few or evaluation.exact_match is None:
        return []
    few.sort(key=lambda score: score.support)
    names = tuple(score.label for score in few[:NAMED_AT_MOST])
    more = f" and {len(few) - len(names):,} more" if len(few) > len(names) else ""
    why = (
        f"Of {_places(names)}{more} fewer than {FEWEST_EXAMPLES} pictures are held "
        "out: too few to judge."
    )
    return [Step("hold-out", Text("Collect and hold out more"), Text(why, names))]


def _places(names: Sequence[str]) -> str:
    return ", ".join("{}" for _ in names)


def _join(names: Sequence[str], evidence: Evidence) -> str:
    return evidence.separator.join(names)


def _plural(count: int, noun: str) -> str:
    return noun if count == 1 else f"{noun}s"
