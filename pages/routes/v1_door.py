"""Who may ask the HTTP API: nobody while it is off, then whoever has a token."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages.routes.answers import Refused
from storage.api_access import ApiAccess, load_access
from storage.errors import HomeError

if TYPE_CHECKING:
    from starlette.datastructures import Headers

    from storage.api_access import Token

PREFIX = "/api/v1"
# Exactly these may be asked without coming from a page of the app (see guard).
TOKEN_PATHS = frozenset({f"{PREFIX}/classify", f"{PREFIX}/similar"})
HOW = {"WWW-Authenticate": 'Bearer realm="Unseen"'}


def open_door() -> ApiAccess:
    """Return the settings of the API; Refused (403) while it is off."""
    try:
        access = load_access()
    except HomeError as error:
        raise Refused(503, str(error), "api_unusable") from error
    if not access.is_on:
        raise Refused(403, "The HTTP API is off. Switch it on in Settings.", "api_off")
    return access


def knock(headers: Headers) -> tuple[ApiAccess, Token]:
    """Return the settings and the token of a request; Refused (403, 401) without."""
    access = open_door()
    scheme, _, secret = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise Refused(
            401,
            "A request must carry a token: Authorization: Bearer unseen_… "
            "Tokens are made in Settings.",
            "no_token",
            HOW,
        )
    token = access.find(secret.strip())
    if token is None:
        raise Refused(
            401,
            "This token is not known, or it was revoked. Make one in Settings.",
            "unknown_token",
            HOW,
        )
    return access, token
