"""A run in one sentence, and what to do next. Pure."""

from mlcore.counted import counted
from mlcore.group_confusion import NOTHING, SEVERAL
from mlcore.label_words import FIRST
from mlcore.measured import MEASURED
from mlcore.metrics import CombinationScore, Evaluation, LabelScore
from mlcore.review_story_collect import collect, train_again
from mlcore.review_story_parts import (
    NAMED_AT_MOST,
    Evidence,
    Step,
    Text,
    places,
)

# Under so many held-out examples nobody can call a label weak.
FEWEST_EXAMPLES = 5
# Mistaken once may be chance.
FEWEST_WRONG = 2
STEPS_AT_MOST = 4
# Nobody begins with more; the first of them teach whether the rest is worth it.
SUSPECTS_AT_MOST = 25
WEAK_BELOW = 0.9
# What is weak with so many pictures lacks something else than more of them.
PLENTY = 100


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
    whose = "it never trained on"
    if evaluation.split == MEASURED:
        noun, whose = f"labelled {noun}", "of this project"
    sentence = f"Right on all labels for {counted} {noun} {whose}"
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
    # Of a run from elsewhere nobody here can say what its training lacked.
    is_own = evaluation.split != MEASURED
    found = [
        *(train_again(evidence) if is_own else ()),
        *(collect(evidence) if is_own else ()),
        *_weak_combinations(evaluation, evidence.separator),
        *_check_labels(evidence),
        *(_tell_apart(evaluation, evidence) or _weak_label(evaluation)),
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
    also = f" Also weak: {places(others)}." if others else ""
    name = separator.join(first.labels) or "none of the labels"
    why = f"Right on {first.right:,} of {first.images:,} only{more}."
    title = Text("Add pictures of {}", (name,))
    if first.seen_count and first.seen_count >= PLENTY:
        why += (
            " So more of the same would hardly help: see what goes wrong, mend labels, "
            "and agree on where the border is."
        )
        title = Text("Look at the wrong pictures of {}", (name,))
    why += also
    return [Step("combination", title, Text(why, others), first.label_ids)]


def _is_weak(one: CombinationScore, evaluation: Evaluation) -> bool:
    wrong = one.images - one.right
    if not one.seen_count or wrong < FEWEST_WRONG:
        return False
    return one.interval[1] < (evaluation.exact_match or 0.0)


def _check_labels(evidence: Evidence) -> list[Step]:
    if evidence.suspected:
        return [_check_suspects(evidence.suspected)]
    count = evidence.sure_wrong
    # A search knows better than the run whether it may call a label wrong.
    if not count or evidence.is_searched:
        return []
    pictures = counted(count, "picture")
    why = (
        "The run is very sure of something else than their labels say: one of the two "
        "is wrong."
    )
    return [Step("labels", Text(f"Check the labels of {pictures}"), Text(why))]


def _check_suspects(count: int) -> Step:
    if count > SUSPECTS_AT_MOST:
        title = f"Look at the {FIRST} most suspicious labels first"
        why = f"The search for label errors calls {count:,} probably wrong."
        return Step("suspects", Text(title), Text(why))
    title = f"Check the labels of {counted(count, 'picture')}"
    why = "The search for label errors calls them probably wrong."
    return Step("suspects", Text(title), Text(why))


def _tell_apart(evaluation: Evaluation, evidence: Evidence) -> list[Step]:
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
    shown = tuple(s.label_id for s in evaluation.labels if s.label == worst.shown)
    title = Text("Look at {} read as {}", names)
    return [Step("mixed-up", title, Text(why, names), shown)]


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
    title = Text("Look at {}, the weakest label", (weakest.label,))
    return [Step("label", title, Text(why), (weakest.label_id,))]


def _hold_out_more(evaluation: Evaluation) -> list[Step]:
    few = [s for s in evaluation.labels if s.support < FEWEST_EXAMPLES]
    if not few or evaluation.exact_match is None or evaluation.split == MEASURED:
        return []
    few.sort(key=lambda score: score.support)
    names = tuple(score.label for score in few[:NAMED_AT_MOST])
    more = f" and {len(few) - len(names):,} more" if len(few) > len(names) else ""
    why = (
        f"Of {places(names)}{more} fewer than {FEWEST_EXAMPLES} pictures are held "
        "out: too few to judge."
    )
    return [Step("hold-out", Text("Collect and hold out more"), Text(why, names))]
