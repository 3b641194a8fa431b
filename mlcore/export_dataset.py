"""Take the pictures and their answers away, in the files of other tools."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from mlcore.annotations import FORMATS
from mlcore.entries import Refused
from mlcore.export_coco import write_coco
from mlcore.export_custom_vision import write_custom_vision
from mlcore.export_cvat import write_cvat
from mlcore.export_folders import (
    place_by_combination,
    place_by_split,
    write_imagefolder,
    write_nothing,
)
from mlcore.export_label_studio import write_label_studio
from mlcore.export_names import IMAGES
from mlcore.export_notes import Tally, notes_on
from mlcore.export_outlet import Outlet, open_outlet
from mlcore.export_rows import (
    Dataset,
    collect_dataset,
    name_pictures,
    place_pictures,
)
from mlcore.export_tables import write_columns, write_long, write_tags
from mlcore.exporting import ExportError
from storage.images import image_path, list_image_ids
from storage.projects import Project
from storage.records import Filter

OnProgress = Callable[[int, int], None]
IsCancelled = Callable[[], bool]


def _place_beside(dataset: Dataset) -> None:
    place_pictures(dataset, lambda row: f"{IMAGES}/")


WRITERS: dict[str, Callable[[Dataset, Outlet], None]] = {
    "label-studio": write_label_studio,
    "coco": write_coco,
    "cvat": write_cvat,
    "custom-vision": write_custom_vision,
    "imagefolder": write_imagefolder,
    "csv-tags": write_tags,
    "csv-columns": write_columns,
    "csv-long": write_long,
    "folders": write_nothing,
}
PLACERS: dict[str, Callable[[Dataset], None]] = {
    "imagefolder": place_by_split,
    "folders": place_by_combination,
}


@dataclass(frozen=True, slots=True)
class ExportChoice:
    """Which pictures, and whether their files come along."""

    filter: Filter = field(default_factory=Filter)
    with_images: bool = True


@dataclass(slots=True)
class ExportReport:
    """What was written. `skipped` are pictures whose file could not be read, `notes`
    say what the format cannot carry; a cancelled export leaves nothing behind."""

    images: int = 0
    labels: int = 0
    files: int = 0
    skipped: list[Refused] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    cancelled: bool = False

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class _Cancelled(Exception):
    """Ends an export from inside its outlet, which then leaves nothing behind."""


def export_dataset(
    project: Project,
    format_key: str,
    target: Path,
    choice: ExportChoice | None = None,
    *,
    on_progress: OnProgress | None = None,
    is_cancelled: IsCancelled | None = None,
) -> ExportReport:
    """Write the chosen pictures and answers to `target`, a zip if it is called so.

    Raises `ExportError` where `target` exists, nothing passes the filter, or the
    format cannot hold these labels.
    """
    choice = choice or ExportChoice()
    check_format(format_key, choice.with_images)
    dataset = collect_dataset(project, list_image_ids(project, choice.filter))
    if not dataset.image_ids:
        raise ExportError("No picture passes this choice, so nothing was written.")
    report = ExportReport(labels=len(dataset.labels))
    try:
        with open_outlet(target) as outlet:
            _write(dataset, format_key, outlet, choice, report)
            if choice.with_images:
                _copy_pictures(dataset, outlet, report, on_progress, is_cancelled)
            report.files = outlet.files
    except _Cancelled:
        return ExportReport(labels=report.labels, cancelled=True)
    return report


def check_format(format_key: str, with_images: bool) -> None:
    """Raise `ExportError` for a format we cannot write, or not without pictures."""
    if format_key not in WRITERS:
        raise ExportError(
            f"There is no format “{format_key}”. Choose one of {', '.join(WRITERS)}."
        )
    if not with_images and not FORMATS[format_key].file_name:
        raise ExportError(
            "Folders say their labels by the pictures in them, so they cannot be"
            " written without pictures."
        )


def _write(
    dataset: Dataset,
    format_key: str,
    outlet: Outlet,
    choice: ExportChoice,
    report: ExportReport,
) -> None:
    if choice.with_images:
        PLACERS.get(format_key, _place_beside)(dataset)
    else:
        name_pictures(dataset)
    WRITERS[format_key](dataset, outlet)
    tally = Tally()
    for row in dataset.rows():
        tally.count(row)
    report.images = tally.images
    report.notes = notes_on(format_key, dataset, tally)


def _copy_pictures(
    dataset: Dataset,
    outlet: Outlet,
    report: ExportReport,
    on_progress: OnProgress | None,
    is_cancelled: IsCancelled | None,
) -> None:
    total = len(dataset.image_ids)
    for row in dataset.rows():
        if is_cancelled is not None and is_cancelled():
            raise _Cancelled
        source = image_path(dataset.project, row.image)
        if source.is_file():
            outlet.add_file(row.path, source)
        else:
            reason = "Its file is missing in the data folder."
            report.skipped.append(Refused(row.path, reason))
        if on_progress is not None:
            on_progress(row.number, total)
