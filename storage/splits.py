"""Which images train, validate or test, and the rows that training starts from."""

import json

from storage.database import fetch_all, immediate, run_sql
from storage.errors import ImageError
from storage.projects import Project

SPLITS = ("train", "validation", "test")
TrainingRow = tuple[int, str, str, str | None, dict[int, bool]]


def assign_splits(project: Project, splits: dict[int, str]) -> None:
    """Put images into train, validation or test; others keep theirs."""
    wrong = sorted(set(splits.values()) - set(SPLITS))
    if wrong:
        raise ImageError(f"A split is one of {', '.join(SPLITS)}, not {wrong[0]!r}.")
    with immediate(project.db) as db:
        for split in SPLITS:
            chosen = [i for i, assigned in splits.items() if assigned == split]
            run_sql(
                db,
                "UPDATE images SET split = ?"
                " WHERE image_id IN (SELECT value FROM json_each(?))",
                [split, json.dumps(chosen)],
            )


def splits_of(project: Project) -> dict[int, str | None]:
    """The split of every image; None when it was not assigned yet."""
    rows = fetch_all(
        project.db,
        "SELECT image_id, split FROM images WHERE deleted_at IS NULL ORDER BY image_id",
    )
    return dict(rows)


def training_rows(project: Project) -> list[TrainingRow]:
    """(image_id, sha256, ext, split, answers) of the labelled images, by image_id."""
    with project.db.atomic():  # one moment for both questions
        images = fetch_all(
            project.db,
            "SELECT image_id, sha256, ext, split FROM images"
            " WHERE answered > 0 AND deleted_at IS NULL ORDER BY image_id",
        )
        answers = fetch_all(
            project.db,
            "SELECT image_id, label_id, value FROM answers ORDER BY image_id",
        )
    known: dict[int, dict[int, bool]] = {row[0]: {} for row in images}
    for image_id, label_id, value in answers:
        known[image_id][label_id] = bool(value)
    return [(*row, known[row[0]]) for row in images]
