"""The zip of an exported model: a folder with everything in it, and its manifest.

No TensorFlow. The importing side reads it in model_import.
"""

import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

from mlcore.export_outlet import member_of
from mlcore.model_about import ABOUT_NAME, KIND, VERSION, write_coverage, write_readme
from mlcore.model_formats import ModelFormat
from mlcore.model_json import HEADS_NAME, MODEL_NAME, WEIGHTS_NAME, encode
from mlcore.model_pictures import TestPicture
from mlcore.model_scripts import CHECK, write_predict
from mlcore.novelty import NOVELTY_NAME
from storage.files import digest_file

MANIFEST_NAME = "manifest.json"
EXPECTED_NAME = "test/expected.json"
RUN_FOLDER = "unseen"
# Numbers only: what was predicted, and which pictures trained, stays here.
RUN_FILES = (WEIGHTS_NAME, HEADS_NAME, NOVELTY_NAME)
# Weights hardly shrink; texts do.
PACKED_ENDINGS = (".json", ".csv", ".txt", ".py")


def write_texts(folder: Path, about: dict[str, Any], form: ModelFormat) -> None:
    """about.json, the table of combinations, the scripts and how to use them."""
    texts = {
        ABOUT_NAME: json.dumps(about, ensure_ascii=False, indent=1),
        "coverage.csv": write_coverage(about),
        "README.txt": write_readme(about, form.runtime.needs),
        "predict.py": write_predict(form.runtime),
        "check.py": CHECK,
    }
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8")


def write_pictures(
    folder: Path, pictures: list[TestPicture], expected: list[dict[str, Any]]
) -> None:
    """The test pictures, and what Unseen says of them."""
    (folder / "test").mkdir()
    for picture in pictures:
        (folder / picture.name).write_bytes(picture.data)
    text = json.dumps(expected, ensure_ascii=False, indent=1)
    (folder / EXPECTED_NAME).write_text(text, "utf-8")


def write_run(folder: Path, run_dir: Path, facts: dict[str, Any]) -> None:
    """The run's own weights and description, to be imported elsewhere."""
    (folder / RUN_FOLDER).mkdir()
    files = {name: facts["files"][name] for name in RUN_FILES if name in facts["files"]}
    for name in files:
        shutil.copyfile(run_dir / name, folder / RUN_FOLDER / name)
    # A path on this computer means nothing elsewhere, and is nobody's business.
    config = {**facts["config"], "weights_file": None}
    kept = {**facts, "files": files, "config": config}
    (folder / RUN_FOLDER / MODEL_NAME).write_bytes(encode(kept))


def pack(folder: Path, target: Path) -> None:
    """Zip a folder with a manifest of sizes and digests."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    names = {path.relative_to(folder).as_posix(): path for path in paths}
    manifest = {
        "format": KIND,
        "version": VERSION,
        "files": {name: _described(path) for name, path in names.items()},
    }
    with zipfile.ZipFile(target, "x") as archive:
        text = json.dumps(manifest, ensure_ascii=False, indent=1)
        archive.writestr(member_of(MANIFEST_NAME, zipfile.ZIP_DEFLATED), text)
        for name, path in names.items():
            is_text = path.suffix in PACKED_ENDINGS
            kind = zipfile.ZIP_DEFLATED if is_text else zipfile.ZIP_STORED
            with (
                path.open("rb") as file,
                archive.open(member_of(name, kind), "w", force_zip64=True) as member,
            ):
                shutil.copyfileobj(file, member)


def _described(path: Path) -> dict[str, Any]:
    return {"bytes": path.stat().st_size, "sha256": digest_file(path)}
