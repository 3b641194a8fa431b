"""What a search for label errors found, in sentences. Pure."""

from mlcore.label_search import LabelReport
from mlcore.label_worth import Change, Worth

# Of many suspected pictures so many are worth a look before anything else is done.
FIRST = 15


def found_words(report: LabelReport) -> str:
    """How many pictures were looked at and how many are suspected."""
    looked = f"{report.images:,} labelled pictures"
    kept = ""
    if report.confirmed:
        kept = f" ({report.confirmed:,} more were called right by a person)"
    if not report.suspected:
        return f"{looked} compared: no label looks wrong{kept}."
    count = report.probable_count
    if not count:
        return f"{_doubtful_words(report)}{kept}."
    verb = "carries" if count == 1 else "carry"
    words = (
        f"{count:,} of {looked} probably {verb} a wrong label: the model, "
        f"asked about pictures it had not learned from, answers otherwise{kept}."
    )
    others = report.suspected - count
    if others:
        words += (
            f" It disagrees with the labels of {others:,} more, but of those labels it "
            "is often wrong itself."
        )
    return words


def _doubtful_words(report: LabelReport) -> str:
    """What can be said where the model is as likely wrong as the labels."""
    share = report.right_share
    how = "" if share is None else f" (right on all labels of {100 * share:.0f} %)"
    first = (
        f"look at the first {FIRST:,} only"
        if report.suspected > FIRST
        else "they need not be wrong"
    )
    return (
        f"The model disagrees with the labels of {report.suspected:,} of "
        f"{report.images:,} pictures, but it is often wrong itself{how}: {first}"
    )


def worth_verdict(worth: Worth, *, is_probable: bool = True) -> str:
    """What mending does to a model, in plain words.

    Without `is_probable` nobody knows that what the model reads is truer.
    """
    best = worth.corrected
    if not best.images:
        return "Every picture is suspected: there are no others to measure it by."
    count = abs(round(1000 * best.difference))
    if not best.is_told or not count:
        words = "Mending them hardly changes what a model learns: no more than chance."
        return f"{words} It still makes the figures true." if is_probable else words
    word = "more" if best.difference > 0 else "fewer"
    return (
        f"With them mended, a model is right on {count:,} {word} of 1,000 other "
        "pictures. More than chance explains."
    )


def worth_figures(worth: Worth) -> str:
    """The measurement behind the verdict, "" where nothing could be measured."""
    best = worth.corrected
    if not best.images:
        return ""
    return f"On the other {best.images:,} pictures {change_words(best)}."


def worth_words(worth: Worth) -> str:
    """What mending is worth, and the measurement."""
    return f"{worth_verdict(worth)} {worth_figures(worth)}".strip()


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
