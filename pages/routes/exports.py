"""Prepared zips, streamed from the disk.

`GET /api/{project}/exports/{job}`: a data set or a whole project;
`GET /api/{project}/models/{job}`: a run.
"""

from __future__ import annotations

from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Route

from mlcore.export_jobs import result_file
from mlcore.model_jobs import model_file
from storage.projects import open_project


def download(request: Request) -> Response:
    """Answer with the zip as a file to save; a broken download can be resumed."""
    with open_project(request.path_params["project"]) as project:
        path, name = result_file(project, request.path_params["job_id"])
    return _as_file(path, name)


def download_model(request: Request) -> Response:
    """Answer with the zip of a run as a file to save."""
    with open_project(request.path_params["project"]) as project:
        path, name = model_file(project, request.path_params["job_id"])
    return _as_file(path, name)


def _as_file(path: Path, name: str) -> Response:
    return FileResponse(
        path,
        media_type="application/zip",
        filename=name,
        headers={"Cache-Control": "no-store"},
    )


ROUTES: list[BaseRoute] = [
    Route("/api/{project}/exports/{job_id}", download),
    Route("/api/{project}/models/{job_id}", download_model),
]
