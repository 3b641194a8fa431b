"""Whether two runs differ on the same pictures, or chance explains it. Pure."""

from collections.abc import Sequence
from math import exp, lgamma, log

# Below this p chance hardly explains a difference.
ALPHA = 0.05


def mcnemar_exact(better: int, worse: int) -> float:
    """Return the two-sided p of McNemar's exact test; 1 where nothing differs.

    `better` pictures are right only with the one run, `worse` only with the other;
    pictures on which both agree say nothing.
    """
    differing = better + worse
    if not differing:
        return 1.0
    tail = sum(_share(differing, k) for k in range(min(better, worse) + 1))
    return min(1.0, 2 * tail)


def _share(tosses: int, heads: int) -> float:
    """The chance of so many heads of a fair coin."""
    ways = lgamma(tosses + 1) - lgamma(heads + 1) - lgamma(tosses - heads + 1)
    return exp(ways - tosses * log(2))


def holm(values: Sequence[float]) -> list[float]:
    """Return the p values corrected for being so many (Holm), in the same order."""
    order = sorted(range(len(values)), key=values.__getitem__)
    found = [1.0] * len(values)
    highest = 0.0
    for rank, at in enumerate(order):
        highest = max(highest, min(1.0, values[at] * (len(values) - rank)))
        found[at] = highest
    return found
