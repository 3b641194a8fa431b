"""Upload of thousands of files: a component that sends them to our own route.

Streamlit's own uploader keeps every byte in memory and lost 538 of 2,000 files when
tried; this one streams to `POST /api/{project}/uploads/…`, four requests at a time,
and goes on where it was when the same files are chosen again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import streamlit as st

from pages.parts.component_source import join_sources

WORDS = {
    "import": (
        "Drop pictures, a folder or a zip here",
        "JPEG, PNG, WebP, BMP, GIF or TIFF, labels as JSON, CSV or XML. Nothing is "
        "brought in before you say so.",
    ),
    "restore": (
        "Drop the zip of a project here",
        "As “Take out” on the Data page makes it. It becomes a project of its own.",
    ),
    "model": (
        "Drop the zip of a model here",
        "As “Take it away” on the Review page makes it. Every file in it is checked.",
    ),
    "classify": (
        "Drop the pictures to classify here",
        "Or paste one (Ctrl+V). They are not added to the project unless you save "
        "them.",
    ),
}


# A batch to classify is looked at once: there is nothing to go on with.
RESUMES = {"import", "restore", "model"}
ZIPS = {"restore", "model"}
PASTES = {"classify"}


@dataclass(frozen=True, slots=True)
class UploadResult:
    """An upload that has arrived: its id for mlcore.uploads, and how much it is."""

    upload_id: str
    files: int
    bytes: int
    failed: int = 0


_component = st.components.v2.component(
    "unseen_uploader",
    html=join_sources("uploader.html"),
    css=join_sources("uploader.css"),
    js=join_sources(
        "upload_files.js", "upload_sending.js", "upload_progress.js", "uploader.js"
    ),
)


def uploader(
    project_name: str, *, key: str, purpose: str, accept_folders: bool = True
) -> UploadResult | None:
    """Show the drop zone; return the upload once all its files have arrived.

    `purpose` is "import", "classify", "restore" or "model". The result stays until a
    person chooses other files; another `key` starts afresh.
    """
    title, hint = WORDS[purpose]
    picks = ["zip"] if purpose in ZIPS else ["files", "zip"]
    known = read_result((st.session_state.get(key) or {}).get("upload"))
    result: Any = _component(
        data={
            "project": project_name,
            "key": key,
            "title": title,
            "hint": hint,
            "picks": [*picks, "folder"] if accept_folders else picks,
            "resumes": purpose in RESUMES,
            "pastes": purpose in PASTES,
            # After a visit to another page the browser still knows the upload and
            # this session does not: the component then reports it again.
            "known": known and asdict(known),
        },
        key=key,
        default={"upload": None},
        on_upload_change=lambda: None,
    )
    return read_result(result.upload)


def read_result(value: object) -> UploadResult | None:
    """Return what the browser reported, or None when it is not an upload.

    The browser is not trusted: mlcore.uploads checks the id before it is a path.
    """
    if not isinstance(value, Mapping):
        return None
    numbers = [value.get(name, 0) for name in ("files", "bytes", "failed")]
    upload_id = value.get("upload_id")
    if not isinstance(upload_id, str) or not all(isinstance(n, int) for n in numbers):
        return None
    return UploadResult(upload_id, *numbers)
