"""Similar items: one picture in, those most like it out, with where to get them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from mlcore import prediction_service
from mlcore.errors import MLError
from mlcore.similar_space import find_space
from mlcore.staged_sources import stage_bytes
from mlcore.uploads import list_files
from pages.parts import similar_items_form, similar_status
from pages.parts.best_run import find_best_run
from pages.parts.similar_results import show_results
from pages.parts.text import escape
from storage.errors import StorageError
from storage.home import load_settings

if TYPE_CHECKING:
    from storage.projects import Project
    from storage.records import Run

STAGED = "similar_staged"
ENDINGS = ["jpg", "jpeg", "png", "webp", "bmp", "gif", "tif", "tiff"]


def show(project: Project, usable: Sequence[Run]) -> None:
    """Draw the field for a picture, what was found, and the list of items."""
    space = find_space(project)
    if not space.known:
        similar_status.show_first(project, space)
        return
    file = st.file_uploader(
        "A picture of what you are looking for",
        type=ENDINGS,
        key=f"similar_file_{project.name}",
        help="It is compared with every picture of the project, and not added to it.",
    )
    if file is None:
        st.caption("The pictures most like it are shown, with where to get them.")
    else:
        show_found(project, usable, file.name, file.getvalue())
    similar_status.show_rest(project, space)
    similar_items_form.show(project)


def show_found(project: Project, usable: Sequence[Run], name: str, data: bytes) -> None:
    """Draw the picture given, what is read in it, and those most like it."""
    if len(data) > load_settings().max_image_bytes:
        st.error("The picture is larger than Settings allow.", icon=":material/error:")
        return
    path = staged_path(project, name, data)
    key = f"similar_{hashlib.sha256(data).hexdigest()[:12]}"
    labels = read_labels(project, usable, path, key)
    show_results(project, path, name, labels, key=key)


def staged_path(project: Project, name: str, data: bytes) -> Path:
    """Return a file with this content, staged once in a session."""
    sha256 = hashlib.sha256(data).hexdigest()
    known, path = st.session_state.get(STAGED, ("", Path()))
    if known != (project.name, sha256) or not path.exists():
        upload_id = stage_bytes(project, name, data)
        path = list_files(project, upload_id)[0].path
        st.session_state[STAGED] = ((project.name, sha256), path)
    return path


def read_labels(
    project: Project, usable: Sequence[Run], path: Path, key: str
) -> Sequence[str]:
    """Return what the best run reads in a picture, asked once; none without a run."""
    run = find_best_run(project, usable) or (usable[0] if usable else None)
    if run is None:
        return ()
    kept = f"{key}_{run.run_id}"
    if kept not in st.session_state:
        with st.spinner("Looking at the picture …"):
            try:
                (found,) = prediction_service.classify(project.name, run.run_id, [path])
            except (MLError, StorageError, OSError) as error:
                st.caption(f"Its labels are not known: {escape(str(error))}")
                return ()
        st.session_state[kept] = tuple(found.labels)
    return st.session_state[kept]  # type: ignore[no-any-return]
