"""Adding pictures: durable files by content hash first, then their rows."""

import contextlib
import json
import time
import uuid
from collections.abc import Iterable, Sequence
from pathlib import Path

from sqlite_utils import Database

from storage.batches import open_batch, return_images
from storage.database import fetch_all, immediate, now_text, run_many, run_sql
from storage.files import is_temporary, write_many_durably
from storage.projects import Project, images_dir
from storage.records import AddReport, Image, NewImage


def add_images(
    project: Project,
    batch: Sequence[tuple[NewImage, bytes]],
    *,
    who: str = "",
    batch_id: str | None = None,
) -> AddReport:
    """Store pictures by content; the same content again is reported as already.

    The files are durable before the rows are written, so a crash leaves a file
    without a row at worst (see `sweep_orphans`). A deleted picture comes back.
    """
    news = {new.sha256: (new, data) for new, data in reversed(batch)}
    known = known_hashes(project, news)
    broken = _broken_ids(project, known.values())
    places = [
        (
            _place(project, new.sha256, new.ext),
            new.sha256 in known and known[new.sha256] not in broken,
            data,
        )
        for new, data in news.values()
    ]
    # A known picture whose file was lost or is damaged is healed on the way.
    write_many_durably(
        (path, data)
        for path, is_known, data in places
        if not (is_known and path.exists())
    )
    with immediate(project.db) as db:
        _forget_facts(db, broken)
        already = known_hashes(project, news)
        fresh = [new for key, (new, _) in news.items() if key not in already]
        added = _add_rows(db, fresh[::-1], who, batch_id or uuid.uuid4().hex)
    return AddReport(added=added, already=already)


def _broken_ids(project: Project, image_ids: Iterable[int]) -> set[int]:
    """Those whose stored file was found missing or damaged."""
    rows = fetch_all(
        project.db,
        "SELECT image_id FROM image_facts WHERE problem <> ''"
        " AND image_id IN (SELECT value FROM json_each(?)) ORDER BY image_id",
        [json.dumps(list(image_ids))],
    )
    return {image_id for (image_id,) in rows}


def _forget_facts(db: Database, image_ids: Iterable[int]) -> None:
    """Have images measured again."""
    run_sql(
        db,
        "DELETE FROM image_facts WHERE image_id IN (SELECT value FROM json_each(?))",
        [json.dumps(list(image_ids))],
    )


def _add_rows(
    db: Database, fresh: list[NewImage], who: str, batch_id: str
) -> dict[str, int]:
    if not fresh:
        return {}
    batch_no = open_batch(
        db, batch_id=batch_id, who=who, action="add images", kind="import"
    )
    assert batch_no is not None  # an import is never refused
    run_many(
        db,
        "INSERT INTO images (sha256, name, ext, width_px, height_px, size_bytes,"
        " source, added_at, deleted_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, '')"
        " ON CONFLICT (sha256) DO NOTHING",
        [(*_row_of(new), now_text()) for new in fresh],
    )
    ids = _ids_of(db, [new.sha256 for new in fresh])
    return_images(db, batch_no, ids.values())
    return ids


def _row_of(new: NewImage) -> tuple[str, str, str, int, int, int, str]:
    return (
        new.sha256,
        _storable(new.name),
        new.ext,
        new.width_px,
        new.height_px,
        new.size_bytes,
        _storable(new.source),
    )


def _storable(text: str) -> str:
    """Replace what is not Unicode: a file name of other bytes cannot be stored."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _ids_of(db: Database, hashes: Iterable[str]) -> dict[str, int]:
    rows = fetch_all(
        db,
        "SELECT sha256, image_id FROM images"
        " WHERE sha256 IN (SELECT value FROM json_each(?)) ORDER BY image_id",
        [json.dumps(list(hashes))],
    )
    return dict(rows)


def _place(project: Project, sha256: str, ext: str) -> Path:
    return images_dir(project) / sha256[:2] / sha256[2:4] / f"{sha256}.{ext}"


def image_path(project: Project, image: Image) -> Path:
    """Where the original lies."""
    return _place(project, image.sha256, image.ext)


def known_hashes(project: Project, hashes: Iterable[str]) -> dict[str, int]:
    """Image ids of those contents that the project has."""
    rows = fetch_all(
        project.db,
        "SELECT sha256, image_id FROM images WHERE deleted_at IS NULL"
        " AND sha256 IN (SELECT value FROM json_each(?)) ORDER BY image_id",
        [json.dumps(list(hashes))],
    )
    return dict(rows)


def sweep_orphans(project: Project, *, older_than_s: float = 3600.0) -> int:
    """Remove files without a row and unfinished temporary files; returns how many.

    Young files are left alone: another process may be about to write their rows.
    """
    known = {row[0] for row in fetch_all(project.db, "SELECT sha256 FROM images")}
    before = time.time() - older_than_s
    removed = 0
    for path in images_dir(project).glob("*/*/*"):
        with contextlib.suppress(FileNotFoundError):
            is_orphan = is_temporary(path) or path.stem not in known
            if is_orphan and path.stat().st_mtime < before:
                path.unlink()
                removed += 1
    return removed
