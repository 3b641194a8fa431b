"""Whether a project's gaps call for the recipe that answers them, in one sentence."""

from collections.abc import Sequence

from mlcore.combination_table import groups_that_combine
from mlcore.coverage_live import live_coverage
from mlcore.head_questions import ask
from mlcore.left_out import COMPOSITIONAL, PLAIN, newest_studies
from mlcore.recipes import DEFAULT_RECIPE, RECIPES
from mlcore.snapshot import SnapshotGroup
from storage.labels import list_groups, list_labels
from storage.projects import Project

NAMED_AT_MOST = 3


def can_leave_out(project: Project) -> bool:
    """Whether combinations of the project's groups can be left out of training."""
    label_ids = [label.label_id for label in list_labels(project)]
    groups = [
        SnapshotGroup(
            group.group_id,
            group.name,
            group.rule,
            tuple(label.label_id for label in group.labels),
        )
        for group in list_groups(project)
    ]
    return bool(groups_that_combine(ask(label_ids, groups)))


def explain_gaps(project: Project) -> str | None:
    """Why `compositional` fits best; None where nothing is missing between groups.

    What leaving combinations out taught about this project counts most: where heads
    by group did as well, None too.
    """
    coverage = live_coverage(project)
    present, possible = coverage.grouped
    if not present or present == possible:
        return None
    missing = [c for c in coverage.missing if c.is_grouped][:NAMED_AT_MOST]
    named = _listing([" ".join(c.names) for c in missing], possible - present)
    verb = "has" if possible - present == 1 else "have"
    gaps = (
        f"{possible - present} of {possible} combinations {verb} no picture: {named}."
    )
    studies = newest_studies(project)
    ours, plain = (
        studies[head].share if head in studies else None
        for head in (COMPOSITIONAL, PLAIN)
    )
    if ours is None or plain is None:
        return (
            f"{gaps} This recipe is made to answer those too, and measures how well "
            "while it trains."
        )
    if ours <= plain:
        return None
    return (
        f"{gaps} When combinations of yours were left out of training, it was right "
        f"on {_of_hundred(ours)} of them in 100, “{RECIPES[DEFAULT_RECIPE].plain}” "
        f"on {_of_hundred(plain)}."
    )


def _of_hundred(share: float) -> str:
    return f"{100 * share:.0f}"


def _listing(names: Sequence[str], total: int) -> str:
    rest = total - len(names)
    more = f" and {rest} more" if rest > 0 else ""
    return ", ".join(names) + more
