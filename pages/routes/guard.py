"""The door: which requests come in at all, and what browsers may do with answers.

Pure ASGI, because Starlette's BaseHTTPMiddleware never sees websockets, and those
carry every click. Any web page a person visits can send requests to localhost, and
a foreign name can be pointed at 127.0.0.1; so the Host must be ours, a change must
come from our own page, and it must carry a header a foreign page cannot send.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import streamlit
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pages.routes.answers import Refused
from pages.routes.v1_door import TOKEN_PATHS, knock

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
LOCAL_HOSTS = {"localhost", "127.0.0.1", "::1"}
INLINE_SCRIPT = re.compile(rb"<script>(.*?)</script>", re.DOTALL)


class Guard:
    """ASGI middleware: refuses foreign requests and sets the security headers."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        try:
            refusal = reason_to_refuse(scope)
        except Refused as error:
            await error.answer(scope, receive, with_headers(send))
            return
        if refusal is None:
            await self.app(scope, receive, with_headers(send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": refusal})
        else:
            answer = JSONResponse({"error": refusal}, status_code=403)
            await answer(scope, receive, with_headers(send))


def reason_to_refuse(scope: Scope) -> str | None:
    """Return why this request must not come in, or None when it may.

    Raises Refused where a program asks without a token that is known.
    """
    headers = Headers(scope=scope)
    host = headers.get("host", "")
    if host_name(f"//{host}") not in allowed_hosts():
        return (
            f"This app does not answer to the name “{host}”. Open it as "
            "http://localhost, or name the host in UNSEEN_HOSTS."
        )
    if scope["type"] == "websocket" or scope["method"] not in SAFE_METHODS:
        origin = headers.get("origin")
        if origin is not None and origin.partition("://")[2] != host:
            return "This request comes from another web page."
    if scope["type"] == "http" and scope["method"] not in SAFE_METHODS:
        return reason_to_refuse_change(scope["path"], headers)
    return None


def host_name(address: str) -> str | None:
    """Return the name in an address, None when it is malformed (such as "//[")."""
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None


def reason_to_refuse_change(path: str, headers: Headers) -> str | None:
    """Return why a change through our own API is refused, or None."""
    if not path.startswith("/api/"):
        return None
    if path in TOKEN_PATHS:
        # A program has no page to come from, and no web page knows its token.
        knock(headers)
        return None
    if "origin" not in headers:
        return "A change must say which page it comes from (header Origin)."
    if headers.get("x-unseen") != "1":
        return "A change must carry the header X-Unseen: 1."
    return None


@cache
def allowed_hosts() -> frozenset[str]:
    """Return the names this app answers to: localhost and those in UNSEEN_HOSTS."""
    named = os.environ.get("UNSEEN_HOSTS", "").split(",")
    address = os.environ.get("UNSEEN_ADDRESS", "")
    extra = {name.strip().lower() for name in [*named, address] if name.strip()}
    return frozenset(LOCAL_HOSTS | extra)


def with_headers(send: Send) -> Send:
    """Return `send` that adds the security headers to every answer."""

    async def send_guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in security_headers().items():
                headers.setdefault(name, value)
        await send(message)

    return send_guarded


@cache
def security_headers() -> dict[str, str]:
    """Return the headers every answer carries."""
    return {
        "Content-Security-Policy": content_security_policy(),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }


def content_security_policy() -> str:
    """Return the policy under which Streamlit works and nothing calls out.

    `blob:` scripts are how Streamlit loads the code of a component; inline styles
    are how its widgets are styled. Its page holds one inline script, named here by
    hash, so that injected ones do not run.
    """
    scripts = " ".join(f"'sha256-{digest}'" for digest in inline_script_hashes())
    return "; ".join(
        [
            "default-src 'self'",
            f"script-src 'self' blob: {scripts}",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            # The camera's field reads its photo from a data: address.
            "connect-src 'self' data:",
            "worker-src 'self' blob:",
            "media-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        ]
    )


def inline_script_hashes() -> list[str]:
    """Return the base64 SHA-256 of each inline script of Streamlit's own page."""
    page = Path(streamlit.__file__).parent / "static" / "index.html"
    return [
        base64.b64encode(hashlib.sha256(code).digest()).decode()
        for code in INLINE_SCRIPT.findall(page.read_bytes())
    ]
