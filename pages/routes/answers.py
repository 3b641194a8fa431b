"""How a route reads JSON and how it says no: a status and a sentence."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from mlcore.errors import MLError
from storage.errors import HomeError, ProjectError, StorageError

log = logging.getLogger("unseen")
JSON_LIMIT_BYTES = 4_000_000


class Refused(Exception):
    """A request a route does not accept: an HTTP status and a sentence.

    Programs read the `code`, where there is one, instead of the sentence.
    """

    def __init__(
        self,
        status: int,
        sentence: str,
        code: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(sentence)
        self.status = status
        self.code = code
        self.headers = headers

    @property
    def answer(self) -> JSONResponse:
        """What is answered."""
        content = {"error": str(self)} | ({"code": self.code} if self.code else {})
        return JSONResponse(content, status_code=self.status, headers=self.headers)


async def read_json(request: Request, limit_bytes: int = JSON_LIMIT_BYTES) -> Any:
    """Return the request's JSON body; Refused (400, 413) when it is none.

    `request_body` is counted while it arrives: Content-Length may lie or be absent.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit_bytes:
            raise Refused(413, f"The request is larger than {limit_bytes:,} bytes.")
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refused(400, f"The request is not JSON: {error}.") from error


async def refuse(_request: Request, error: Exception) -> Response:
    """Turn an error raised on purpose into {"error": sentence}."""
    if isinstance(error, Refused):
        return error.answer
    return JSONResponse({"error": str(error)}, status_code=_status_of(error))


async def refuse_bug(_request: Request, error: Exception) -> Response:
    """Log what nobody expected and answer 500 without its details."""
    log.error("a route failed", exc_info=error)
    sentence = "Something went wrong on the server; its log says what."
    return Refused(500, sentence, "server_error").answer


def _status_of(error: Exception) -> int:
    if isinstance(error, HomeError):
        return 507
    return 404 if isinstance(error, ProjectError) else 400


HANDLERS = {Refused: refuse, StorageError: refuse, MLError: refuse, 500: refuse_bug}
