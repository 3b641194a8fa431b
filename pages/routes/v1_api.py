"""`/api/v1`: pictures in, labels out, for programs that carry a token."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial, wraps
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from mlcore.errors import MLError
from pages.routes.answers import Refused
from pages.routes.unknown import METHODS
from pages.routes.v1_batches import gatherer
from pages.routes.v1_bodies import is_form, read_pictures
from pages.routes.v1_door import PREFIX, TOKEN_PATHS, knock, open_door
from pages.routes.v1_limits import spend
from pages.routes.v1_models import choose_model, list_models
from pages.routes.v1_openapi import DOCUMENT
from pages.routes.v1_similar import limit_of, similar_to
from storage.errors import HomeError, ProjectError, RunError, StorageError

if TYPE_CHECKING:
    from starlette.requests import Request

    from mlcore.predictions import Prediction
    from storage.api_access import ApiAccess, Token

NO_STORE = {"Cache-Control": "no-store"}
Endpoint = Callable[["Request", "ApiAccess", "Token"], Awaitable[Any]]


PARAMETERS = {
    "classify": {"project", "run", "name"},
    "similar": {"project", "label", "limit", "name"},
    "models": set(),
}


def with_token(endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
    """Return the route of an endpoint that answers JSON, only to known tokens."""

    @wraps(endpoint)
    async def answer(request: Request) -> Response:
        access, token = knock(request.headers)
        spend(access, token, 1)
        check_parameters(request, PARAMETERS[endpoint.__name__])
        try:
            found = await endpoint(request, access, token)
        except (StorageError, MLError) as error:
            raise coded(error) from error
        return JSONResponse(found, headers=NO_STORE)

    return answer


def check_parameters(request: Request, known: set[str]) -> None:
    """Refuse (400) a parameter that means nothing: a mistyped one would go unseen."""
    for name in request.query_params:
        if name not in known:
            wanted = ", ".join(sorted(known)) or "none"
            raise Refused(
                400,
                f"There is no parameter “{name}”; there are: {wanted}.",
                "bad_query",
            )


def coded(error: StorageError | MLError) -> Refused:
    """Return the refusal a program can read for an error with a sentence."""
    if isinstance(error, ProjectError | RunError):
        return Refused(404, str(error), "not_found")
    if isinstance(error, HomeError):
        return Refused(507, str(error), "disk")
    if isinstance(error, StorageError):
        return Refused(400, str(error), "bad_query")
    return Refused(409, str(error), "model_unusable")


@with_token
async def classify(request: Request, access: ApiAccess, token: Token) -> Any:
    """`POST classify`: what a run reads in each picture, in order."""
    query = request.query_params
    wanted = partial(choose_model, access, query.get("project", ""))
    project, run_id, changed = await run_in_threadpool(wanted, query.get("run", ""))
    pictures = await read_pictures(request)
    if len(pictures) > 1:
        spend(access, token, len(pictures) - 1)
    found = await gatherer.classify(project, run_id, pictures)
    if found[0].error and not is_form(request):
        # A program that looks at the status only would take it for a sure nothing.
        raise Refused(415, found[0].error, "unsupported_type")
    return {
        "project": project,
        "run": run_id,
        "labels_changed": changed,
        "results": [as_result(one) for one in found],
    }


def as_result(found: Prediction) -> dict[str, Any]:
    """Return the JSON of `classify` on the command line, with a name for its path."""
    result = found.as_json()
    del result["path"]
    return {"name": found.name, "combination": found.combination, **result}


@with_token
async def similar(request: Request, access: ApiAccess, token: Token) -> Any:
    """`POST similar`: the pictures of a project most like the one sent."""
    query = request.query_params
    limit = limit_of(query.get("limit", ""))
    (picture,) = await read_pictures(request, most=1)
    return await run_in_threadpool(
        similar_to,
        access,
        query.get("project", ""),
        picture.data or b"",
        query.getlist("label"),
        limit,
    )


@with_token
async def models(_request: Request, _access: ApiAccess, _token: Token) -> Any:
    """`GET models`: every trained run."""
    return {"models": await run_in_threadpool(list_models)}


async def health(_request: Request) -> Response:
    """`GET health`: whether the API is on; needs no token."""
    open_door()
    return JSONResponse({"status": "ok"}, headers=NO_STORE)


async def openapi(_request: Request) -> Response:
    """`GET openapi.json`: what can be asked; needs no token."""
    open_door()
    return JSONResponse(DOCUMENT, headers=NO_STORE)


async def say_method(request: Request) -> Response:
    """Refuse another method than the one an address answers to."""
    way = "POST" if request.url.path in TOKEN_PATHS else "GET"
    sentence = f"{request.url.path} answers to {way}, not to {request.method}."
    raise Refused(405, sentence, "method", {"Allow": way})


PATHS = ("classify", "similar", "models", "health", "openapi.json")
ROUTES: list[BaseRoute] = [
    Route(f"{PREFIX}/classify", classify, methods=["POST"]),
    Route(f"{PREFIX}/similar", similar, methods=["POST"]),
    Route(f"{PREFIX}/models", models),
    Route(f"{PREFIX}/health", health),
    Route(f"{PREFIX}/openapi.json", openapi),
    *(Route(f"{PREFIX}/{path}", say_method, methods=METHODS) for path in PATHS),
]
