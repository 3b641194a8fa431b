"""What the scoring run says of each image: suggestions, never answers.

`image_scores` holds one row an image, `suggestions` one row for each label of its
reading. Rows of labels that are gone and of deleted images stay, so that an undo
brings them back; every question here leaves them out.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from storage.database import fetch_all, fetch_value, immediate, run_many, run_sql
from storage.errors import LabelError
from storage.label_sets import make_key, parse_key
from storage.project_settings import read_setting, write_setting
from storage.projects import Project

# Which run wrote last: cheaper than asking 100,000 rows.
RUN_SETTING = "scoring_run"
# SQLite joins at most 64 tables; nobody confirms longer combinations.
LABELS_AT_MOST = 12
_LARGEST_ID = 2**63 - 1
_LIVE_LABELS = "SELECT label_id FROM labels WHERE gone = 0"


@dataclass(frozen=True, slots=True)
class ImageScore:
    """What a run reads on one image; `reading` are label ids, ascending.

    `confidence` is of the whole reading, `uncertainty` of its least certain question
    (both 0 to 1). A picture that could not be read has no probabilities.
    """

    image_id: int
    run_id: str
    reading: tuple[int, ...]
    is_seen: bool
    confidence: float
    uncertainty: float
    probabilities: dict[int, float]


def put_scores(project: Project, run_id: str, scores: Sequence[ImageScore]) -> None:
    """Write what a run says of some images, replacing what was said of them before."""
    chosen = json.dumps([score.image_id for score in scores])
    with immediate(project.db) as db:
        # A run that was trained elsewhere may read labels that were never here.
        known = {row[0] for row in fetch_all(db, "SELECT label_id FROM labels")}
        run_sql(
            db,
            "DELETE FROM suggestions"
            " WHERE image_id IN (SELECT value FROM json_each(?))",
            [chosen],
        )
        run_many(
            db,
            "INSERT OR REPLACE INTO image_scores VALUES (?, ?, ?, ?, ?, ?, ?)",
            [_row_of(run_id, score) for score in scores],
        )
        run_many(
            db,
            "INSERT INTO suggestions (label_id, image_id, probability)"
            " VALUES (?, ?, ?)",
            [
                (label_id, score.image_id, score.probabilities.get(label_id, 0.0))
                for score in scores
                for label_id in score.reading
                if label_id in known
            ],
        )
        if scoring_run(project) != run_id:
            write_setting(project, RUN_SETTING, run_id)


def _row_of(run_id: str, score: ImageScore) -> tuple[int | str | float, ...]:
    return (
        score.image_id,
        run_id,
        make_key(score.reading),
        int(score.is_seen),
        float(score.confidence),
        float(score.uncertainty),
        json.dumps({str(i): round(p, 6) for i, p in score.probabilities.items()}),
    )


def scoring_run(project: Project) -> str | None:
    """The run whose scores are in the project, or come in just now; None without."""
    run_id = read_setting(project, RUN_SETTING, None)
    return None if run_id is None else str(run_id)


def scores_of(project: Project, image_ids: Collection[int]) -> dict[int, ImageScore]:
    """What is said of those of these images that are scored; gone labels left out."""
    rows = fetch_all(
        project.db,
        "SELECT image_id, run_id, reading, is_seen, confidence, uncertainty,"
        " probabilities FROM image_scores"
        " WHERE image_id IN (SELECT value FROM json_each(?))",
        [json.dumps(list(image_ids))],
    )
    live = _live_labels(project)
    return {row[0]: _as_score(row, live) for row in rows}


def _as_score(
    row: tuple[int, str, str, int, float, float, str], live: set[int]
) -> ImageScore:
    image_id, run_id, reading, is_seen, confidence, uncertainty, text = row
    said = {int(key): float(p) for key, p in json.loads(text).items()}
    return ImageScore(
        image_id=image_id,
        run_id=run_id,
        reading=tuple(i for i in parse_key(reading) if i in live),
        is_seen=bool(is_seen),
        confidence=confidence,
        uncertainty=uncertainty,
        probabilities={i: p for i, p in said.items() if i in live},
    )


def _live_labels(project: Project) -> set[int]:
    return {label_id for (label_id,) in fetch_all(project.db, _LIVE_LABELS)}


def unscored_ids(project: Project, run_id: str, limit: int) -> list[int]:
    """Images this run has not scored, those without any answer first."""
    rows = fetch_all(
        project.db,
        "SELECT image_id FROM images LEFT JOIN image_scores USING (image_id)"
        " WHERE deleted_at IS NULL AND run_id IS NOT ?"
        " ORDER BY answered > 0, image_id LIMIT ?",
        [run_id, limit],
    )
    return [image_id for (image_id,) in rows]


def count_unscored(project: Project, run_id: str) -> int:
    """How many images this run has not scored."""
    return int(
        fetch_value(
            project.db,
            "SELECT count(*) FROM images LEFT JOIN image_scores USING (image_id)"
            " WHERE deleted_at IS NULL AND run_id IS NOT ?",
            [run_id],
        )
    )


def suggested_images(
    project: Project,
    label_ids: Sequence[int],
    *,
    only_unlabelled: bool = True,
    offset: int = 0,
    limit: int = 60,
) -> list[tuple[int, float]]:
    """Images suggested for all of these labels, surest first, with the probability.

    Of several labels that is the product of theirs. `only_unlabelled` keeps images
    on which one of the labels is still unknown and none is answered no.
    """
    source, values, product = _suggested_sql(label_ids, only_unlabelled)
    rows = fetch_all(
        project.db,
        f"SELECT s0.image_id, {product} AS share {source}"
        " ORDER BY share DESC, s0.image_id LIMIT ? OFFSET ?",
        [*values, limit, offset],
    )
    return [(image_id, share) for image_id, share in rows]


def count_suggested(
    project: Project, label_ids: Sequence[int], *, only_unlabelled: bool = True
) -> int:
    """How many images `suggested_images` has in all."""
    source, values, _ = _suggested_sql(label_ids, only_unlabelled)
    return int(fetch_value(project.db, f"SELECT count(*) {source}", values))


def _suggested_sql(
    label_ids: Sequence[int], only_unlabelled: bool
) -> tuple[str, list[int], str]:
    """FROM and WHERE with their values, and the product of the probabilities."""
    wanted = sorted({min(label_id, _LARGEST_ID) for label_id in label_ids})
    if not 1 <= len(wanted) <= LABELS_AT_MOST:
        raise LabelError(
            f"Suggestions are asked for 1 to {LABELS_AT_MOST} labels, not for "
            f"{len(wanted)}. Choose some labels."
        )
    places = range(len(wanted))
    joins = " ".join(f"JOIN suggestions s{n} USING (image_id)" for n in places[1:])
    clauses = ["deleted_at IS NULL"]
    clauses += [f"s{n}.label_id = ?" for n in places]
    clauses += [f"s{n}.label_id IN ({_LIVE_LABELS})" for n in places]
    marks = ",".join("?" * len(wanted))
    if only_unlabelled:
        answered = (
            "FROM answers WHERE answers.image_id = s0.image_id"
            f" AND answers.label_id IN ({marks})"
        )
        clauses += [
            f"(SELECT count(*) {answered}) < {len(wanted)}",
            f"NOT EXISTS (SELECT 1 {answered} AND value = 0)",
        ]
    where = " AND ".join(clauses)
    source = f"FROM suggestions s0 {joins} JOIN images USING (image_id) WHERE {where}"
    repeats = 3 if only_unlabelled else 1
    return source, wanted * repeats, " * ".join(f"s{n}.probability" for n in places)


def suggestion_counts(project: Project) -> dict[int, int]:
    """How many images are suggested for each label and do not answer it yet."""
    rows = fetch_all(
        project.db,
        "SELECT label_id, count(*) FROM suggestions AS s JOIN images USING (image_id)"
        " JOIN labels USING (label_id)"
        " WHERE deleted_at IS NULL AND gone = 0 AND NOT EXISTS (SELECT 1 FROM answers"
        "  WHERE answers.image_id = s.image_id AND answers.label_id = s.label_id)"
        " GROUP BY label_id",
    )
    return dict(rows)


def suggested_sets(project: Project) -> list[tuple[str, int]]:
    """Each whole reading with its number of images, most frequent first.

    Images count while a label of the reading is unknown and none is answered no.
    """
    rows = fetch_all(
        project.db,
        "SELECT reading, count(*) FROM image_scores AS c JOIN images USING (image_id)"
        " WHERE deleted_at IS NULL AND reading <> ''"
        " AND EXISTS (SELECT 1 FROM suggestions AS s LEFT JOIN answers AS a"
        "  USING (image_id, label_id) WHERE s.image_id = c.image_id"
        f"  AND s.label_id IN ({_LIVE_LABELS}) AND a.value IS NULL)"
        " AND NOT EXISTS (SELECT 1 FROM suggestions AS s JOIN answers AS a"
        "  USING (image_id, label_id) WHERE s.image_id = c.image_id AND a.value = 0)"
        " GROUP BY reading",
    )
    live = _live_labels(project)
    counts: dict[str, int] = {}
    for reading, count in rows:
        key = make_key(i for i in parse_key(reading) if i in live)
        counts[key] = counts.get(key, 0) + count
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))
