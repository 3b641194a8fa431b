"""Images: durable files by content hash first, then their rows."""

import contextlib
import json
import time
import uuid
from collections.abc import Iterable, Sequence
from pathlib import Path

from sqlite_utils import Database

from storage.batches import live_image_ids, open_batch, remove_images, return_images
from storage.database import (
    fetch_all,
    fetch_one,
    fetch_value,
    immediate,
    now_text,
    run_many,
)
from storage.errors import ImageError
from storage.files import is_temporary, write_many_durably
from storage.image_filters import order_sql, where_sql
from storage.projects import Project, images_dir
from storage.records import AddReport, Filter, Image, NewImage, Progress

_COLUMNS = (
    "image_id, sha256, name, ext, width_px, height_px, size_bytes, added_at,"
    " source, split, set_key, answered"
)


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
    write_many_durably(
        (_place(project, new.sha256, new.ext), data)
        for new, data in news.values()
        if new.sha256 not in known
    )
    with immediate(project.db) as db:
        already = known_hashes(project, news)
        fresh = [new for key, (new, _) in news.items() if key not in already]
        added = _add_rows(db, fresh[::-1], who, batch_id or uuid.uuid4().hex)
    return AddReport(added=added, already=already)


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


def get_image(project: Project, image_id: int) -> Image:
    """One image; ImageError when it is unknown or deleted."""
    row = fetch_one(
        project.db,
        f"SELECT {_COLUMNS} FROM images WHERE image_id = ? AND deleted_at IS NULL",
        [image_id],
    )
    if row is None:
        raise ImageError(
            f"Image {image_id} is not in the project {project.name!r} (any more)."
        )
    return Image(*row)


def find_by_hash(project: Project, sha256: str) -> Image | None:
    """The image with this content, or None."""
    row = fetch_one(
        project.db,
        f"SELECT {_COLUMNS} FROM images WHERE sha256 = ? AND deleted_at IS NULL",
        [sha256],
    )
    return None if row is None else Image(*row)


def known_hashes(project: Project, hashes: Iterable[str]) -> dict[str, int]:
    """Image ids of those contents that the project has."""
    rows = fetch_all(
        project.db,
        "SELECT sha256, image_id FROM images WHERE deleted_at IS NULL"
        " AND sha256 IN (SELECT value FROM json_each(?)) ORDER BY image_id",
        [json.dumps(list(hashes))],
    )
    return dict(rows)


def list_images(
    project: Project,
    filter: Filter = Filter(),  # noqa: B008 - frozen
    *,
    offset: int = 0,
    limit: int = 60,
    order: str = "added",
) -> list[Image]:
    """A page of the images that pass the filter, ordered added, newest or name."""
    where, parameters = where_sql(project.db, filter)
    rows = fetch_all(
        project.db,
        f"SELECT {_COLUMNS} FROM images WHERE {where} ORDER BY {order_sql(order)}"
        " LIMIT ? OFFSET ?",
        [*parameters, limit, offset],
    )
    return [Image(*row) for row in rows]


def list_image_ids(
    project: Project,
    filter: Filter = Filter(),  # noqa: B008 - frozen
    order: str = "added",
) -> list[int]:
    """The ids of all images that pass the filter, in order."""
    where, parameters = where_sql(project.db, filter)
    rows = fetch_all(
        project.db,
        f"SELECT image_id FROM images WHERE {where} ORDER BY {order_sql(order)}",
        parameters,
    )
    return [image_id for (image_id,) in rows]


def count_images(
    project: Project,
    filter: Filter = Filter(),  # noqa: B008 - frozen
) -> int:
    """How many images pass the filter."""
    where, parameters = where_sql(project.db, filter)
    return int(
        fetch_value(
            project.db, f"SELECT count(*) FROM images WHERE {where}", parameters
        )
    )


def delete_images(
    project: Project, image_ids: Iterable[int], *, who: str, batch_id: str
) -> int:
    """Hide images and their answers until undone; returns how many went."""
    with immediate(project.db) as db:
        batch_no = open_batch(db, batch_id=batch_id, who=who, action="delete images")
        if batch_no is None:
            return 0
        live = live_image_ids(db, image_ids)
        remove_images(db, batch_no, live)
    return len(live)


def progress(project: Project) -> Progress:
    """Images in all, with an answer, and with every label answered."""
    rows = fetch_all(
        project.db,
        "SELECT answered, count(*) FROM images WHERE deleted_at IS NULL"
        " GROUP BY answered",
    )
    labels = fetch_value(project.db, "SELECT count(*) FROM labels WHERE gone = 0")
    return Progress(
        total=sum(count for _, count in rows),
        labelled=sum(count for answered, count in rows if answered),
        complete=sum(count for answered, count in rows if answered >= max(labels, 1)),
    )


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
