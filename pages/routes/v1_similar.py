"""`POST /api/v1/similar`: the pictures of a project most like the one sent."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlcore.errors import FactsMissing, PredictionError
from mlcore.similar import LIMIT, find_similar
from pages.routes.answers import Refused
from pages.routes.v1_models import only_project
from storage.home import home_dir
from storage.projects import open_project

if TYPE_CHECKING:
    from collections.abc import Collection

    from storage.api_access import ApiAccess

MOST_SIMILAR = 100


def limit_of(text: str) -> int:
    """Return how many are wanted; Refused (400) when that is no number to have."""
    if not text:
        return LIMIT
    if text.isdecimal() and 1 <= int(text[:9]) <= MOST_SIMILAR:
        return int(text)
    raise Refused(400, f"limit must be 1 to {MOST_SIMILAR}, not {text!r}.", "bad_query")


def similar_to(
    access: ApiAccess, project: str, data: bytes, labels: Collection[str], limit: int
) -> dict[str, Any]:
    """Return the answer of `POST similar`; Refused (409, 422) where there is none."""
    name = project or access.default_model.partition("/")[0] or only_project()
    with (
        open_project(name) as opened,
        # Beside the data, where the predictor may read it; a start sweeps such names.
        tempfile.TemporaryDirectory(dir=home_dir(), prefix=".new-") as folder,
    ):
        path = Path(folder) / "picture"
        path.write_bytes(data)
        try:
            found = find_similar(opened, path, labels=labels, limit=limit)
        except FactsMissing as error:
            raise Refused(409, str(error), "not_looked_at") from error
        except PredictionError as error:
            sentence = str(error).replace(f"“{path.name}”", "The picture")
            raise Refused(422, sentence, "cannot_compare") from error
    return {"project": name, "results": [one.as_json() for one in found]}
