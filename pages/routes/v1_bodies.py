"""Pictures out of the body of a request: the body itself, or the parts of a form."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

from mlcore.prediction_service import Asked
from pages.parts.text import counted
from pages.routes.answers import Refused
from storage.home import load_settings

if TYPE_CHECKING:
    from starlette.types import Message

MOST_PICTURES = 64
REQUEST_BYTES = 128 * 2**20
RAW_NAME = "picture"


async def read_pictures(request: Request, most: int = MOST_PICTURES) -> list[Asked]:
    """Return the pictures of a request, undecoded; Refused (400, 413, 415)."""
    image_bytes = load_settings().max_image_bytes
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/x-www-form-urlencoded" and not request.headers.get(
        "x-name"
    ):
        # What curl calls the body of --data-binary unless it is told otherwise.
        kind = "application/octet-stream"
    if kind == "multipart/form-data":
        return await read_parts(limited(request, max(REQUEST_BYTES, image_bytes)), most)
    if kind and not kind.startswith("image/") and kind != "application/octet-stream":
        raise Refused(
            415,
            f"The body is {kind}; expected the bytes of one picture, or several as "
            "multipart/form-data.",
            "unsupported_type",
        )
    data = await read_body(limited(request, image_bytes))
    return [Asked(picture_name(request), data=data)]


def is_form(request: Request) -> bool:
    """Whether a request may hold several pictures, each with an answer of its own."""
    return request.headers.get("content-type", "").startswith("multipart/form-data")


def picture_name(request: Request) -> str:
    """Return what the one picture of a request is called: ?name=, else "picture"."""
    return unquote(request.query_params.get("name", ""))[:255] or RAW_NAME


def cut_off() -> Refused:
    """Return what nobody will read: the caller has gone."""
    return Refused(400, "The connection was lost in the middle.", "cut_off")


async def read_body(request: Request) -> bytes:
    """Return a body that is no form; Refused (400) when it is empty or cut off."""
    try:
        data = await request.body()
    except ClientDisconnect:
        raise Refused(
            400, "The connection was lost in the middle.", "cut_off"
        ) from None
    if not data:
        raise Refused(400, "The request holds no picture.", "no_picture")
    return data


async def read_parts(request: Request, most: int) -> list[Asked]:
    """Return the files of a form, in order; other fields are left alone."""
    try:
        async with request.form(max_files=most, max_fields=20) as form:
            files = [part for _, part in form.multi_items() if is_file(part)]
            found = [
                Asked((part.filename or RAW_NAME)[:255], data=await part.read())
                for part in files
                if isinstance(part, UploadFile)
            ]
    except ClientDisconnect:
        raise Refused(
            400, "The connection was lost in the middle.", "cut_off"
        ) from None
    except HTTPException as error:
        # What the parser of forms says is wrapped into one of these.
        raise refuse_form(error, most) from error
    if not found:
        raise Refused(
            400, "The form holds no file. Send each picture as a file.", "no_picture"
        )
    return found


def is_file(part: object) -> bool:
    """Whether a part of a form came as a file."""
    return isinstance(part, UploadFile)


def refuse_form(error: HTTPException, most: int) -> Refused:
    """Return what to answer to a form that cannot be read."""
    if "files" in error.detail:
        return Refused(
            413,
            f"A request may hold at most {counted(most, 'picture')}; send several.",
            "too_many_pictures",
        )
    return Refused(400, f"The form cannot be read: {error.detail}", "bad_form")


def limited(request: Request, most_bytes: int) -> Request:
    """Return the request so that reading it ends (413) above so many bytes."""
    sentence = f"The request is larger than {most_bytes / 2**20:,.0f} MB."
    too_large = Refused(413, sentence, "too_large")
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > most_bytes:
        raise too_large
    arrived = 0

    async def receive() -> Message:
        # Counted while it arrives: Content-Length may lie or be absent.
        nonlocal arrived
        message = await request.receive()
        arrived += len(message.get("body", b""))
        if arrived > most_bytes:
            raise too_large
        return message

    return Request(request.scope, receive)
