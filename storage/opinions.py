"""Double labeling: some images are answered by two people who do not see each other.

Which ones is decided by their content, so it is the same share for everybody. The
first person's answers count at once. A second person's are kept beside them: where
the two differ, somebody resolves it. A batch of opinions is one history row.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from storage.answers import (
    answer_many,
    answers_of,
    labels_to_complete,
    widen_answers,
)
from storage.batches import find_batch, live_image_ids, open_batch, record_rows
from storage.database import fetch_all, immediate, now_text, run_sql
from storage.dismissal_rows import record_dismissal
from storage.opinion_rows import Values, read_opinions, write_opinions
from storage.project_settings import read_setting
from storage.projects import Project

SHARE = "double_share"
_RESOLVED = "second opinion"
_DOUBLED = """
    SELECT image_id FROM images WHERE deleted_at IS NULL AND sha256 < ?
    AND image_id IN (SELECT value FROM json_each(?))
"""
# Two people have spoken, on some label against each other, and nobody settled it.
_DISPUTED = """
    SELECT DISTINCT mine.image_id FROM opinions AS mine
    JOIN opinions AS other ON other.image_id = mine.image_id
        AND other.label_id = mine.label_id AND other.who > mine.who
    JOIN images ON images.image_id = mine.image_id AND deleted_at IS NULL
    JOIN labels ON labels.label_id = mine.label_id AND labels.gone = 0
    LEFT JOIN dismissed_findings AS settled
        ON settled.image_id = mine.image_id AND finding = ?
    WHERE other.value <> mine.value
        AND (settled.at IS NULL OR settled.at < max(mine.at, other.at))
    ORDER BY mine.image_id
"""
# Acts on labels answer by rule: who added one has not looked at the pictures.
_PRESENT = """
    INSERT INTO opinions (image_id, label_id, who, value, at)
    SELECT image_id, answers.label_id, who, value, ? FROM answers
    JOIN images USING (image_id)
    JOIN (SELECT image_id, max(batch_no) AS batch_no FROM history
          WHERE image_id IS NOT NULL AND label_id IS NOT NULL
          AND batch_no NOT IN (SELECT batch_no FROM history WHERE image_id IS NULL
              AND json_extract(detail, '$.table') = 'labels')
          GROUP BY image_id) USING (image_id)
    JOIN batches USING (batch_no)
    WHERE deleted_at IS NULL AND image_id NOT IN (SELECT image_id FROM opinions)
"""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one person said of one image: label ids with yes or no."""

    image_id: int
    who: str
    values: Values


def double_share(project: Project) -> float:
    """Which share of the images two people are to answer, 0 when switched off."""
    return float(read_setting(project, SHARE, 0.0))


def save_opinions(
    project: Project,
    image_ids: Collection[int],
    answers: Mapping[int, bool | None],
    *,
    who: str,
    batch_id: str,
    complete: bool | Collection[int] = False,
) -> int:
    """`answer_many`, but a second person's answers are kept beside the first's.

    Without double labeling it is `answer_many`. Returns how many images there were.
    """
    how: dict[str, Any] = {"who": who, "batch_id": batch_id, "complete": complete}
    with immediate(project.db) as db:
        doubled = _doubled_ids(db, image_ids, double_share(project))
        if not doubled or find_batch(db, batch_id) is not None:
            return answer_many(project, image_ids, answers, **how)
        second = _answered_by_others(db, doubled, who)
        first = [i for i in live_image_ids(db, image_ids) if i not in second]
        wanted = _second_values(project, second, answers, who, complete)
        if first:
            answer_many(project, first, answers, **how)
            known = answers_of(project, [i for i in first if i in doubled])
            wanted.update({image_id: dict(said) for image_id, said in known.items()})
        batch_no = find_batch(db, batch_id) or open_batch(
            db, batch_id=batch_id, who=who, action="answer"
        )
        assert batch_no is not None  # looked for above, in this transaction
        detail = write_opinions(db, who, wanted)
        record_rows(db, batch_no, [(None, detail)] if detail else [])
    return len(first) + len(second)


def answers_for(
    project: Project, image_ids: Collection[int], who: str
) -> dict[int, Values]:
    """What this person is to see: `answers_of`, but not what others said of an image
    on which their own opinion is wanted.
    """
    found = answers_of(project, image_ids)
    share = double_share(project)
    if not share:
        return found
    doubled = _doubled_ids(project.db, image_ids, share)
    blind = _answered_by_others(project.db, doubled, who) - _settled(project.db)
    own = read_opinions(project.db, blind, who)
    return found | {image_id: own.get(image_id, {}) for image_id in blind}


def second_wanted(
    project: Project, who: str, image_ids: Iterable[int] | None = None
) -> list[int]:
    """Images one other person has answered and this one has not, oldest first; only
    of those named, if any are."""
    rule, values = "", [_sha_below(double_share(project))]
    if image_ids is not None:
        rule = "AND image_id IN (SELECT value FROM json_each(?))"
        values.append(json.dumps(list(image_ids)))
    rows = fetch_all(
        project.db,
        "SELECT image_id FROM opinions JOIN images USING (image_id)"
        f" WHERE deleted_at IS NULL AND sha256 < ? {rule} GROUP BY image_id"
        " HAVING count(DISTINCT who) = 1 AND max(who) <> ? ORDER BY image_id",
        [*values, who],
    )
    return [image_id for (image_id,) in rows]


def disputed_images(project: Project) -> list[int]:
    """Images on which two people disagree and which nobody has resolved since."""
    rows = fetch_all(project.db, _DISPUTED, [_RESOLVED])
    return [image_id for (image_id,) in rows]


def opinions_of(
    project: Project, image_ids: Iterable[int] | None = None
) -> list[Opinion]:
    """Everybody's opinions, by image and name; of all images when none are named."""
    rule, values = "", []
    if image_ids is not None:
        rule = "AND image_id IN (SELECT value FROM json_each(?))"
        values = [json.dumps(list(image_ids))]
    rows = fetch_all(
        project.db,
        "SELECT image_id, who, label_id, value FROM opinions"
        " JOIN labels USING (label_id) JOIN images USING (image_id)"
        f" WHERE gone = 0 AND deleted_at IS NULL {rule} ORDER BY image_id, who",
        values,
    )
    found: dict[tuple[int, str], Values] = {}
    for image_id, who, label_id, value in rows:
        found.setdefault((image_id, who), {})[label_id] = bool(value)
    return [Opinion(*key, said) for key, said in found.items()]


def resolve_image(
    project: Project,
    image_id: int,
    answers: Mapping[int, bool | None],
    *,
    who: str,
    batch_id: str,
) -> None:
    """Answer a disputed image for good; opinions given later open it again.

    So does an undo of this batch; a repeated batch_id changes nothing.
    """
    with immediate(project.db) as db:
        if find_batch(db, batch_id) is not None:
            return
        answer_many(project, [image_id], answers, who=who, batch_id=batch_id)
        batch_no = find_batch(db, batch_id)
        assert batch_no is not None  # answer_many has just opened it
        record_dismissal(db, batch_no, _RESOLVED, image_id, who)


def record_present_answers(project: Project) -> None:
    """Take the answers there are as opinions of who gave them last.

    Called when double labeling begins, so that a second person can start at once.
    """
    with immediate(project.db) as db:
        run_sql(db, _PRESENT, [now_text()])


def _sha_below(share: float) -> str:
    """The hash under which this share of all images lies."""
    return "g" if share >= 1 else f"{int(share * 16**8):08x}"


def _doubled_ids(db: Database, image_ids: Iterable[int], share: float) -> set[int]:
    if not share:
        return set()
    values = [_sha_below(share), json.dumps(list(image_ids))]
    return {image_id for (image_id,) in fetch_all(db, _DOUBLED, values)}


def _answered_by_others(db: Database, image_ids: Iterable[int], who: str) -> set[int]:
    """Those of the images on which somebody else spoke first."""
    rows = fetch_all(
        db,
        "SELECT DISTINCT image_id FROM opinions WHERE who <> ?"
        " AND image_id IN (SELECT value FROM json_each(?))",
        [who, json.dumps(list(image_ids))],
    )
    return {image_id for (image_id,) in rows}


def _settled(db: Database) -> set[int]:
    rows = fetch_all(
        db,
        "SELECT image_id FROM dismissed_findings WHERE finding = ?",
        [_RESOLVED],
    )
    return {image_id for (image_id,) in rows}


def _second_values(
    project: Project,
    image_ids: Collection[int],
    answers: Mapping[int, bool | None],
    who: str,
    complete: bool | Collection[int],
) -> dict[int, Values]:
    """What the second person says of each image, with what they said before."""
    own = read_opinions(project.db, image_ids, who)
    widened = widen_answers(project.db, answers)
    rest = labels_to_complete(project.db, complete)
    found = {}
    for image_id in image_ids:
        said = own.get(image_id, {})
        unnamed = {i: False for i in rest if i not in widened and i not in said}
        named = {i: bool(value) for i, value in widened.items() if value is not None}
        kept = {i: value for i, value in said.items() if i not in widened}
        found[image_id] = kept | unnamed | named
    return found
