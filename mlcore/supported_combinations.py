"""Which combinations enough pictures judge, and what is said of the others. Pure."""

from mlcore.decisions import exclusive_columns
from mlcore.evaluation import HeldOut
from mlcore.measured import MEASURED
from mlcore.scores import CombinationScore, Evaluation

# Right on 1 of 2 says nothing; with free labels most sets are on one picture alone.
LEAST_IMAGES = 3


def judged_combinations(evaluation: Evaluation) -> list[CombinationScore]:
    """Return those on enough pictures, the worst first."""
    found = [one for one in evaluation.combinations if one.images >= LEAST_IMAGES]
    return sorted(found, key=_badness)


def thin_combinations(evaluation: Evaluation) -> list[CombinationScore]:
    """Return those on too few pictures, the worst first."""
    found = [one for one in evaluation.combinations if one.images < LEAST_IMAGES]
    return sorted(found, key=_badness)


def _badness(score: CombinationScore) -> tuple[float, int]:
    """Of equal shares the one with more pictures to be wrong on comes first."""
    return (score.exact_match, -score.images if score.right < score.images else 0)


def uncharted_sentence(evaluation: Evaluation) -> str:
    """Say why no combination is charted."""
    kept = "are labelled here" if evaluation.split == MEASURED else "were held out"
    return (
        f"{len(evaluation.combinations):,} different label sets {kept}, each on 1 or 2 "
        "pictures only: too few to chart."
    )


def can_combine(held_out: HeldOut) -> bool:
    """Whether a picture may show two labels: not where one group has them all."""
    exclusive = exclusive_columns(held_out.labels, held_out.groups)
    return all(len(columns) < len(held_out.labels) for columns, _ in exclusive)


def has_only_free_labels(held_out: HeldOut) -> bool:
    """Whether a combination is the whole label set of a picture, not of groups."""
    return not exclusive_columns(held_out.labels, held_out.groups)
