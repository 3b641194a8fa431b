"""What was measured and classified in a project, as its shopping list weighs it."""

from collections import Counter
from itertools import combinations

from mlcore.combinations import Coverage
from mlcore.left_out import COMPOSITIONAL, PLAIN, LeftOutStudy, newest_studies
from mlcore.shopping import Advice, what_to_collect
from storage.classified import classified_sets
from storage.label_sets import make_key
from storage.projects import Project


def advise(
    project: Project,
    coverage: Coverage,
    limit: int = 10,
    study: LeftOutStudy | None = None,
) -> list[Advice]:
    """Return what to collect, weighed by what is known of this project.

    Without a `study` the newest one is asked how often a combination is wrong.
    """
    if study is None:
        studies = newest_studies(project)
        study = studies.get(COMPOSITIONAL) or studies.get(PLAIN)
    return what_to_collect(
        coverage,
        limit,
        errors=errors_of(study),
        predicted=predicted_in(project, coverage.strength),
    )


def errors_of(study: LeftOutStudy | None) -> dict[str, float]:
    """The share wrong on each combination that was left out of training."""
    tried = study.tried if study else ()
    return {make_key(c.label_ids): 1 - c.share for c in tried if c.share is not None}


def predicted_in(project: Project, strength: int = 2) -> dict[str, int]:
    """How many classified pictures were read as each combination."""
    met: Counter[str] = Counter()
    for found in classified_sets(project, with_doubtful=True):
        for part in combinations(found.label_ids, strength):
            met[make_key(part)] += found.count
    return met
