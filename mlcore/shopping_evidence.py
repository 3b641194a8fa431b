"""The shopping list of a project, with what was measured and what was classified."""

from mlcore.combinations import Coverage
from mlcore.coverage_sources import CLASSIFIED, difference_of
from mlcore.left_out import COMPOSITIONAL, PLAIN, newest_studies
from mlcore.shopping import Advice, what_to_collect
from storage.projects import Project


def advise(project: Project, coverage: Coverage, limit: int = 10) -> list[Advice]:
    """Return what to collect, weighed by what is known of this project."""
    return what_to_collect(
        coverage,
        limit,
        errors=errors_of(project),
        predicted=predicted_in(project, coverage.strength),
    )


def errors_of(project: Project) -> dict[str, float]:
    """The share wrong of each combination that was left out of training to see."""
    studies = newest_studies(project)
    study = studies.get(COMPOSITIONAL) or studies.get(PLAIN)
    if study is None:
        return {}
    return {
        ",".join(map(str, sorted(found.label_ids))): 1 - found.share
        for found in study.tried
        if found.share is not None
    }


def predicted_in(project: Project, strength: int = 2) -> dict[str, int]:
    """How many classified pictures show each combination that has too few images."""
    found = difference_of(project, "all", CLASSIFIED, strength)
    return {c.key: c.shown for c in found.combinations if c.tier != "fine"}
