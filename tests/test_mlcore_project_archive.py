"""A project as a zip and back: equal, or refused with words and nothing half-made."""

import hashlib
import json
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlite_utils import Database

from mlcore.archives import ENCRYPTED
from mlcore.errors import BadArchive, MLError
from mlcore.exporting import ExportError
from mlcore.project_archive import export_project
from mlcore.project_restore import import_project
from storage.answers import answer_many, answers_of, undo
from storage.errors import ProjectError, SchemaError, StorageError
from storage.home import home_dir
from storage.images import add_images, count_images, delete_images, list_image_ids
from storage.labels import create_labels, set_group
from storage.leases import renew_leases
from storage.projects import Project, create_project, open_project, project_names
from storage.records import NewImage
from storage.runs import claim_next, create_run, list_runs, run_dir

MakeImage = Callable[..., bytes]
Change = Callable[[dict[str, bytes]], dict[str, bytes]]


@pytest.fixture
def filled(project: Project, make_image: MakeImage) -> Project:
    """Five pictures (one deleted), answers, an undone batch, a lease, two runs."""
    batch = []
    for number in range(5):
        data = make_image((number, 9, 9))
        sha256 = hashlib.sha256(data).hexdigest()
        new = NewImage(sha256, f"{number}.png", "png", 16, 16, len(data), "test")
        batch.append((new, data))
    add_images(project, batch)
    set_group(project, "colour", ["red", "blue"], "exactly-one", who="me")
    (free,) = create_labels(project, ["hat"], who="me")
    ids = list_image_ids(project)
    answer_many(project, ids, {free.label_id: True}, who="me", batch_id="all")
    answer_many(project, ids[:2], {free.label_id: False}, who="me", batch_id="two")
    undo(project, who="me", request_id="back")
    delete_images(project, ids[-1:], who="me", batch_id="gone")
    renew_leases(project, "tab", "me", ids[:2])
    for recipe in ("simple", "vgg"):
        run = create_run(project, recipe=recipe, config={}, epochs_total=3)
        folder = run_dir(project, run.run_id)
        (folder / "checkpoints" / "epoch-0001").mkdir(parents=True)
        (folder / "checkpoints" / "epoch-0001" / "weights.npz").write_bytes(b"npz")
        (folder / "model.json").write_text("{}")
        (folder / "pixels.u8").write_bytes(b"large and made again")
        (folder / "code.pkl").write_bytes(b"never carried")
    return project


@pytest.fixture
def packed(filled: Project, tmp_path: Path) -> Path:
    target = tmp_path / "clothes.zip"
    report = export_project(filled, target)
    assert (report.images, report.runs, report.missing) == (5, 2, [])
    return target


def rows_of(project: Project, leave_out: set[str] = frozenset()) -> dict[str, list]:
    db: Database = project.db
    tables = set(db.table_names()) - leave_out
    return {table: list(db[table].rows) for table in tables}


def files_of(project: Project) -> dict[str, bytes]:
    return {
        path.relative_to(project.folder).as_posix(): path.read_bytes()
        for top in ("images", "runs")
        for path in sorted((project.folder / top).rglob("*"))
        if path.is_file() and path.suffix not in (".u8", ".pkl")
    }


def change(packed: Path, by: Change) -> Path:
    """Write the zip's members anew after a change to them."""
    with zipfile.ZipFile(packed) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(packed, "w") as archive:
        for name, data in by(members).items():
            archive.writestr(name, data)
    return packed


def promise(members: dict[str, bytes], name: str, data: bytes) -> dict[str, bytes]:
    """Put a file in and promise it in the manifest, as an attacker would."""
    manifest = json.loads(members["manifest.json"])
    digest = hashlib.sha256(data).hexdigest()
    manifest["files"][name] = {"sha256": digest, "bytes": len(data)}
    text = json.dumps(manifest).encode()
    return {**members, name: data, "manifest.json": text}


def with_database(members: dict[str, bytes], sql: str, folder: Path) -> dict:
    """Run SQL in the packed database, promised again."""
    path = folder / "changed.db"
    path.write_bytes(members["project.db"])
    db = Database(path)
    db.conn.executescript(sql)
    db.close()
    return promise(members, "project.db", path.read_bytes())


def refused(packed: Path, match: str, kind: type[Exception] = BadArchive) -> None:
    before = sorted(home_dir().iterdir())
    with pytest.raises(kind, match=match):
        import_project(packed, "other")
    assert sorted(home_dir().iterdir()) == before


def test_a_project_comes_back_equal_with_its_history_and_runs(
    filled: Project, packed: Path
) -> None:
    with import_project(packed) as back:
        assert back.name == "clothes 2"
        assert rows_of(back, {"leases", "runs"}) == rows_of(filled, {"leases", "runs"})
        assert files_of(back) == files_of(filled)
        assert list(back.db["leases"].rows) == []
        assert {run.state for run in list_runs(back)} == {"interrupted"}
        # History goes on: the deletion is taken back, and before it the answers.
        undo(back, who="me", batch_id="gone", request_id="more")
        assert count_images(back) == 5
        ids = list_image_ids(back)
        assert all(answers_of(back, ids)[i] for i in ids)
    assert {run.state for run in list_runs(filled)} == {"queued"}


def test_without_its_runs_a_project_is_small_and_numbers_go_on(
    filled: Project, tmp_path: Path
) -> None:
    export_project(filled, tmp_path / "a.zip", with_runs=False)
    with import_project(tmp_path / "a.zip", "data only") as back:
        leave_out = {"runs", "leases", "sqlite_sequence"}
        assert rows_of(back, leave_out) == rows_of(filled, leave_out)
        assert list_runs(back) == []
        run = create_run(back, recipe="vgg", config={}, epochs_total=1)
        assert run.number == 3


def test_packing_a_running_project_takes_one_moment_of_it(
    filled: Project, tmp_path: Path
) -> None:
    claim_next(filled)
    done: list[int] = []

    def label_meanwhile(count: int, total: int) -> None:
        done.append(count)
        create_labels(filled, [f"later {count}"], who="me")

    export_project(filled, tmp_path / "a.zip", on_progress=label_meanwhile)
    with import_project(tmp_path / "a.zip") as back:
        assert len(list(back.db["labels"].rows)) == 3
        assert {run.state for run in list_runs(back)} == {"interrupted"}
    assert done == list(range(1, len(done) + 1))


def test_lost_and_damaged_pictures_are_named_and_stop_nothing(
    filled: Project, tmp_path: Path
) -> None:
    lost, hurt = sorted(filled.folder.glob("images/*/*/*"))[:2]
    lost.unlink()
    hurt.write_bytes(b"other bytes")
    report = export_project(filled, tmp_path / "a.zip")
    assert sorted(Path(name).name for name in report.missing) == [lost.name, hurt.name]
    with import_project(tmp_path / "a.zip") as back:
        assert count_images(back) == 4


def test_a_cancelled_packing_or_opening_leaves_nothing(
    filled: Project, packed: Path, tmp_path: Path
) -> None:
    report = export_project(filled, tmp_path / "a.zip", is_cancelled=lambda: True)
    assert report.cancelled
    assert sorted(p.name for p in tmp_path.iterdir()) == ["clothes.zip", "home"]
    with pytest.raises(MLError, match="No project was made"):
        import_project(packed, is_cancelled=lambda: True)
    assert project_names() == ["clothes"]
    with pytest.raises(ExportError, match="exists already"):
        export_project(filled, packed)
    with pytest.raises(ProjectError, match="exists already"):
        import_project(packed, "CLOTHES")


@pytest.mark.parametrize(
    "name",
    [
        "../evil.txt",
        "/etc/evil",
        "images/../../evil.png",
        "runs/r0001-simple/model.pkl",
        "runs/r0001-simple/../../x.json",
        "images/aa/bb/" + "a" * 64 + ".png/../../../../x",
        "C:\\evil.txt",
    ],
)
def test_a_name_that_is_no_place_of_a_project_is_refused(
    packed: Path, name: str, tmp_path: Path
) -> None:
    change(packed, lambda members: promise(members, name, b"evil"))
    refused(packed, "among the files of a project")
    assert not list(tmp_path.rglob("*evil*"))


def test_files_and_manifest_must_agree(packed: Path) -> None:
    whole = packed.read_bytes()
    picture = next(n for n in zipfile.ZipFile(packed).namelist() if n[:3] == "ima")

    def damage(members: dict[str, bytes]) -> dict[str, bytes]:
        return {**members, picture: members[picture][::-1]}

    changes: list[tuple[Change, str]] = [
        (damage, "is damaged: it is not what was packed"),
        (lambda m: {n: d for n, d in m.items() if n != picture}, "do not agree"),
        (lambda m: {**m, "images/extra.png": b"x"}, "do not agree"),
        (lambda m: promise(m, picture, b"other"), "is not in its project file"),
        (lambda m: promise(m, "runs/r0009-x/a.json", b"{}"), "not in its project"),
        (lambda m: {n: d for n, d in m.items() if n[:3] != "man"}, "not a project"),
        (lambda m: {**m, "manifest.json": b"{"}, "not JSON"),
        (lambda m: {**m, "manifest.json": b"[]"}, "not a project"),
        (lambda m: {**m, "manifest.json": b'{"unseen_project": 1}'}, "lacks"),
        (
            lambda m: {**m, "manifest.json": b'{"unseen_project": 1, "files": []}'},
            "holds something else",
        ),
    ]
    for by, match in changes:
        packed.write_bytes(whole)
        refused(change(packed, by), match)


def test_a_cut_off_zip_or_another_file_is_refused(packed: Path) -> None:
    whole = packed.read_bytes()
    for data in (whole[: len(whole) // 2], whole[:-1], b"", b"text", whole[100:]):
        packed.write_bytes(data)
        refused(packed, "damaged|not a zip|cut off")


def test_links_locks_and_false_sizes_are_refused(packed: Path) -> None:
    with zipfile.ZipFile(packed) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    picture = next(name for name in members if name.startswith("images/"))
    for kind in ("link", "locked"):
        with zipfile.ZipFile(packed, "w") as archive:
            for name, data in members.items():
                info = zipfile.ZipInfo(name)
                if name == picture and kind == "link":
                    info.external_attr = (stat.S_IFLNK | 0o777) << 16
                archive.writestr(info, data)
                if name == picture and kind == "locked":
                    info.flag_bits |= ENCRYPTED
        refused(packed, "is a link, is locked")


def test_a_bomb_is_not_opened(packed: Path) -> None:
    zeros = bytes(600 * 2**20)
    with zipfile.ZipFile(packed) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    bomb = promise(members, "runs/r0001-simple/bomb.npz", zeros)
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, data in bomb.items():
            archive.writestr(name, data)
    refused(packed, "would unpack to")


@pytest.mark.parametrize(
    ("sql", "match"),
    [
        ("PRAGMA user_version = 999", "newer version"),
        ("CREATE TRIGGER evil AFTER INSERT ON labels BEGIN SELECT 1; END", "evil"),
        ("CREATE VIEW evil AS SELECT 1", "evil"),
        ("DROP TABLE image_facts", "image_facts"),
        ("ALTER TABLE labels ADD COLUMN evil TEXT", "labels"),
        ("UPDATE images SET ext = '../../x'", "which no version of Unseen writes"),
        ("UPDATE runs SET run_id = '../x' WHERE number = 1", "which no version"),
        ("INSERT INTO answers VALUES (999, 1, 1)", "belong to nothing"),
    ],
)
def test_a_database_that_is_not_ours_is_refused(
    packed: Path, tmp_path: Path, sql: str, match: str
) -> None:
    change(packed, lambda members: with_database(members, sql, tmp_path))
    refused(packed, match, SchemaError)


def test_a_damaged_database_or_a_newer_packer_is_refused(packed: Path) -> None:
    whole = packed.read_bytes()
    change(packed, lambda m: promise(m, "project.db", b"no database" * 99))
    refused(packed, "not a SQLite database", StorageError)
    for key in ("unseen_project", "data_version"):
        packed.write_bytes(whole)

        def newer(members: dict[str, bytes], key: str = key) -> dict[str, bytes]:
            manifest = json.loads(members["manifest.json"]) | {key: 99}
            return {**members, "manifest.json": json.dumps(manifest).encode()}

        refused(change(packed, newer), "newer version")


def test_an_empty_project_comes_back_too(home: Path, tmp_path: Path) -> None:
    with create_project("old") as project:
        export_project(project, tmp_path / "a.zip")
    with import_project(tmp_path / "a.zip", "new") as back:
        assert rows_of(back)["images"] == []
    with open_project("new") as again:
        assert count_images(again) == 0
