"""Other ways in than files of the browser: the camera, a folder here, an address."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from mlcore.errors import MLError
from mlcore.staged_sources import stage_bytes, stage_source
from mlcore.web_pictures import fetch_picture
from pages.parts.text import escape
from storage.errors import StorageError
from storage.files import expand_home
from storage.home import load_settings

if TYPE_CHECKING:
    from mlcore.entries import Refused
    from storage.projects import Project

CAMERA, FOLDER, ADDRESS = "Camera", "A folder on this computer", "A web address"
WAY = "classify_way"
ICONS = {CAMERA: "photo_camera", FOLDER: "folder_open", ADDRESS: "link"}


@dataclass(frozen=True, slots=True)
class Upload:
    """The pictures that are being classified, and what of them was left out."""

    upload_id: str
    refused: list[Refused] = field(default_factory=list)


def other_ways(project: Project) -> Upload | None:
    """Draw the choice of way; return what just came in by it."""
    ways = [CAMERA, FOLDER]
    ways += [ADDRESS] if load_settings().fetch_pictures else []
    way = st.segmented_control(
        "Or from",
        ways,
        default=None,
        format_func=lambda way: f":material/{ICONS[way]}: {way}",
        key=WAY,
        label_visibility="collapsed",
    )
    # Only when chosen: the browser asks for the camera as soon as its field is there.
    if way == CAMERA:
        return _from_camera(project)
    if way == FOLDER:
        return _from_folder(project)
    return _from_address(project) if way == ADDRESS else None


def _from_camera(project: Project) -> Upload | None:
    photo = st.camera_input("Camera", key="classify_camera", width=420)
    known = f"classify_photo_{project.name}"
    if photo is None or st.session_state.get(known) == photo.file_id:
        return None
    st.session_state[known] = photo.file_id
    count = st.session_state.get("classify_photos", 0) + 1
    st.session_state["classify_photos"] = count
    data = photo.getvalue()
    return _staged(lambda: Upload(stage_bytes(project, f"photo {count}.jpg", data)))


def _from_folder(project: Project) -> Upload | None:
    with st.form("classify_folder_form", border=False):
        text = st.text_input(
            "Path of a folder, a zip or a picture",
            placeholder="/home/me/pictures",
            key="classify_folder",
            help="Of the computer this app runs on. Read where it lies; nothing in it "
            "is changed.",
        ).strip()
        if not st.form_submit_button("Classify it", icon=":material/image_search:"):
            return None
    place = expand_home(Path(text))
    if not text or not place.is_absolute():
        st.error(
            "Give a full path, such as /home/me/pictures, of the computer this app "
            "runs on.",
            icon=":material/error:",
        )
        return None
    limit = load_settings().max_image_bytes
    with st.spinner("Looking into the folder …"):
        return _staged(lambda: Upload(*stage_source(project, place, max_bytes=limit)))


def _from_address(project: Project) -> Upload | None:
    with st.form("classify_address_form", border=False):
        url = st.text_input(
            "Address of a picture",
            placeholder="https://…",
            key="classify_address",
            max_chars=2000,
            help="The computer this app runs on fetches it, from the public web only.",
        ).strip()
        if not st.form_submit_button("Classify it", icon=":material/image_search:"):
            return None
    if not load_settings().fetch_pictures:
        return None  # switched off since the field was drawn
    with st.spinner("Fetching the picture …"):
        return _staged(lambda: _fetch(project, url))


def _fetch(project: Project, url: str) -> Upload:
    found = fetch_picture(url, max_bytes=load_settings().max_image_bytes)
    return Upload(stage_bytes(project, found.name, found.data))


def _staged(stage: Callable[[], Upload]) -> Upload | None:
    """Return what is staged, or say why nothing is."""
    try:
        return stage()
    except (MLError, StorageError, OSError) as error:
        st.error(escape(str(error)), icon=":material/error:")
        return None
