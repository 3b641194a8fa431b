"""What to know of a measurement on a project's labelled pictures, as words. Pure."""

from mlcore.counted import counted
from mlcore.measured import Measured

NAMED_AT_MOST = 5


def describe_measured(measured: Measured) -> list[str]:
    """Return all there is to know of a measurement, a sentence each."""
    return [
        measured_on(measured),
        training_words(measured),
        *left_out_words(measured),
    ]


def measured_on(measured: Measured) -> str:
    """Return "Measured on 1,204 of 1,310 labelled pictures of this project."."""
    many = f"{measured.images:,}"
    if measured.labelled != measured.images:
        many += f" of {measured.labelled:,}"
    noun = "picture" if measured.labelled == 1 else "pictures"
    return f"Measured on {many} labelled {noun} of this project."


def training_words(measured: Measured) -> str:
    """Say what is known of whether these pictures trained the run."""
    if not measured.trained_as:
        return "If it was trained on these same pictures, the figures are too good."
    left = measured.trained_on
    known = f"What it trained on is known, as {measured.trained_as} of this project"
    if not left:
        return f"{known}: none of these pictures."
    return f"{known}: {counted(left, 'picture')}, left out here."


def left_out_words(measured: Measured) -> list[str]:
    """Return a sentence for each kind of thing that is in no figure."""
    found = []
    if measured.strange:
        show = "shows" if measured.strange == 1 else "show"
        found.append(
            f"Left out: {counted(measured.strange, 'picture')} that {show} a label it "
            "does not know in place of one it does."
        )
    if measured.not_known:
        found.append(f"It does not know {_list(measured.not_known)}.")
    if measured.not_here:
        found.append(f"No picture here says anything of {_list(measured.not_here)}.")
    if measured.unreadable:
        found.append(
            f"Left out: {counted(measured.unreadable, 'picture')} that cannot be read."
        )
    return found


def _list(names: tuple[str, ...]) -> str:
    shown = ", ".join(f"“{name}”" for name in names[:NAMED_AT_MOST])
    rest = len(names) - NAMED_AT_MOST
    return f"{shown} and {rest:,} more" if rest > 0 else shown
