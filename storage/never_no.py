"""Labels that are answered yes somewhere and no nowhere."""

from storage.database import fetch_all
from storage.projects import Project


def labels_without_no(project: Project) -> set[int]:
    """Ids of labels with a yes and no explicit no; two index look-ups a label."""
    rows = fetch_all(
        project.db,
        "SELECT label_id FROM labels AS l WHERE gone = 0 AND EXISTS"
        " (SELECT 1 FROM answers AS a WHERE a.label_id = l.label_id AND value = 1)"
        " AND NOT EXISTS"
        " (SELECT 1 FROM answers AS a WHERE a.label_id = l.label_id AND value = 0)",
    )
    return {label_id for (label_id,) in rows}
