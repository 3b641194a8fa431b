"""Take a run away: its model as a zip, or the data it was trained on. No streamlit."""

import csv
import shutil
import zipfile
from pathlib import Path

from mlcore.errors import MLError
from mlcore.snapshot import Snapshot, load_snapshot
from storage import images, runs
from storage.projects import Project

FORMATS = ("model", "csv", "folder")
MODEL_FILES = (
    *("model.json", "weights.weights.h5", "heads.npz", "novelty.npz"),
    "snapshot.json",
)


class ExportError(MLError):
    """Something asked for cannot be exported; the message says why."""


def export_run(project: Project, run_id: str, export_format: str, out: Path) -> Path:
    """Write the run's model or data set to `out` and return that path.

    `model` is a zip of weights and their JSON description; `csv` is the frozen
    data set as `image_name,tags,split`; `folder` is that CSV with the pictures
    beside it. Raises `ExportError` where `out` exists or the run has no model.
    """
    if out.exists():
        raise ExportError(f"{out} exists already. Choose another name.")
    run = runs.get_run(project, run_id)
    folder = runs.run_dir(project, run.run_id)
    if export_format == "model":
        return _zip_model(folder, out)
    snapshot = load_snapshot(folder)
    if export_format == "csv":
        return _write_table(snapshot, out)
    return _copy_pictures(project, snapshot, out)


def _zip_model(folder: Path, out: Path) -> Path:
    present = [folder / name for name in MODEL_FILES if (folder / name).exists()]
    if folder / "model.json" not in present:
        raise ExportError(
            f"Run {folder.name} has no model yet. Wait until it has finished."
        )
    with zipfile.ZipFile(out, "x", zipfile.ZIP_DEFLATED) as archive:
        for path in present:
            archive.write(path, path.name)
    return out


def _write_table(snapshot: Snapshot, out: Path) -> Path:
    names = [label.name for label in snapshot.labels]
    with out.open("x", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["image_name", "tags", "split"])
        for row, answers in zip(snapshot.images.itertuples(), snapshot.y, strict=True):
            tags = [n for n, a in zip(names, answers, strict=True) if a == 1]
            table.writerow([f"{row.sha256}.{row.ext}", ";".join(tags), row.split])
    return out


def _copy_pictures(project: Project, snapshot: Snapshot, out: Path) -> Path:
    out.mkdir(parents=True)
    _write_table(snapshot, out / "labels.csv")
    for image_id in snapshot.images["image_id"]:
        image = images.get_image(project, int(image_id))
        source = images.image_path(project, image)
        shutil.copyfile(source, out / f"{image.sha256}.{image.ext}")
    return out
