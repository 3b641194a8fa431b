"""Bring pictures into a project, or say first what would happen.

A dry run and an import are the same pass over the files; they differ only in
the shelf that the verified pictures are put on.
"""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from mlcore.entries import Refused, short_name
from mlcore.errors import BadSource
from mlcore.group_naming import GroupProposal
from mlcore.import_answers import store_answers
from mlcore.import_forecast import foresee
from mlcore.import_groups import make_labels, propose_groups
from mlcore.import_names import Spelling, Stated
from mlcore.import_reading import Picture, Progress, read_batches
from mlcore.import_report import ImportPlan, ImportReport
from mlcore.import_splits import new_splits, store_splits
from mlcore.known_pictures import known_pictures, other_names
from mlcore.layouts import ImportOptions, Reading, Surroundings, read_layout
from mlcore.sources import Source, open_source
from storage.home import load_settings
from storage.image_aliases import add_aliases
from storage.images import add_images, known_hashes
from storage.labels import list_labels
from storage.projects import Project
from storage.records import NewImage

__all__ = [
    "GroupProposal",
    "ImportOptions",
    "ImportPlan",
    "ImportReport",
    "Refused",
    "plan_import",
    "run_import",
]
OnProgress = Callable[[int, int], None]
IsCancelled = Callable[[], bool]
SOURCE_LIMIT = 500


class Shelf(Protocol):
    """Where verified pictures go; returns ids and which contents are new."""

    keeps_data: bool

    def put(self, pictures: Sequence[Picture]) -> tuple[dict[str, int], set[str]]: ...


@dataclass(slots=True)
class _DryShelf:
    """Stores nothing: contents the project lacks get negative ids."""

    project: Project
    keeps_data: bool = False
    invented: dict[str, int] = field(default_factory=dict)

    def put(self, pictures: Sequence[Picture]) -> tuple[dict[str, int], set[str]]:
        hashes = {picture.verified.sha256 for picture in pictures}
        ids = known_hashes(self.project, hashes)
        fresh = hashes - ids.keys() - self.invented.keys()
        for sha256 in fresh:
            self.invented[sha256] = -len(self.invented) - 1
        seen = {x: self.invented[x] for x in hashes if x in self.invented}
        return ids | seen, fresh


@dataclass(slots=True)
class _ProjectShelf:
    """Stores pictures durably, a batch in one transaction."""

    project: Project
    who: str
    batch_id: str
    keeps_data: bool = True

    def put(self, pictures: Sequence[Picture]) -> tuple[dict[str, int], set[str]]:
        batch = [(_new_image(picture), picture.data) for picture in pictures]
        report = add_images(self.project, batch, who=self.who, batch_id=self.batch_id)
        ids = report.added | report.already
        self._remember_copies(pictures, ids, set(report.added))
        return ids, set(report.added)

    def _remember_copies(
        self, pictures: Sequence[Picture], ids: dict[str, int], fresh: set[str]
    ) -> None:
        """Keep the paths of pictures that were not stored under them."""
        copies = []
        for picture in pictures:
            sha256 = picture.verified.sha256
            if sha256 in fresh:
                fresh.discard(sha256)
            else:
                copies.append((ids[sha256], picture.entry.path[-SOURCE_LIMIT:]))
        if copies:
            add_aliases(self.project, copies)


def _new_image(picture: Picture) -> NewImage:
    verified = picture.verified
    return NewImage(
        sha256=verified.sha256,
        name=short_name(picture.entry),
        ext=verified.ext,
        width_px=verified.width_px,
        height_px=verified.height_px,
        size_bytes=picture.entry.size_bytes,
        source=picture.entry.path[-SOURCE_LIMIT:],
    )


@dataclass(slots=True)
class _Tally:
    """What a pass found: counts, refusals, what is stated, the splits of images."""

    said: Stated
    added: int = 0
    already_there: int = 0
    refused: list[Refused] = field(default_factory=list)
    fresh_ids: set[int] = field(default_factory=set)
    splits: dict[int, str] = field(default_factory=dict)

    def take(self, reading: Reading, key: str | int, image_id: int) -> None:
        """Note what the source says about one picture."""
        if key in reading.said:
            agrees = self.said.state(image_id, reading.said[key])
            if not agrees:
                reading.losses.note("copies", str(key))
        if key in reading.splits:
            self.splits.setdefault(image_id, reading.splits[key])


def plan_import(
    project: Project,
    source: Path,
    options: ImportOptions | None = None,
    *,
    on_progress: OnProgress | None = None,
    is_cancelled: IsCancelled | None = None,
) -> ImportPlan:
    """Read and verify everything as an import would; write nothing.

    Raises `BadSource`, `BadArchive` or `BadTable` when nothing at all can be read.
    """
    options = options or ImportOptions()
    progress = Progress(0, on_progress, is_cancelled)
    with open_source(Path(source)) as opened:
        reading = _understand(project, opened, options, progress)
        tally = _take_all(project, reading, _DryShelf(project), options, progress)
    return ImportPlan(**_common(project, opened, reading, tally, options, progress))


def run_import(
    project: Project,
    source: Path,
    options: ImportOptions | None = None,
    *,
    who: str,
    on_progress: OnProgress | None = None,
    is_cancelled: IsCancelled | None = None,
) -> ImportReport:
    """Store what is new and fill in unknown answers; one bad file stops nothing.

    Pictures are stored as they are read and answered at the end, so an import
    that was killed is completed by running it again. A cancelled one answers
    what it has stored. Raises as `plan_import` does.
    """
    options = options or ImportOptions()
    batch_id = uuid.uuid4().hex
    progress = Progress(0, on_progress, is_cancelled)
    with open_source(Path(source)) as opened:
        reading = _understand(project, opened, options, progress)
        shelf = _ProjectShelf(project, who, batch_id)
        tally = _take_all(project, reading, shelf, options, progress)
    common = _common(project, opened, reading, tally, options, progress)
    make_labels(project, common["new_labels"], common["groups"], who)
    store_answers(
        project,
        tally.said,
        overwrite=options.overwrite,
        who=who,
        batch_id=batch_id,
    )
    store_splits(project, tally.splits, who=who, batch_id=batch_id)
    return ImportReport(**common, batch_id=batch_id)


def _understand(
    project: Project, source: Source, options: ImportOptions, progress: Progress
) -> Reading:
    around = Surroundings(
        [label.name for label in list_labels(project)],
        partial(known_pictures, project),
        progress.goes_on,
        partial(other_names, project),
    )
    reading = read_layout(source, options, around)
    if not (reading.entries or reading.refused or source.refused or reading.matched):
        raise BadSource(f"“{source.name}” holds no pictures.")
    progress.total = len(reading.entries)
    return reading


def _take_all(
    project: Project,
    reading: Reading,
    shelf: Shelf,
    options: ImportOptions,
    progress: Progress,
) -> _Tally:
    spelling = Spelling.of(project, options.label_map)
    tally = _Tally(Stated(spelling, reading.vocabulary))
    settings = load_settings()
    batches = read_batches(
        reading.entries, settings, progress, keep_data=shelf.keeps_data
    )
    for batch in batches:
        tally.refused += [item for item in batch if isinstance(item, Refused)]
        pictures = [item for item in batch if isinstance(item, Picture)]
        if pictures:
            _take(pictures, shelf, reading, tally)
    if not progress.stops():
        for key in reading.said.keys() | reading.splits.keys():
            if isinstance(key, int):
                tally.take(reading, key, key)
    return tally


def _take(
    pictures: list[Picture], shelf: Shelf, reading: Reading, tally: _Tally
) -> None:
    ids, fresh = shelf.put(pictures)
    tally.added += len(fresh)
    tally.fresh_ids |= {ids[sha256] for sha256 in fresh}
    tally.already_there += len(pictures) - len(fresh)
    for picture in pictures:
        tally.take(reading, picture.entry.path, ids[picture.verified.sha256])


def _common(
    project: Project,
    source: Source,
    reading: Reading,
    tally: _Tally,
    options: ImportOptions,
    progress: Progress,
) -> dict[str, Any]:
    """The fields that a plan and a report share."""
    said = tally.said
    names = said.label_names()
    stated = set(said.statements.values())
    wanted, renamed = options.group_names, said.spelling.renamed
    groups = propose_groups(project, reading, stated, wanted, renamed)
    forecast = foresee(
        project,
        said,
        names,
        groups,
        fresh_ids=tally.fresh_ids,
        overwrite=options.overwrite,
    )
    return {
        "layout": reading.layout,
        "separator": reading.separator,
        "total": len(reading.entries),
        "count": tally.added,
        "already_there": tally.already_there,
        "refused": [*source.refused, *reading.refused, *tally.refused],
        "refused_more": reading.refused_more,
        "labels": names,
        "groups": forecast.groups,
        "new_labels": forecast.new_labels,
        "new_groups": forecast.new_groups,
        "unused": forecast.unused,
        "filled": forecast.filled,
        "known": forecast.known,
        "conflicts": forecast.conflicts + len(said.contradicted),
        "listed": forecast.listed,
        "matched": reading.matched,
        "splits": len(new_splits(project, tally.splits)),
        "open_questions": forecast.open_questions,
        "unknown": said.unknown(),
        "labels_here": said.spelling.here,
        "overwrites": options.overwrite,
        "cancelled": progress.cancelled,
        "losses": reading.losses.losses(),
        "unlabelled": said.count_unlabelled(tally.fresh_ids),
    }
