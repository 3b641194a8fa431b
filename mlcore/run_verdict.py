"""What the spread of seeds allows to say, in words: is one recipe better? Pure."""

from math import comb

from mlcore.run_series import Repeats, Spread

# Fewer seeds than that on a side say nothing about chance.
LEAST_SEEDS = 2


def compare_spreads(first: tuple[str, Spread], second: tuple[str, Spread]) -> str:
    """A sentence on two named spreads of a share, where more is better.

    Only ranges that do not touch are called a difference, with how often chance
    alone would order the seeds so.
    """
    (name, high), (other, low) = sorted(
        (first, second), key=lambda one: one[1].mean, reverse=True
    )
    points = f"{(high.mean - low.mean) * 100:.1f} points"
    seeds = (len(high.values), len(low.values))
    if min(seeds) < LEAST_SEEDS:
        return (
            f"{name} is {points} above {other}, but with one seed on a side "
            "nobody knows what chance does. Repeat it with other seeds."
        )
    if min(high.values) > max(low.values):
        return (
            f"Every seed of {name} is above every seed of {other}, by {points} on "
            f"average. {_odds(*seeds)}"
        )
    if high.mean == low.mean:
        return f"{name} and {other} have the same mean."
    return (
        f"{name} is {points} above {other} on average, but their ranges overlap: "
        "that may be chance. More seeds would tell."
    )


def _odds(first: int, second: int) -> str:
    # Halved: chance may put either of the two on top.
    ways = comb(first + second, first) / 2
    return f"Two equal recipes would part like that once in {ways:,.0f} times."


def spread_words(spread: Spread, title: str) -> str:
    """What the seeds of one recipe say about a share, and how far to trust a run."""
    if len(spread.values) < LEAST_SEEDS:
        return f"{title}: one seed so far, so the spread is not known."
    if spread.width == 0.0:
        return (
            f"{title}: {spread.mean * 100:.1f} % with every seed. With these "
            "settings chance changes nothing here."
        )
    low, high = min(spread.values) * 100, max(spread.values) * 100
    return (
        f"{title}: {spread.mean * 100:.1f} % on average, from {low:.1f} to "
        f"{high:.1f} %. Single runs that differ by less than "
        f"{spread.width * 100:.1f} points may differ by chance."
    )


def missing_words(repeats: Repeats) -> str:
    """Which runs of a series do not count, and why; "" when all do."""
    reasons = {
        "failed": "failed",
        "interrupted": "was interrupted and counts once it is resumed",
    }
    found = [
        f"Run {run.number} {reasons[run.state]}"
        for run in repeats.runs
        if run.state in reasons
    ]
    return f"{'; '.join(found)}: not in these figures." if found else ""
