"""What a search for label errors found, in sentences. Pure."""

from mlcore.label_search import LabelReport
from mlcore.label_worth import Change, Worth

FLAT = (
    "the labels nobody suspects are learned as well with the suspected ones as "
    "without; mending them still makes the figures true"
)


def found_words(report: LabelReport) -> str:
    """How many pictures were looked at and how many are suspected."""
    looked = f"{report.images:,} labelled pictures compared"
    if not report.suspected:
        rest = "no label looks wrong"
    else:
        is_one = report.suspected == 1
        rest = (
            f"{report.suspected:,} {'is' if is_one else 'are'} probably labelled wrong"
        )
    kept = ""
    if report.confirmed:
        kept = f" ({report.confirmed:,} more were called right by a person)"
    return f"{looked}: {rest}{kept}."


def worth_words(worth: Worth) -> str:
    """What mending is worth, as measured; says so where it is nothing."""
    best = worth.corrected
    if not best.images:
        return "Every picture is suspected: there are no others to measure it by."
    others = f"On the other {best.images:,} pictures"
    if not best.is_told:
        return f"{others} {change_words(best)}. That is no more than chance: {FLAT}."
    word = "More" if best.difference > 0 else "Fewer"
    return f"{others} {change_words(best)}. {word} than chance explains."


def change_words(change: Change) -> str:
    """Shares before and after with the range of the difference in points."""
    before, after = change.before / change.images, change.after / change.images
    low, high = 100 * change.low, 100 * change.high
    words = (
        f"{100 * before:.1f} % are right on all labels with the labels as they are, "
        f"{100 * after:.1f} % with the suspected ones mended "
        f"({100 * change.difference:+.1f} points, likely {low:+.1f} to {high:+.1f}; "
        f"{change.gained} better, {change.lost} worse)"
    )
    return words.replace("-", "\u2212")


def points(share: float) -> str:
    """A difference of shares in points, with its sign."""
    return f"{100 * share:+.1f}".replace("-", "\u2212")
