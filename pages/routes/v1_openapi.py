"""The OpenAPI 3.1 document of the HTTP API. `docs/api.md` says the same in words."""

from __future__ import annotations

from typing import Any

from pages.routes.v1_bodies import MOST_PICTURES
from pages.routes.v1_schemas import SCHEMAS
from pages.routes.v1_similar import MOST_SIMILAR

Json = dict[str, Any]
JSON = "application/json"
PICTURE: Json = {"type": "string", "format": "binary"}
FORM: Json = {
    "type": "object",
    "properties": {
        "images": {"type": "array", "items": PICTURE, "maxItems": MOST_PICTURES}
    },
}
REFUSALS = {
    "400": "The request cannot be understood.",
    "401": "There is no token, or it is not known (any more).",
    "403": "The API is off.",
    "404": "There is no such project, run or model.",
    "409": "The model cannot be used, or nothing was looked at yet.",
    "413": "The request, or the number of its pictures, is too large.",
    "415": "The body is neither a picture nor a form.",
    "422": "The picture cannot be compared.",
    "429": "The token's limit is reached; Retry-After says how many seconds to wait.",
    "503": "Too many pictures wait; Retry-After says when to come again.",
}


def parameter(name: str, about: str, kind: str = "string") -> Json:
    """Return a query parameter that may be left out."""
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": about,
        "schema": {"type": kind},
    }


PROJECT = parameter(
    "project", "The project; else the one chosen in Settings, else the only one."
)
RUN = parameter("run", "The run; else the project's best.")
NAME = parameter("name", "What a picture sent as the body is called in the answer.")


def answer(schema: str, about: str, *refusals: str) -> Json:
    """Return the responses of an operation."""
    found: Json = {"200": {"description": about, "content": content_of(schema)}}
    for status in refusals:
        described = {"description": REFUSALS[status], "content": content_of("Error")}
        if status in ("429", "503"):
            described["headers"] = {"Retry-After": {"schema": {"type": "integer"}}}
        found[status] = described
    return found


def content_of(schema: str) -> Json:
    """Return the content of a response that is JSON of this schema."""
    return {JSON: {"schema": {"$ref": f"#/components/schemas/{schema}"}}}


def body(about: str, *, many: bool) -> Json:
    """Return the request body: one picture, or with `many` a form of several."""
    content: Json = {
        "image/*": {"schema": PICTURE},
        "application/octet-stream": {"schema": PICTURE},
    }
    if many:
        content["multipart/form-data"] = {"schema": FORM}
    return {"required": True, "description": about, "content": content}


CLASSIFY: Json = {
    "summary": "Labels of pictures",
    "operationId": "classify",
    "parameters": [PROJECT, RUN, NAME],
    "requestBody": body(
        f"One picture as it is, or up to {MOST_PICTURES} as files of a form. One that "
        "cannot be read gets an `error`; the others are answered.",
        many=True,
    ),
    "responses": answer(
        "Classified",
        "One result a picture, in order.",
        *("400", "401", "403", "404", "409", "413", "415", "429", "503"),
    ),
}
SIMILAR: Json = {
    "summary": "Pictures of the project that look most alike",
    "operationId": "similar",
    "parameters": [
        PROJECT,
        parameter("label", "Only pictures with this label; may be given again."),
        parameter("limit", f"How many, 1 to {MOST_SIMILAR}.", "integer"),
    ],
    "requestBody": body("One picture as it is.", many=False),
    "responses": answer(
        "Similar",
        "The most alike first.",
        *("400", "401", "403", "404", "409", "413", "415", "422", "429"),
    ),
}
MODELS: Json = {
    "summary": "Every trained run that can be asked",
    "operationId": "models",
    "responses": answer("Models", "Runs by project.", "401", "403", "429"),
}
HEALTH: Json = {
    "summary": "Whether the API is on",
    "operationId": "health",
    "security": [],
    "responses": answer("Health", "It is.", "403"),
}
DOCUMENT: Json = {
    "openapi": "3.1.0",
    "info": {
        "title": "Unseen",
        "version": "1",
        "description": "Pictures in, labels out, and whether training ever showed such "
        "a combination. Off until it is switched on in Settings.",
    },
    "servers": [{"url": "/api/v1"}],
    "security": [{"token": []}],
    "paths": {
        "/classify": {"post": CLASSIFY},
        "/similar": {"post": SIMILAR},
        "/models": {"get": MODELS},
        "/health": {"get": HEALTH},
    },
    "components": {
        "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        "schemas": SCHEMAS,
    },
}
