"""Ways to choose what counts as yes, in words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from mlcore.decisions import Limits, counting_thresholds, exclusive_columns
from mlcore.kept_limits import BY_HAND
from mlcore.threshold_goals import list_short
from mlcore.thresholds import CHOSEN_ON_IMAGES, MISS_COST, RunLimits, too_few
from pages.parts.text import counted, escape, percent

if TYPE_CHECKING:
    from mlcore.evaluation import HeldOut

# The choice that a run has, and the one it was trained with: rules of their own.
KEPT, OWN = "kept", "own"
AS_IT_IS = (KEPT, OWN)
# Widgets beside the choice, by rule; the others need no number.
TARGETS = {
    "target-recall": "Recall wanted",
    "target-precision": "Precision wanted",
}
WORDS = {
    "fixed": "One threshold for all",
    "best-f1": "Best F1 of each label",
    "best-f2": "Best F2 of each label",
    "target-recall": "A recall to reach",
    "target-precision": "A precision to reach",
    MISS_COST: "What a miss costs",
    "top-k": "The strongest few labels",
    BY_HAND: "One for each label, by hand",
}
BY_LOOKING = "Whoever chooses it by these figures makes them a little too good."
MEANINGS = {
    "fixed": f"A label is yes from this probability on. {BY_LOOKING}",
    "best-f1": "Each label is yes from where its F1 is best, which joins how many of "
    "its pictures are found and how many of those found are right",
    "best-f2": "Each label is yes from where its F2 is best: as F1, but a missed one "
    "costs more than a wrong one",
    "target-recall": "Each label is yes from the highest probability that still finds "
    "this share of its pictures",
    "target-precision": "Each label is yes from the lowest probability at which this "
    "share of its answers is right",
    MISS_COST: "Each label is yes from where it costs least, if a missed picture costs "
    "so many times what a false alarm costs",
    "top-k": "So many labels of each picture are yes, however weak the last of them.",
    BY_HAND: f"Each label is yes from its own probability on. {BY_LOOKING}",
}
FEW_NAMED = 3


def title(chosen: RunLimits) -> str:
    """Return "best F1 of each label", "0.50 for all" and the like, as plain text."""
    limits = chosen.limits
    if chosen.rule == "fixed":
        return f"{limits.thresholds[0]:.2f} for all labels"
    if limits.top_k:
        return f"the strongest {counted(limits.top_k, 'label')}"
    if chosen.rule in TARGETS:
        measure = chosen.rule.removeprefix("target-")
        return f"{measure} of {percent(chosen.target)} for each label"
    if chosen.rule == MISS_COST:
        return f"a miss costs {chosen.target:g} × a false alarm"
    words = WORDS.get(chosen.rule, chosen.rule)
    return words[0].lower() + words[1:]


def meaning(rule: str, chosen: RunLimits, judges: HeldOut | None) -> str:
    """Say what the rule does, on which pictures, and where it could not."""
    by = chosen.rule if rule in AS_IT_IS else rule
    words = MEANINGS.get(by, "")
    if rule in AS_IT_IS:
        words = words.removesuffix(BY_LOOKING).strip()
    if by not in CHOSEN_ON_IMAGES:
        return words
    if judges is None:
        return f"{words}, chosen on validation pictures."
    images = counted(judges.counts["validation"], "validation picture")
    return f"{words}, chosen on {images}. {few_sentence(judges)}".strip()


def few_sentence(judges: HeldOut) -> str:
    """Name the labels for which nothing could be chosen, "" without any."""
    few = [escape(judges.labels[at].name) for at in too_few(judges.y)]
    if not few:
        return ""
    more = len(few) - FEW_NAMED
    names = ", ".join(few[:FEW_NAMED]) + (f" and {more} more" if more > 0 else "")
    verb = "keeps its" if len(few) == 1 else "keep their"
    return f"With fewer than 5 yes or no there, {names} {verb} threshold of 0.50."


def short_labels(judges: HeldOut | None, chosen: RunLimits) -> dict[int, str]:
    """Return by label id "cannot reach 0.90: best 86 %" of each that cannot."""
    if judges is None:
        return {}
    counts = counting(judges)
    found = list_short(judges.y, judges.probabilities, chosen)
    return {
        judges.labels[at].label_id: (
            f"cannot reach {chosen.target:.2f}: best {_just_under(best, chosen.target)}"
        )
        for at, best in found.items()
        if counts[at] is not None
    }


def _just_under(best: float, target: float) -> str:
    """Return a share rounded as elsewhere, never up to the target it falls short of."""
    return f"{min(int(100 * best + 0.5), math.ceil(100 * target - 1e-9) - 1)} %"


def short_sentence(judges: HeldOut | None, chosen: RunLimits) -> str:
    """Name the labels that cannot reach the goal, "" without any; for Markdown."""
    short = short_labels(judges, chosen)
    if not short or judges is None:
        return ""
    names = {label.label_id: escape(label.name) for label in judges.labels}
    said = [f"{names[i]} {words}" for i, words in short.items()]
    more = len(said) - FEW_NAMED
    return "; ".join(said[:FEW_NAMED]) + (f"; and {more} more." if more > 0 else ".")


def no_choice_sentence(held_out: HeldOut) -> str:
    """Say why no threshold counts for this run, "" where one does."""
    if held_out.output == "softmax":
        return "This run always answers with the one strongest label: no threshold."
    if any(value is not None for value in counting(held_out)):
        return ""
    return (
        "This run always answers with the strongest label of each group: no threshold."
    )


def counting(held_out: HeldOut) -> list[float | None]:
    """Return None for each label of a group that always answers its strongest."""
    exclusive = exclusive_columns(held_out.labels, held_out.groups)
    limits = Limits.of(0.5, len(held_out.labels))
    return counting_thresholds(limits, held_out.output, exclusive)
