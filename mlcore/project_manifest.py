"""What the zip of a project says of itself: every file with its size and SHA-256."""

import json
import re
from dataclasses import asdict, dataclass, field
from typing import Any

from mlcore.errors import BadArchive
from storage.migrations import latest_version

MANIFEST_NAME = "manifest.json"
DATABASE_NAME = "project.db"
LAYOUT_VERSION = 1
LIMIT_BYTES = 512 * 2**20
_SHA256 = re.compile(r"[0-9a-f]{64}")
# Only such names are packed and unpacked, so none can lead out of a project. Of runs
# only what is data: weights, tables, JSON and text; nothing that would be executed.
_PLACES = tuple(
    re.compile(pattern)
    for pattern in (
        r"project\.db",
        r"images/[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]{64}\.[a-z0-9]{1,8}",
        r"samples/[A-Za-z0-9][\w.-]{0,100}\.jpg",
        r"runs/r\d{4,9}-[a-z0-9-]{1,100}(/[A-Za-z0-9][\w-]{0,60}){0,2}"
        r"/[A-Za-z0-9][\w.-]{0,100}\.(json|parquet|h5|npz|txt|csv)",
    )
)


@dataclass(frozen=True, slots=True)
class PackedFile:
    """A file as it was packed."""

    sha256: str
    bytes: int


@dataclass(slots=True)
class Manifest:
    """The contents of a project's zip.

    `counts` are the rows of each table, `missing` pictures whose file was gone or
    damaged already when the project was packed; a damaged one is packed as it was.
    """

    name: str
    made_at: str
    data_version: int
    with_runs: bool
    counts: dict[str, int] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    files: dict[str, PackedFile] = field(default_factory=dict)

    def as_text(self) -> str:
        """The JSON text that `read_manifest` takes."""
        known = {"unseen_project": LAYOUT_VERSION, **asdict(self)}
        return json.dumps(known, ensure_ascii=False, indent=1)


def is_place(name: str) -> bool:
    """Whether a file of this name belongs into a project's zip."""
    return any(place.fullmatch(name) for place in _PLACES)


def read_manifest(text: bytes, shown: str) -> Manifest:
    """Return what a manifest says; `BadArchive` names what is wrong with it."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadArchive(
            f"“{shown}” is damaged: its {MANIFEST_NAME} is not JSON ({error})."
        ) from error
    if not isinstance(found, dict) or "unseen_project" not in found:
        raise BadArchive(not_a_project(shown))
    _refuse_newer(found, shown)
    try:
        return _as_manifest(found)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise BadArchive(
            f"“{shown}” is damaged: its {MANIFEST_NAME} lacks something or holds"
            f" something else there ({error}). Pack the project again."
        ) from error


def not_a_project(shown: str) -> str:
    """The sentence for a zip of something else."""
    return (
        f"“{shown}” is not a project packed by Unseen: it has no {MANIFEST_NAME} of"
        " ours. To bring in pictures, open a project and use Data."
    )


def _refuse_newer(found: dict[str, Any], shown: str) -> None:
    version = found.get("data_version")
    is_newer = isinstance(version, int) and version > latest_version()
    if found["unseen_project"] != LAYOUT_VERSION or is_newer:
        raise BadArchive(
            f"“{shown}” was packed by a newer version of Unseen (data version"
            f" {version}, this program knows {latest_version()}). Update the program"
            " to open it."
        )


def _as_manifest(found: dict[str, Any]) -> Manifest:
    files = {
        str(name): PackedFile(_checked_hash(row["sha256"]), _checked_size(row["bytes"]))
        for name, row in found["files"].items()
    }
    strange = [name for name in files if not is_place(name)]
    if strange or DATABASE_NAME not in files:
        named = f"“{strange[0][:100]}” is not" if strange else f"no {DATABASE_NAME} is"
        raise ValueError(f"{named} among the files of a project")
    return Manifest(
        name=str(found["name"]),
        made_at=str(found["made_at"]),
        data_version=_checked_size(found["data_version"]),
        with_runs=bool(found["with_runs"]),
        counts={str(key): _checked_size(n) for key, n in found["counts"].items()},
        missing=[str(name) for name in found["missing"]],
        files=files,
    )


def _checked_hash(value: object) -> str:
    if not isinstance(value, str) or not _SHA256.fullmatch(value):
        raise ValueError(f"{str(value)[:80]!r} is no SHA-256")
    return value


def _checked_size(value: object) -> int:
    if type(value) is not int or value < 0:
        raise ValueError(f"{str(value)[:80]!r} is no number from 0 on")
    return value
