"""Projects: one folder each, holding project.db and its files."""

import shutil
import struct
import time
import unicodedata
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from sqlite_utils import Database

from storage.database import DatabaseError, connect, explained, fetch_one, fetch_value
from storage.errors import ProjectError, SchemaError, StorageError
from storage.files import explained_disk
from storage.home import home_dir, prepare_home
from storage.migrations import migrate, refuse_newer

MAX_NAME_CHARACTERS = 60
_ALIVE_S = 60.0
_HEADER = b"SQLite format 3\0"


@dataclass(frozen=True, slots=True)
class Project:
    """An open project; use it in one thread, and close it with `with`."""

    name: str
    folder: Path
    db: Database

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.db.close()
        if isinstance(error, DatabaseError):
            with explained():
                raise error


@dataclass(frozen=True, slots=True)
class ProjectSummary:
    """One line of the list of projects; `problem` says why it cannot be opened."""

    name: str
    images: int
    labelled: int
    labels: int
    runs: int
    folder: Path
    problem: str = ""


def images_dir(project: Project) -> Path:
    """Where the originals lie, by content hash."""
    return project.folder / "images"


def thumbs_dir(project: Project) -> Path:
    """Where derived pictures lie; may be emptied at any time."""
    return project.folder / "thumbs"


def runs_dir(project: Project) -> Path:
    """Where each run has its folder."""
    return project.folder / "runs"


class Place(Protocol):
    """What uploads can wait in: a project, or the data folder's own place."""

    @property
    def folder(self) -> Path: ...


@dataclass(frozen=True, slots=True)
class Incoming:
    """Where packed projects arrive: they belong to no project yet."""

    folder: Path


# No project can be named so.
INCOMING_NAME = ".incoming"


def incoming() -> Incoming:
    """The data folder's place for zips of whole projects on their way in."""
    return Incoming(home_dir() / INCOMING_NAME)


def uploads_dir(place: Place) -> Path:
    """Where uploads wait until they are imported."""
    return place.folder / "uploads"


def clean_project_name(name: str) -> str:
    """The name as it will be stored; ProjectError says what is not allowed."""
    cleaned = unicodedata.normalize("NFC", name).strip()
    if not 1 <= len(cleaned) <= MAX_NAME_CHARACTERS:
        raise ProjectError(
            f"A project name has 1 to {MAX_NAME_CHARACTERS} characters, but this "
            f"one has {len(cleaned)}."
        )
    bad = sorted({c for c in cleaned if not (c.isalnum() or c in " -_")})
    if bad or cleaned != " ".join(cleaned.split()):
        raise ProjectError(
            f"The project name {cleaned!r} may hold only letters, digits, single "
            "spaces, - and _. Choose another name."
        )
    return cleaned


def create_project(name: str) -> Project:
    """Make an empty project and open it; it appears only when it is complete."""
    cleaned = clean_project_name(name)
    home = prepare_home()
    refuse_taken(home, cleaned)
    draft = home / f".new-{uuid.uuid4().hex}"
    with explained_disk():
        draft.mkdir()
        try:
            with _opened(cleaned, draft):
                pass
            for folder in ("images", "thumbs", "runs", "uploads"):
                (draft / folder).mkdir()
            draft.rename(home / cleaned)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            if (home / cleaned).exists():
                raise _taken(cleaned) from None
            raise
    return open_project(cleaned)


def refuse_taken(home: Path, name: str) -> None:
    folders = {entry.name.casefold() for entry in home.iterdir()}
    if name.casefold() in folders:
        raise _taken(name)


def _taken(name: str) -> ProjectError:
    return ProjectError(
        f"A project or folder named {name!r} exists already. Choose another name."
    )


def open_project(name: str) -> Project:
    """Open a project, bringing its schema up to date.

    Raises SchemaError, with the file untouched, when it is damaged or newer.
    """
    cleaned = clean_project_name(name)
    folder = home_dir() / cleaned
    if not (folder / "project.db").is_file():
        raise ProjectError(
            f"There is no project named {cleaned!r} in {home_dir()}. Create it, or "
            "choose one of the list."
        )
    with explained_disk():
        check_header(folder / "project.db")
    return _opened(cleaned, folder)


def check_header(path: Path) -> None:
    """Look at the first bytes only: opening a file may already change it."""
    with path.open("rb") as file:
        header = file.read(100)
    if len(header) < 100 or not header.startswith(_HEADER):
        raise SchemaError(
            f"The project file {path} is damaged: it is not a SQLite database. "
            "Nothing was changed; restore it from a backup."
        )
    # user_version is the big-endian number at byte 60 (sqlite.org/fileformat2)
    refuse_newer(struct.unpack(">I", header[60:64])[0])


def _opened(name: str, folder: Path) -> Project:
    db = connect(folder / "project.db")
    try:
        with explained():
            migrate(db)
    except BaseException:
        db.close()
        raise
    return Project(name, folder, db)


def list_projects() -> list[ProjectSummary]:
    """Every project, by name; a damaged one is listed with its problem."""
    return [_summarise(home_dir() / name) for name in project_names()]


def project_names() -> list[str]:
    """The names of all projects, sorted; looks at folders only."""
    folders = [path.parent.name for path in home_dir().glob("*/project.db")]
    visible = [name for name in folders if not name.startswith(".")]
    return sorted(visible, key=str.casefold)


def _summarise(folder: Path) -> ProjectSummary:
    try:
        with open_project(folder.name) as project:
            images, labelled, labels, runs = fetch_one(project.db, _COUNTS)
    except StorageError as error:
        return ProjectSummary(folder.name, 0, 0, 0, 0, folder, str(error))
    return ProjectSummary(folder.name, images, labelled, labels, runs, folder)


_COUNTS = """
    SELECT (SELECT count(*) FROM images WHERE deleted_at IS NULL),
        (SELECT count(*) FROM images WHERE answered > 0 AND deleted_at IS NULL),
        (SELECT count(*) FROM labels WHERE gone = 0),
        (SELECT count(*) FROM runs)
"""


def delete_project(name: str) -> Path:
    """Move a project to the trash of the data folder and say where it went."""
    cleaned = clean_project_name(name)
    folder = home_dir() / cleaned
    if not folder.is_dir():
        raise ProjectError(f"There is no project named {cleaned!r} to delete.")
    _refuse_while_training(cleaned)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
    target = home_dir() / ".trash" / f"{cleaned}-{stamp}"
    with explained_disk():
        target.parent.mkdir(exist_ok=True)
        folder.rename(target)
    return target


def _refuse_while_training(name: str) -> None:
    try:
        with open_project(name) as project:
            run_id = fetch_value(
                project.db,
                "SELECT run_id FROM runs WHERE state = 'running' AND heartbeat > ?",
                [time.time() - _ALIVE_S],
            )
    except (SchemaError, ProjectError):
        return  # a damaged project may be put away too
    if run_id:
        raise ProjectError(
            f"Run {run_id} of {name!r} is training. Stop it before you delete the "
            "project."
        )


def restore_project(trash_path: Path) -> str:
    """Bring a deleted project back under its old name, and return the name."""
    name = trash_path.name.rpartition("-")[0]
    if trash_path.parent != home_dir() / ".trash" or not trash_path.is_dir():
        raise ProjectError(f"{trash_path.name!r} is not in the trash any more.")
    refuse_taken(home_dir(), name)
    with explained_disk():
        trash_path.rename(home_dir() / name)
    return name
