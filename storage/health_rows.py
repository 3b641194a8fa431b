"""Rows behind the findings about a data set: odd pictures, leaks, tallies."""

from collections.abc import Iterable
from typing import Any

from storage.database import fetch_all, fetch_value
from storage.projects import Project

_MEASURED = """
    SELECT image_id FROM image_facts JOIN images USING (image_id)
    WHERE deleted_at IS NULL AND
"""
# Only what has a shape has a perceptual hash.
_HAS_SHAPE = "hash <> ''"
_LEAKING = """
    WITH leaks AS (
        SELECT near.image_id AS one, other_id AS other FROM near_duplicates AS near
        JOIN images AS a ON a.image_id = near.image_id AND a.deleted_at IS NULL
        JOIN images AS b ON b.image_id = other_id AND b.deleted_at IS NULL
        WHERE a.split <> b.split
    )
    SELECT count(*) FROM (SELECT one AS image_id FROM leaks
                          UNION SELECT other FROM leaks)
    WHERE image_id NOT IN
        (SELECT image_id FROM dismissed_findings WHERE finding = ?)
"""


def unreadable_images(project: Project) -> list[tuple[int, str]]:
    """(image id, why) of images whose stored file cannot be read."""
    return fetch_all(
        project.db,
        "SELECT image_id, problem FROM image_facts JOIN images USING (image_id)"
        " WHERE deleted_at IS NULL AND problem <> '' ORDER BY image_id",
    )


def blank_images(project: Project) -> list[int]:
    """Images without a shape to recognise, the emptiest first."""
    rule = f"problem = '' AND NOT {_HAS_SHAPE} ORDER BY contrast, image_id"
    return _ids(project, _MEASURED + rule, [])


def dark_images(project: Project, light_below: float) -> list[int]:
    """Images on which even what is lightest is dark, the darkest first.

    Not the mean alone: a white digit on black is no dark picture.
    """
    light = "brightness + 2 * contrast"
    rule = f"{_HAS_SHAPE} AND {light} < ? ORDER BY {light}, image_id"
    return _ids(project, _MEASURED + rule, [light_below])


def bright_images(
    project: Project, *, glare_above: float, contrast_below: float
) -> list[int]:
    """Images with much burnt out and little beside it, the most first."""
    rule = f"{_HAS_SHAPE} AND glare > ? AND contrast < ? ORDER BY glare DESC, image_id"
    return _ids(project, _MEASURED + rule, [glare_above, contrast_below])


def blurry_images(project: Project, sharpness_below: float) -> list[int]:
    """Images without edges for the contrast they have, the blurriest first."""
    share = "sharpness / (contrast * contrast)"
    rule = f"{_HAS_SHAPE} AND {share} < ? ORDER BY {share}, image_id"
    return _ids(project, _MEASURED + rule, [sharpness_below])


def tiny_images(project: Project, side_px: float) -> list[int]:
    """Images with a shorter side below this, the smallest first."""
    return _ids(
        project,
        "SELECT image_id FROM images WHERE deleted_at IS NULL"
        " AND min(width_px, height_px) < ?"
        " ORDER BY min(width_px, height_px), image_id",
        [side_px],
    )


def usual_side_px(project: Project) -> int:
    """The median of the shorter sides; 0 without images."""
    found = fetch_value(
        project.db,
        "SELECT min(width_px, height_px) AS side FROM images"
        " WHERE deleted_at IS NULL ORDER BY side LIMIT 1"
        " OFFSET (SELECT count(*) / 2 FROM images WHERE deleted_at IS NULL)",
    )
    return int(found or 0)


def odd_shapes(project: Project, ratio_above: float) -> list[int]:
    """Images longer than so many times their width or the reverse, longest first."""
    ratio = "1.0 * max(width_px, height_px) / min(width_px, height_px)"
    return _ids(
        project,
        "SELECT image_id FROM images WHERE deleted_at IS NULL"
        f" AND min(width_px, height_px) > 0 AND {ratio} > ?"
        f" ORDER BY {ratio} DESC, image_id",
        [ratio_above],
    )


def count_leaking(project: Project, finding: str) -> int:
    """Images that have a look-alike in another split, without dismissed ones."""
    return int(fetch_value(project.db, _LEAKING, [finding]))


def answer_tallies(project: Project) -> dict[int, tuple[int, int]]:
    """How many images are yes and no, by label; labels without answers are missing."""
    rows = fetch_all(
        project.db,
        "SELECT label_id, sum(value), count(*) FROM answers GROUP BY label_id",
    )
    return {label_id: (yes, count - yes) for label_id, yes, count in rows}


def split_tallies(project: Project) -> dict[str | None, tuple[int, int]]:
    """Images and labelled images by split; None is those that have none."""
    rows = fetch_all(
        project.db,
        "SELECT split, count(*), sum(answered > 0) FROM images"
        " WHERE deleted_at IS NULL GROUP BY split",
    )
    return {split: (images, labelled) for split, images, labelled in rows}


def _ids(project: Project, sql: str, values: Iterable[Any]) -> list[int]:
    return [image_id for (image_id,) in fetch_all(project.db, sql, list(values))]
