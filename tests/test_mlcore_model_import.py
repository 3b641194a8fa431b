"""A model's zip in another project: it answers the same, nothing strange gets in."""

import hashlib
import io
import json
import shutil
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from made_models import CONVNET
from test_mlcore_model_export import make_run

from mlcore.dataset import fit_image
from mlcore.errors import BadArchive
from mlcore.evaluation import load_held_out
from mlcore.images import open_rgb
from mlcore.importing import ImportOptions, run_import
from mlcore.measured import MEASURED
from mlcore.measuring import measure_run
from mlcore.model_export import export_model
from mlcore.model_import import import_model
from mlcore.model_pictures import pick_pictures
from mlcore.model_steps import IMPORT_STEPS
from mlcore.prediction_service import usable_run_dir
from mlcore.readings import predict_one
from mlcore.training_view import view_of_model
from storage.groups import set_group
from storage.labels import create_labels, list_labels
from storage.projects import create_project
from storage.run_imports import IMPORTED
from storage.runs import get_run, list_runs

pytestmark = [
    pytest.mark.slow,
    # keras 3.15 with numpy 2.4, in its own save_weights.
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]
Files = dict[str, bytes]
WEIGHTS = "unseen/weights.weights.h5"


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The zip of a run with random numbers."""
    home = tmp_path_factory.mktemp("elsewhere")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("UNSEEN_HOME", str(home))
        with create_project("clothes") as project:
            run_id = make_run(project, CONVNET, metrics={"exact_match": 0.986})
            export_model(project, run_id, "onnx", home / "it.zip")
    return home / "it.zip"


def read_zip(path: Path) -> Files:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write_zip(path: Path, files: Files) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def agree(files: Files) -> Files:
    """The same files with a manifest that promises just them."""
    rows = {
        name: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for name, data in files.items()
        if name != "manifest.json"
    }
    manifest = json.loads(files["manifest.json"]) | {"files": rows}
    return {**files, "manifest.json": json.dumps(manifest).encode()}


def change_json(data: bytes, change: Callable[[Any], Any]) -> bytes:
    found = json.loads(data)
    change(found)
    return json.dumps(found).encode()


def test_it_becomes_a_run_that_answers_by_the_labels_of_its_new_project(
    packed: Path, home: Path
) -> None:
    from mlcore.model_files import load_model

    steps: list[int] = []
    with create_project("shop") as project:
        create_labels(project, ["plaid", "blue"], who="")
        set_group(project, "form", ["tall", "wide"], "exactly-one", who="")
        made = import_model(
            project, packed, on_progress=lambda done, total: steps.append(done)
        )
        assert made is not None and made.problem == "" and made.difference <= 1e-5
        assert made.pictures == 3 and steps == list(range(len(IMPORT_STEPS)))
        run = get_run(project, made.run_id)
        folder = usable_run_dir(project, made.run_id)
        own = {label.name: label.label_id for label in list_labels(project)}
        drawn = pick_pictures(project, made.run_id, 5)
        again = import_model(project, packed)
        assert again is not None and again.is_known and again.run_id == made.run_id
        assert again.labels == made.labels and len(list_runs(project)) == 1

    # It can be taken away again: pictures to prove that on are made up.
    assert len(drawn) == 3
    assert run.recipe == IMPORTED and run.is_usable
    assert run.message == (
        "Imported from clothes, r0001-fast; where it was trained: exact match 98.6 %"
    )
    for words in ("does not know “plaid”", "“red”, “round”", "which this project"):
        assert words in made.labels
    model = load_model(folder)
    ids = {row["name"]: row["label_id"] for row in model.model_json["labels"]}
    assert {n: ids[n] for n in own if n in ids} == {n: own[n] for n in own if n in ids}
    assert not {ids["red"], ids["round"], ids["striped"]} & set(own.values())
    with zipfile.ZipFile(packed) as archive:
        expected = json.loads(archive.read("test/expected.json"))[0]
        picture = fit_image(open_rgb(archive.read(expected["file"])), 16)
    (row,) = model.predict(picture[None])
    said = predict_one(view_of_model(model.model_json), row, home, "1")
    assert set(said.labels) == set(expected["labels"])
    assert said.probabilities == pytest.approx(expected["probabilities"], abs=1e-5)


def test_it_is_measured_on_pictures_that_carry_the_labels_it_gives(
    packed: Path, home: Path, tmp_path: Path
) -> None:
    """They are its own test pictures with its own answers: all of them are right."""
    lines = ["image_name,tags"]
    with zipfile.ZipFile(packed) as archive:
        for row in json.loads(archive.read("test/expected.json")):
            name = Path(row["file"]).name
            (tmp_path / name).write_bytes(archive.read(row["file"]))
            lines.append(f"{name},{' '.join(row['labels'])}")
    (tmp_path / "tags.csv").write_text("\n".join(lines))
    with create_project("own") as project:
        run_import(project, tmp_path, ImportOptions(), who="")
        made = import_model(project, packed)
        assert made is not None
        measured = measure_run(project, made.run_id)
        assert measured is not None and measured.images == 3
        held_out = load_held_out(project, made.run_id)
        assert held_out.split == MEASURED
        assert held_out.evaluate(held_out.set_to.limits).exact_match == 1.0


def with_link(files: Files) -> Files:
    buffer = io.BytesIO(files[WEIGHTS])
    with h5py.File(buffer, "a") as file:
        file["stolen"] = h5py.ExternalLink("/etc/passwd", "/")
    return agree(relist({**files, WEIGHTS: buffer.getvalue()}))


def with_bomb(files: Files) -> Files:
    buffer = io.BytesIO(files[WEIGHTS])
    with h5py.File(buffer, "a") as file:
        file.create_dataset("huge", (2**36,), "f4", chunks=(2**20,), compression="gzip")
    return agree(relist({**files, WEIGHTS: buffer.getvalue()}))


def relist(files: Files) -> Files:
    """The same with the digest of the weights in its model.json."""
    digest = hashlib.sha256(files[WEIGHTS]).hexdigest()

    def change(facts: Any) -> None:
        facts["files"]["weights.weights.h5"] = digest

    return {
        **files,
        "unseen/model.json": change_json(files["unseen/model.json"], change),
    }


def changed(name: str, data: bytes) -> Callable[[Files], Files]:
    return lambda files: {**files, name: data}


def added(name: str) -> Callable[[Files], Files]:
    return lambda files: agree({**files, name: b"import os"})


def edited(name: str, change: Callable[[Any], Any]) -> Callable[[Files], Files]:
    return lambda files: agree({**files, name: change_json(files[name], change)})


STRANGE: dict[str, tuple[Callable[[Files], Files], str]] = {
    "script": (changed("predict.py", b"evil"), "“predict.py” in the zip"),
    "weights": (
        lambda f: {**f, WEIGHTS: b"x" * len(f[WEIGHTS])},
        r"“unseen/weights\.weights\.h5” in the zip was changed",
    ),
    "unlisted": (changed("more.py", b"evil"), "“more.py” is in the zip or"),
    "missing": (
        lambda f: {name: d for name, d in f.items() if name != "README.txt"},
        "“README.txt” is in the zip or",
    ),
    "climbing": (added("../../evil.py"), "is no name for a file"),
    "absolute": (added("/etc/evil"), "is no name for a file"),
    "backslash": (added("unseen\\..\\evil"), "is no name for a file"),
    "guest": (added("unseen/evil.py"), r"evil\.py is no file of this model"),
    "version": (
        edited("manifest.json", lambda m: m.update(version=9)),
        "another version of Unseen",
    ),
    "network": (
        edited("unseen/model.json", lambda m: m.update(architecture="lambda")),
        "unknown network 'lambda'",
    ),
    "settings": (
        edited("unseen/model.json", lambda m: m["config"].update(head_units=10**9)),
        "cannot be used",
    ),
    "labels": (
        edited("unseen/model.json", lambda m: m["labels"][0].update(name=["red"])),
        "cannot be|has no labels",
    ),
    "picture": (
        edited("test/expected.json", lambda m: m[0].update(file="../../../etc/passwd")),
        "cannot answer its own test pictures",
    ),
    "answers": (
        edited(
            "test/expected.json",
            lambda m: m[0]["probabilities"].update(red=0.123, blue=0.877),
        ),
        "does not answer its own test pictures",
    ),
    "link": (with_link, "stolen is a link"),
    "bomb": (with_bomb, r"weights\.weights\.h5 would unfold to gigabytes"),
    "other zip": (lambda f: {"a.jpg": b"x"}, "is not a model taken away from Unseen"),
}


@pytest.mark.parametrize("kind", STRANGE)
def test_a_zip_that_is_not_as_promised_is_refused_by_the_name_of_the_file(
    kind: str, packed: Path, home: Path
) -> None:
    change, words = STRANGE[kind]
    bad = write_zip(home / "bad.zip", change(read_zip(packed)))
    with create_project("shop") as project:
        with pytest.raises(BadArchive, match=words):
            import_model(project, bad)
        assert list_runs(project) == []
        left = [path.name for path in project.folder.iterdir() if path.is_dir()]
    assert not [name for name in left if name.startswith(".model")]


def test_links_bombs_and_cut_off_zips_are_refused(packed: Path, home: Path) -> None:
    files = read_zip(packed)
    linked, bomb, cut = home / "linked.zip", home / "bomb.zip", home / "cut.zip"
    with zipfile.ZipFile(linked, "w") as archive:
        for name, data in files.items():
            info = zipfile.ZipInfo(name)
            if name == "README.txt":
                info.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(info, data)
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
        with archive.open("zeros", "w") as member:
            for _ in range(600):
                member.write(bytes(2**20))
    shutil.copy(packed, cut)
    with cut.open("r+b") as file:
        file.truncate(cut.stat().st_size - 1000)
    with create_project("shop") as project:
        for path, words in (
            (linked, "“README.txt” in the zip is a link"),
            (bomb, "would unpack to"),
            (cut, "is not a zip, or is damaged"),
        ):
            with pytest.raises(BadArchive, match=words):
                import_model(project, path)
        assert import_model(project, packed, is_cancelled=lambda: True) is None
        assert list_runs(project) == []


def test_numbers_packed_in_an_archive_of_arrays_are_refused(tmp_path: Path) -> None:
    from mlcore.errors import PredictionError
    from mlcore.model_numbers import check_numbers

    folder = tmp_path / "unseen"
    folder.mkdir()
    np.savez_compressed(folder / "heads.npz", weights0=np.zeros(10**6))
    digest = hashlib.sha256((folder / "heads.npz").read_bytes()).hexdigest()
    (folder / "model.json").write_text("{}")
    facts = {
        "architecture": "features",
        "files": {"heads.npz": digest},
        "labels": [{"name": "red"}],
    }
    with pytest.raises(PredictionError, match=r"heads\.npz is packed"):
        check_numbers(folder, facts)
