"""What of a picture each group is told by: everything, only colour, only its spread.

A colour shown by how a picture differs from its gray self says nothing of the shape,
so it stays right on shapes it was never seen with. Pure numpy.
"""

from collections.abc import Sequence

import numpy as np

from mlcore.colour_features import WIDTH
from mlcore.head_solver import Floats

# Features of view "both": the network on the picture, its colours, the network on gray.
ALL, DIFFERENCE, COLOURS, GRAY = "all", "difference", "colours", "gray"

# Each line is one kind of evidence: what groups told by colour see, what others see.
Evidence = tuple[str, str]
STRUCTURES: dict[str, tuple[Evidence, ...]] = {
    "one": ((ALL, ALL),),
    "three": ((ALL, ALL), (DIFFERENCE, ALL), (COLOURS, ALL)),
}


def select_view(x: Floats, view: str) -> Floats:
    """The columns of features (n, d) that a view looks at."""
    net = _network_width(x.shape[1])
    if view == ALL:
        return x[:, : net + WIDTH]
    if view == COLOURS:
        return x[:, net : net + WIDTH]
    if view == GRAY:
        return x[:, net + WIDTH :]
    return np.hstack([x[:, :net] - x[:, net + WIDTH :], x[:, net : net + WIDTH]])


def unfold_view(weights: Floats, view: str, width: int) -> Floats:
    """(width, C) the weights of a view for features as they came."""
    net = _network_width(width)
    found = np.zeros((width, weights.shape[1]), np.float32)
    if view == ALL:
        found[: net + WIDTH] = weights
    elif view == COLOURS:
        found[net : net + WIDTH] = weights
    elif view == GRAY:
        found[net + WIDTH :] = weights
    else:
        found[: net + WIDTH] = weights
        found[net + WIDTH :] = -weights[:net]
    return found


def views_of(structure: str, is_colour: Sequence[bool]) -> list[tuple[str, ...]]:
    """For each evidence the view of each group."""
    return [
        tuple(of_colour if colour else of_others for colour in is_colour)
        for of_colour, of_others in STRUCTURES[structure]
    ]


def _network_width(width: int) -> int:
    return (width - WIDTH) // 2
