"""The data folder of this machine: where it is, who uses it, its settings."""

import contextlib
import json
import os
import shutil
import time
import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from storage.errors import HomeError
from storage.file_locks import try_lock
from storage.files import explained_disk, write_durably

MINIMUM_FREE_BYTES = 64 * 2**20
_LEFT_BEHIND_S = 3600.0
_LIMITS: dict[str, tuple[int, int]] = {
    "max_image_bytes": (1024, 2**31),
    "max_image_pixels": (64, 1_000_000_000),
    "thin_below": (1, 1_000_000),
}


@dataclass(frozen=True, slots=True)
class Settings:
    """What a person may set for the whole data folder; validates itself.

    `thin_below` is the number of images under which a combination counts as
    thin; `name` is who is labelling here; `webhook_url` is told when a run ends;
    with `fetch_pictures` pictures to classify may be fetched from the web.
    """

    max_image_bytes: int = 25 * 2**20
    max_image_pixels: int = 64_000_000
    thin_below: int = 30
    name: str = ""
    webhook_url: str = ""
    fetch_pictures: bool = False

    def __post_init__(self) -> None:
        for key, (low, high) in _LIMITS.items():
            value = getattr(self, key)
            if type(value) is not int or not low <= value <= high:
                raise HomeError(
                    f"The setting {key} must be a whole number from {low:,} to "
                    f"{high:,}, but it is {value!r}."
                )
        if not isinstance(self.fetch_pictures, bool):
            raise HomeError("The setting fetch_pictures must be true or false.")
        if not isinstance(self.name, str) or len(self.name) > 100:
            raise HomeError("Your name must be text of at most 100 characters.")
        if not isinstance(self.webhook_url, str) or not _is_local(self.webhook_url):
            raise HomeError(
                "The address to tell when a run ends must be on this computer, such "
                "as http://127.0.0.1:9000/done or http://localhost:9000/done, but it "
                f"is {str(self.webhook_url)[:200]!r}. Nothing is sent elsewhere."
            )


def _is_local(url: str) -> bool:
    """Whether nothing leaves this computer by this address; empty is none at all."""
    if not url:
        return True
    try:
        parts = urlsplit(url)
        # port: a wrong one raises only when it is read
        is_plain = parts.port is None or parts.port > 0
    except ValueError:
        return False
    if len(url) > 500 or not url.isprintable() or any(c in url for c in " \\@"):
        return False
    hosts = ("127.0.0.1", "localhost", "::1")
    return is_plain and parts.scheme == "http" and parts.hostname in hosts


def home_dir() -> Path:
    """The data folder: UNSEEN_HOME, else ~/.unseen; it is not created."""
    wanted = os.environ.get("UNSEEN_HOME") or "~/.unseen"
    try:
        return Path(wanted).expanduser().absolute()
    except RuntimeError:
        raise HomeError(
            f"The data folder {wanted} names a user this computer does not know. "
            "Set UNSEEN_HOME to a full path."
        ) from None


def weights_dir() -> Path:
    """Where a person may put pretrained weights."""
    return home_dir() / "weights"


def prepare_home() -> Path:
    """Create the data folder and prove that it can be written."""
    home = home_dir()
    with explained_disk():
        try:
            home.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            raise HomeError(
                f"The data folder {home} cannot be made because a file is in its "
                "place. Move the file or set UNSEEN_HOME to another folder."
            ) from None
        except FileNotFoundError:
            raise HomeError(
                f"The data folder {home} cannot be made: there is no place for it. "
                "Set UNSEEN_HOME to another folder."
            ) from None
        _try_to_write(home)
    free = shutil.disk_usage(home).free
    if free < MINIMUM_FREE_BYTES:
        raise HomeError(
            f"The disk of {home} has only {free // 2**20} MB left; at least "
            f"{MINIMUM_FREE_BYTES // 2**20} MB are needed. Free some space."
        )
    return home


def _try_to_write(home: Path) -> None:
    probe = home / f".{uuid.uuid4().hex[:8]}.tmp"
    try:
        probe.write_bytes(b"probe")
    finally:
        with contextlib.suppress(OSError):
            probe.unlink(missing_ok=True)


@contextlib.contextmanager
def lock_home(port: int | None = None) -> Iterator[Path]:
    """Keep the data folder for one app; HomeError names the app that has it.

    The system drops the lock when the process ends, however it ends. What a
    crash left half-made here is swept away.
    """
    home = prepare_home()
    with explained_disk(), (home / ".lock").open("a+") as file:
        if not try_lock(file):
            file.seek(0)
            holder = file.read().strip() or "another process"
            raise HomeError(
                f"The data folder {home} is already used by another Unseen "
                f"({holder}). Use that one, or stop it first."
            )
        file.truncate(0)
        file.write(f"process {os.getpid()}" + (f", port {port}" if port else ""))
        file.flush()
        _sweep(home)
        yield home


def _sweep(home: Path) -> None:
    """Remove what a crash left behind; young entries may still be in use."""
    before = time.time() - _LEFT_BEHIND_S
    for path in [*home.glob(".new-*"), *home.glob(".*.tmp")]:
        with contextlib.suppress(OSError):
            if path.stat().st_mtime >= before:
                continue
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink()


def load_settings() -> Settings:
    """The saved settings, or the defaults when nothing was saved yet."""
    path = home_dir() / "settings.json"
    try:
        saved = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return Settings()
    except (ValueError, OSError) as error:
        raise HomeError(
            f"The settings in {path} cannot be read ({error}). Correct the file, "
            "or delete it to return to the defaults."
        ) from error
    return Settings(**_known_settings(saved, path))


def _known_settings(saved: Any, path: Path) -> dict[str, Any]:
    if not isinstance(saved, dict):
        raise HomeError(
            f"The settings in {path} must be a JSON object. Correct the file, or "
            "delete it to return to the defaults."
        )
    names = {field.name for field in fields(Settings)}
    return {key: value for key, value in saved.items() if key in names}


def save_settings(settings: Settings) -> None:
    """Write the settings; a reader sees the old ones or the new ones, whole."""
    text = json.dumps(asdict(settings), indent=2, ensure_ascii=False)
    write_durably(home_dir() / "settings.json", text.encode("utf-8"))
