"""Which suspected labels are probably wrong, and which the search only reads otherwise.

A search that is often wrong itself contradicts people often. It may call a label wrong
only where it is nearly always right: see `LabelReport.is_probable`.
"""

from collections.abc import Collection

from mlcore.label_search import last_report
from storage.projects import Project
from storage.suspects import Suspect, list_suspected_images, suspects_of


def probable_suspects(
    project: Project, image_ids: Collection[int]
) -> dict[int, list[Suspect]]:
    """The answers of these images that are probably wrong and still open, by image."""
    found = last_report(project)
    if found is None:
        return {}
    _, report = found
    strong = {
        image_id: [x for x in suspects if report.is_probable(x.label_id)]
        for image_id, suspects in suspects_of(project, image_ids).items()
    }
    return {image_id: suspects for image_id, suspects in strong.items() if suspects}


def order_suspected(project: Project) -> tuple[list[int], int]:
    """Suspected images, those probably wrong first, and how many these are."""
    ids = list_suspected_images(project)
    strong = probable_suspects(project, ids)
    first = [image_id for image_id in ids if image_id in strong]
    return first + [image_id for image_id in ids if image_id not in strong], len(first)
