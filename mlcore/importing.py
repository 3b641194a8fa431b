"""Bring pictures into a project, or say first what would happen.

A dry run and an import are the same pass over the files; they differ only in
the shelf that the verified pictures are put on.
"""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from mlcore.entries import Refused, short_name
from mlcore.errors import BadSource
from mlcore.group_naming import GroupProposal, fold
from mlcore.import_answers import (
    Names,
    make_labels,
    propose_groups,
    store_answers,
)
from mlcore.import_forecast import foresee
from mlcore.import_reading import Picture, Progress, read_batches
from mlcore.import_report import ImportPlan, ImportReport
from mlcore.layouts import ImportOptions, Reading, read_layout
from mlcore.sources import Source, open_source
from storage.home import load_settings
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
        return report.added | report.already, set(report.added)


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
    """What a pass found: counts, refusals, and the names stated per image id."""

    added: int = 0
    already_there: int = 0
    refused: list[Refused] = field(default_factory=list)
    fresh_ids: set[int] = field(default_factory=set)
    statements: dict[int, Names] = field(default_factory=dict)
    contradicted: set[int] = field(default_factory=set)

    def state(self, image_id: int, names: Names) -> None:
        """Note what a file says; of two that differ on one picture the first counts."""
        first = self.statements.setdefault(image_id, names)
        if first is not names and set(map(fold, first)) != set(map(fold, names)):
            self.contradicted.add(image_id)

    def label_names(self) -> list[str]:
        """Every stated name once, sorted, in the spelling met first."""
        found: dict[str, str] = {}
        for names in sorted(set(self.statements.values())):
            for name in names:
                found.setdefault(fold(name), name)
        return [found[key] for key in sorted(found)]


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
    with open_source(Path(source)) as opened:
        reading = _understand(project, opened, options)
        progress = Progress(len(reading.entries), on_progress, is_cancelled)
        tally = _take_all(reading, _DryShelf(project), progress)
    common = _common(project, opened, reading, tally, options, progress)
    return ImportPlan(**common)


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
    with open_source(Path(source)) as opened:
        reading = _understand(project, opened, options)
        progress = Progress(len(reading.entries), on_progress, is_cancelled)
        tally = _take_all(reading, _ProjectShelf(project, who, batch_id), progress)
    common = _common(project, opened, reading, tally, options, progress)
    make_labels(project, common["new_labels"], common["groups"], who)
    store_answers(project, tally.statements, who=who, batch_id=batch_id)
    return ImportReport(**common, batch_id=batch_id)


def _understand(project: Project, source: Source, options: ImportOptions) -> Reading:
    known = [label.name for label in list_labels(project)]
    reading = read_layout(source, options, known)
    if not (reading.entries or reading.refused or source.refused):
        raise BadSource(f"“{source.name}” holds no pictures.")
    return reading


def _take_all(reading: Reading, shelf: Shelf, progress: Progress) -> _Tally:
    tally = _Tally()
    settings = load_settings()
    batches = read_batches(
        reading.entries, settings, progress, keep_data=shelf.keeps_data
    )
    for batch in batches:
        tally.refused += [item for item in batch if isinstance(item, Refused)]
        pictures = [item for item in batch if isinstance(item, Picture)]
        if pictures:
            _take(pictures, shelf, reading, tally)
    return tally


def _take(
    pictures: list[Picture], shelf: Shelf, reading: Reading, tally: _Tally
) -> None:
    ids, fresh = shelf.put(pictures)
    tally.added += len(fresh)
    tally.fresh_ids |= {ids[sha256] for sha256 in fresh}
    tally.already_there += len(pictures) - len(fresh)
    for picture in pictures:
        names = reading.names_of.get(picture.entry.path)
        if names:
            tally.state(ids[picture.verified.sha256], names)


def _common(
    project: Project,
    source: Source,
    reading: Reading,
    tally: _Tally,
    options: ImportOptions,
    progress: Progress,
) -> dict[str, Any]:
    """The fields that a plan and a report share."""
    stated = set(tally.statements.values())
    names = tally.label_names()
    groups = propose_groups(project, reading.layout, stated, options.group_names)
    forecast = foresee(project, tally.statements, names, groups, tally.fresh_ids)
    return {
        "layout": reading.layout,
        "separator": reading.separator,
        "total": len(reading.entries),
        "count": tally.added,
        "already_there": tally.already_there,
        "refused": [*source.refused, *reading.refused, *tally.refused],
        "labels": names,
        "groups": forecast.groups,
        "new_labels": forecast.new_labels,
        "new_groups": forecast.new_groups,
        "unused": forecast.unused,
        "filled": forecast.filled,
        "conflicts": forecast.conflicts + len(tally.contradicted),
        "cancelled": progress.cancelled,
    }
