"""`/api/{project}/coverage/…`: the map as a picture and as data."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from pages.parts.coverage_board import from_query, read_board
from pages.parts.coverage_files import map_as_json
from pages.parts.coverage_svg import draw_map
from storage.projects import open_project

NO_STORE = "no-store"


def map_svg(request: Request) -> Response:
    """`GET coverage/map.svg`: the map for a wish, drawn light for a document."""
    wish = from_query(request.query_params)
    with open_project(request.path_params["project"]) as project:
        drawn = draw_map(read_board(project, wish), heading=f"{project.name}: coverage")
    return as_file(drawn.encode(), "image/svg+xml", f"{project.name}-coverage.svg")


def map_json(request: Request) -> Response:
    """`GET coverage/map.json`: every shown pair, and the coverage of the project."""
    wish = from_query(request.query_params)
    with open_project(request.path_params["project"]) as project:
        found = map_as_json(project, wish)
    headers = file_headers(f"{project.name}-coverage.json")
    return JSONResponse(found, headers=headers)


def as_file(content: bytes, media_type: str, name: str) -> Response:
    """Return bytes that a browser saves under `name`."""
    return Response(content, media_type=media_type, headers=file_headers(name))


def file_headers(name: str) -> dict[str, str]:
    """Return the headers of a file to save; project names are ASCII."""
    return {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": NO_STORE,
    }


ROUTES: list[BaseRoute] = [
    Route("/api/{project}/coverage/map.svg", map_svg),
    Route("/api/{project}/coverage/map.json", map_json),
]
