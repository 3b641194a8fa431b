"""Labels that training showed beside one other label only. Pure.

Whatever looks black is black jeans to a network that saw black on jeans alone.
"""

from collections.abc import Iterator
from dataclasses import replace

from mlcore.cautions import Caution, list_or
from mlcore.combinations import TRACE_BELOW
from mlcore.predictions import ONE_PARTNER
from mlcore.training_view import Choice, TrainingView

# A partner seen this many times less often than the main one does not teach.
RARE_PART = 20
NAMED_AT_MOST = 3


def only_partners(
    view: TrainingView, best: tuple[int, ...], *, is_weighed: bool
) -> Iterator[Caution]:
    """Warn where a label of the answer was trained only beside another one in it.

    `is_weighed` says that the model has learnt to weigh combinations it never saw.
    """
    found = {}
    for column, partner in ((a, b) for a in best for b in best if a != b):
        choice = next(c for c in view.choices if partner in c.columns)
        if len(choice.columns) < 2 or column in choice.columns:
            continue
        rivals = _rivals(view, column, partner, choice)
        if rivals is not None:
            found[column, partner] = rivals
    for (column, partner), rivals in found.items():
        # Each the other's only partner: nothing in the data tells black from jeans.
        is_one = (partner, column) in found and not is_weighed
        doubt = ONE_PARTNER if is_one or _is_blind(view) else ""
        said = replace(_confusion(view, column, partner, rivals), doubt=doubt)
        # What weighs combinations it never saw may well read a black dress as one.
        yield replace(said, why="") if is_weighed else said


def _rivals(
    view: TrainingView, column: int, partner: int, choice: Choice
) -> tuple[int, ...] | None:
    """Return the labels `column` never taught beside `partner`, None if it taught one.

    A handful of images beside hundreds of the partner do not teach; labels that never
    occur, and combinations marked impossible, are no rivals.
    """
    main = view.count_images((column, partner))
    rivals = [c for c in choice.columns if c != partner and view.count_images((c,))]
    rivals = [c for c in rivals if not view.is_impossible((column, c))]
    for rival in rivals:
        count = view.count_images((column, rival))
        if count >= TRACE_BELOW or count * RARE_PART > main:
            return None
    return tuple(rivals) if main and rivals else None


def _confusion(
    view: TrainingView, column: int, partner: int, rivals: tuple[int, ...]
) -> Caution:
    label, only = view.names[column], view.names[partner]
    alone = not any(view.count_images((column, rival)) for rival in rivals)
    ordered = [view.in_group_order((column, rival)) for rival in rivals]
    named = [view.write_all(pair) for pair in ordered[:NAMED_AT_MOST]]
    if len(ordered) > NAMED_AT_MOST:
        named = [f"{label} with anything else"]
    answer = view.write_all(view.in_group_order((column, partner)))
    return Caution(
        f"In training, {label} appeared {'only' if alone else 'almost only'} "
        f"with {only}.",
        f"So {list_or(named)} would probably be read as {answer}.",
    )


def _is_blind(view: TrainingView) -> bool:
    """Whether what a run leaves to unseen readings says little.

    Independent sigmoids saturate. Where groups share out one yes, and held-out
    pictures set the limit, the share itself tells a black dress from black jeans.
    """
    return view.output == "sigmoid" or not view.is_doubt_measured
