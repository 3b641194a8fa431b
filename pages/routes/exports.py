"""`GET /api/{project}/exports/{job}`: a prepared zip, streamed from the disk."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Route

from mlcore.export_jobs import result_file
from storage.projects import open_project


def download(request: Request) -> Response:
    """Answer with the zip as a file to save; a broken download can be resumed."""
    with open_project(request.path_params["project"]) as project:
        path, name = result_file(project, request.path_params["job_id"])
    return FileResponse(
        path,
        media_type="application/zip",
        filename=name,
        headers={"Cache-Control": "no-store"},
    )


ROUTES: list[BaseRoute] = [Route("/api/{project}/exports/{job_id}", download)]
