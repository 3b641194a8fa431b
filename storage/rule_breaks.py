"""Images whose answers break the rule of a group, and which answer came last.

Read from the sets of yes labels: the number of images matters little, that of those
that break a rule more.
"""

import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from storage.database import fetch_all
from storage.groups import list_groups
from storage.label_sets import label_sets, label_sets_of_images
from storage.projects import Project
from storage.records import Group, LabelSet

_WITH_SETS = """
    SELECT image_id, set_key FROM images
    WHERE answered > 0 AND deleted_at IS NULL
        AND set_key IN (SELECT value FROM json_each(?))
"""
# CROSS JOIN: from the images to their answers; SQLite would read all answers first.
_ALL_NO = f"""
    SELECT image_id, set_key FROM ({_WITH_SETS}) CROSS JOIN answers USING (image_id)
    WHERE label_id IN (SELECT value FROM json_each(?))
    GROUP BY image_id HAVING count(*) = ?
"""
_LAST_YES = """
    SELECT image_id, label_id, max(batch_no) FROM history
    WHERE image_id IN (SELECT value FROM json_each(?)) AND label_id IS NOT NULL
        AND after = 1
    GROUP BY image_id, label_id
"""


@dataclass(frozen=True, slots=True)
class RuleBreak:
    """An image with several yes labels of a group, or (`yes` is empty) only no."""

    image_id: int
    group_id: int
    yes: tuple[int, ...]


def rule_violations(project: Project) -> list[int]:
    """Ids of images with two yes labels, or only no labels, where one is the rule."""
    return sorted({found.image_id for found in list_rule_breaks(project)})


def list_rule_breaks(
    project: Project, image_ids: Collection[int] | None = None
) -> list[RuleBreak]:
    """Every break of a group's rule, of these images or of all, by image and group."""
    asked = None if image_ids is None else set(image_ids)
    sets = (
        label_sets(project) if asked is None else label_sets_of_images(project, asked)
    )
    found = [
        rule_break
        for group in list_groups(project)
        if group.rule != "any" and group.labels
        for rule_break in _breaks_of(project, group, sets)
        if asked is None or rule_break.image_id in asked
    ]
    return sorted(found, key=lambda x: (x.image_id, x.group_id))


def _breaks_of(
    project: Project, group: Group, sets: Iterable[LabelSet]
) -> Iterator[RuleBreak]:
    ids = {label.label_id for label in group.labels}
    yes = {s.key: tuple(i for i in s.label_ids if i in ids) for s in sets}
    crowded = [key for key, labels in yes.items() if len(labels) > 1]
    rows = fetch_all(project.db, _WITH_SETS, [json.dumps(crowded)]) if crowded else []
    if group.rule == "exactly-one":
        bare = [key for key, labels in yes.items() if not labels]
        wanted = [json.dumps(bare), json.dumps(sorted(ids)), len(ids)]
        rows += fetch_all(project.db, _ALL_NO, wanted) if bare else []
    for image_id, key in rows:
        yield RuleBreak(image_id, group.group_id, yes[key])


def last_yes(project: Project, image_ids: Collection[int]) -> dict[int, dict[int, int]]:
    """For each of these images the batch in which a label was last answered yes."""
    found: dict[int, dict[int, int]] = {image_id: {} for image_id in image_ids}
    for image_id, label_id, batch_no in fetch_all(
        project.db, _LAST_YES, [json.dumps(list(found))]
    ):
        found[image_id][label_id] = batch_no
    return found
