"""Who may use the HTTP API: whether it is on, its tokens, its limit.

A token is 256 random bits, so a plain SHA-256 of it tells nothing about it; the token
itself is shown once and kept nowhere.
"""

import contextlib
import hashlib
import hmac
import json
import os
import secrets
import threading
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from storage.database import now_text
from storage.errors import HomeError
from storage.files import explained_disk, sync_folder
from storage.home import home_dir

FILE_NAME = "api.json"
PREFIX = "unseen_"
LOWEST_LIMIT, HIGHEST_LIMIT = 1, 1_000_000
MOST_TOKENS = 100
_writing = threading.Lock()


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it is kept: `sha256` is the digest of what its owner has."""

    token_id: str
    name: str
    sha256: str
    made_at: str


@dataclass(frozen=True, slots=True)
class ApiAccess:
    """The settings of the API.

    `per_minute` pictures are answered a token; `default_model` is "project/run", used
    where a request names none, or "" for the best run of the only project.
    """

    is_on: bool = False
    per_minute: int = 6000
    default_model: str = ""
    tokens: tuple[Token, ...] = ()

    def find(self, secret: str) -> Token | None:
        """The token with this secret; takes equally long whichever it is."""
        digest = hashlib.sha256(secret.encode()).hexdigest()
        found = None
        for token in self.tokens:
            if hmac.compare_digest(token.sha256, digest):
                found = token
        return found


def load_access() -> ApiAccess:
    """The settings as they are saved; off, without tokens, where nothing is."""
    path = home_dir() / FILE_NAME
    try:
        return _read(json.loads(path.read_bytes()))
    except FileNotFoundError:
        return ApiAccess()
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise HomeError(
            f"The settings of the HTTP API in {path} cannot be read ({error}). Delete "
            "the file: the API is off then and has no tokens."
        ) from error


def switch_api(*, on: bool) -> None:
    """Switch the API on or off; the tokens stay."""
    with _writing:
        _save(replace(load_access(), is_on=on))


def change_access(*, per_minute: int, default_model: str) -> None:
    """Set the limit a token and the model that answers when none is named."""
    if not LOWEST_LIMIT <= per_minute <= HIGHEST_LIMIT:
        raise HomeError(
            f"The pictures a minute must be {LOWEST_LIMIT} to {HIGHEST_LIMIT:,}, not "
            f"{per_minute:,}."
        )
    with _writing:
        found = replace(load_access(), per_minute=per_minute)
        _save(replace(found, default_model=default_model))


def create_token(name: str) -> tuple[Token, str]:
    """Make a token; the second value is its secret, which is kept nowhere."""
    name = " ".join(name.split())
    if not 1 <= len(name) <= 60 or not name.isprintable():
        raise HomeError("Give the token a name of 1 to 60 characters.")
    secret = PREFIX + secrets.token_urlsafe(32)
    digest = hashlib.sha256(secret.encode()).hexdigest()
    token = Token(secrets.token_hex(4), name, digest, now_text())
    with _writing:
        access = load_access()
        if len(access.tokens) >= MOST_TOKENS:
            raise HomeError(f"There are {MOST_TOKENS} tokens already; revoke some.")
        _save(replace(access, tokens=(*access.tokens, token)))
    return token, secret


def revoke_token(token_id: str) -> None:
    """Forget a token: requests with it are refused from now on."""
    with _writing:
        access = load_access()
        kept = tuple(token for token in access.tokens if token.token_id != token_id)
        _save(replace(access, tokens=kept))


def _read(saved: Any) -> ApiAccess:
    tokens = tuple(
        Token(*(str(row[key]) for key in ("token_id", "name", "sha256", "made_at")))
        for row in saved["tokens"]
    )
    is_on, per_minute = saved["is_on"], int(saved["per_minute"])
    if type(is_on) is not bool or per_minute < LOWEST_LIMIT:
        raise ValueError("is_on must be true or false, per_minute a number")
    return ApiAccess(is_on, per_minute, str(saved["default_model"]), tokens)


def _save(access: ApiAccess) -> None:
    text = json.dumps(asdict(access), indent=2, ensure_ascii=False)
    _write_private(home_dir() / FILE_NAME, text.encode())


def _write_private(path: Path, data: bytes) -> None:
    """Write a file that only this user may read, whole or not at all."""
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    with explained_disk():
        try:
            flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY
            with os.fdopen(os.open(partial, flags, 0o600), "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(path)
            sync_folder(path.parent)
        finally:
            with contextlib.suppress(OSError):
                partial.unlink(missing_ok=True)
