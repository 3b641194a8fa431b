"""`/api/{project}/coverage/…`: the map and the shopping list to take away."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from mlcore.coverage import coverage_of
from mlcore.group_offers import open_offers
from mlcore.left_out import newest_studies
from mlcore.shopping_items import ADVISED, Item, list_items
from pages.parts.coverage_board import from_query, read_board
from pages.parts.coverage_files import map_as_json
from pages.parts.coverage_likeness import main_study
from pages.parts.coverage_svg import draw_map
from pages.parts.shopping_sheet import list_csv, sheet_html
from pages.routes import label_wishes as wishes
from storage.projects import Project, open_project

NO_STORE = "no-store"
ADVISED_AT_MOST = 200


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


def sheet(request: Request) -> Response:
    """`GET coverage/sheet`: the shopping list as one page to print."""
    with open_project(request.path_params["project"]) as project:
        page = sheet_html(project, read_items(project, request))
    return HTMLResponse(page, headers={"Cache-Control": NO_STORE})


def shopping_csv(request: Request) -> Response:
    """`GET coverage/list.csv`: the shopping list as a table."""
    with open_project(request.path_params["project"]) as project:
        table = list_csv(read_items(project, request))
    return as_file(table.encode(), "text/csv", f"{project.name}-shopping-list.csv")


def read_items(project: Project, request: Request) -> list[Item]:
    """Return the list with as many pieces of advice as the address asks for."""
    advised = wishes.number(request.query_params, "advised", ADVISED, ADVISED_AT_MOST)
    study = main_study(newest_studies(project))
    return list_items(
        project,
        coverage_of(project),
        advised=advised,
        study=study,
        offers=open_offers(project),
    )


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
    Route("/api/{project}/coverage/sheet", sheet),
    Route("/api/{project}/coverage/list.csv", shopping_csv),
]
