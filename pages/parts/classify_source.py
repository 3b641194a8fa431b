"""Where pictures to classify come from: an upload, or the sample project's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote

import streamlit as st

from mlcore import samples
from mlcore.entries import is_junk
from mlcore.staged_archives import is_zip, unpack_staged_zips
from mlcore.uploads import staged_files, staged_source
from pages.parts import session
from pages.parts.classify_batch import Batch, Picture
from pages.parts.classify_ways import Upload, other_ways
from pages.parts.text import counted, escape, number
from pages.parts.uploader import uploader
from storage.home import load_settings

if TYPE_CHECKING:
    from storage.projects import Project

BATCHES_KEY = "classify_batches"
BATCHES_KEPT = 8
UPLOAD_KEY, SEEN_KEY = "classify_upload", "classify_seen"
REFUSED_SHOWN = 20
REFUSED_OPEN = 2
UPLOAD, SAMPLE = "Upload", "Pictures the model has never seen"


def choose_source(drawn: Sequence[Picture]) -> str:
    """Draw the choice of source where there is one; return UPLOAD or SAMPLE."""
    if not drawn:
        return UPLOAD
    source: str = st.segmented_control(
        "Pictures from",
        (SAMPLE, UPLOAD),
        default=SAMPLE,
        required=True,
        key="classify_source",
        persist_state="session",
    )
    return source


def sample_pictures(project: Project) -> list[Picture]:
    """Return the sample project's kept-out pictures; none in other projects."""
    return [
        Picture(
            number=n,
            path=sample.path,
            name=sample.path.name,
            url=f"/img/{quote(project.name)}/sample/{n}",
            truth=tuple(sample.truth),
        )
        for n, sample in enumerate(samples.sample_pictures(project))
    ]


def uploaded_pictures(project: Project) -> tuple[str, list[Picture]]:
    """Draw the ways in, folded once pictures came; return those that came last."""
    kept_key = f"{UPLOAD_KEY}_{project.name}"
    kept: Upload | None = st.session_state.get(kept_key)
    fresh = show_ways(project) if kept is None else show_folded_ways(project, kept)
    if fresh is not None:
        st.session_state[kept_key] = fresh
        # Drawn again: what was the way in folds away.
        st.rerun()
    if kept is None:
        return "", []
    if kept.refused:
        title = f"{counted(len(kept.refused), 'file')} left out"
        rows = [(one.path, one.reason) for one in kept.refused]
        show_left_out(rows, title, key="classify_refused")
    return f"upload {kept.upload_id}", staged_pictures(project, kept.upload_id)


def show_folded_ways(project: Project, kept: Upload) -> Upload | None:
    """Draw the ways in below a line that opens; closed again for each new upload."""
    menu = st.expander(
        "Classify other pictures",
        icon=":material/add_photo_alternate:",
        key=f"classify_more_{kept.upload_id}",
        on_change="rerun",
    )
    # The drop zone stays: it takes what is pasted.
    with menu:
        return show_ways(project, is_folded=not menu.open)


def show_ways(project: Project, *, is_folded: bool = False) -> Upload | None:
    """Draw the drop zone and the other ways in; return what just came in."""
    seen_key = f"{SEEN_KEY}_{project.name}"
    kept: Upload | None = st.session_state.get(f"{UPLOAD_KEY}_{project.name}")
    result = uploader(project.name, key="classify_uploader", purpose="classify")
    # What another way brought in meanwhile is not replaced by an older upload.
    seen = st.session_state.get(seen_key, kept.upload_id if kept else "")
    if result and result.upload_id != seen:
        st.session_state[seen_key] = result.upload_id
        return take_upload(project, result.upload_id)
    return None if is_folded else other_ways(project)


def take_upload(project: Project, upload_id: str) -> Upload:
    """Make the pictures inside uploaded zips ready; note what was left out."""
    with st.spinner("Looking into the files …"):
        limit = load_settings().max_image_bytes
        refused = unpack_staged_zips(project, upload_id, max_bytes=limit)
    return Upload(upload_id, refused)


def show_left_out(files: Sequence[tuple[str, str]], title: str, *, key: str) -> None:
    """Say which files have no answer, and why; the reasons of a few lie open."""
    few = len(files) <= REFUSED_OPEN
    with st.expander(title, few, icon=":material/info:", key=key):
        for name, reason in files[:REFUSED_SHOWN]:
            st.caption(f"{escape(name)}: {escape(reason)}")
        if len(files) > REFUSED_SHOWN:
            st.caption(f"And {number(len(files) - REFUSED_SHOWN)} more.")


def staged_pictures(project: Project, upload_id: str) -> list[Picture]:
    """Return the files of an upload by name, as pictures to classify; no zips."""
    address = f"/img/{quote(project.name)}/upload/{upload_id}"
    files = staged_files(staged_source(project, upload_id))
    return [
        Picture(
            number=staged.number,
            path=staged.path,
            name=staged.name,
            url=f"{address}/{staged.number}",
        )
        for staged in sorted(files, key=lambda staged: staged.name)
        if not is_zip(staged) and not is_junk(staged.name)
    ]


def find_batch(
    project_name: str, run_id: str, source_key: str, pictures: Sequence[Picture]
) -> Batch:
    """Return this session's batch of these pictures and run, made if new."""
    batches: dict[str, Batch] = st.session_state.setdefault(BATCHES_KEY, {})
    key = f"{project_name}/{run_id}/{source_key}"
    batch = batches.pop(key, None) or Batch(
        key, project_name, run_id, {picture.number: picture for picture in pictures}
    )
    batch.who = session.who()
    # the newest is last, so the first is the one to forget
    batches[key] = batch
    for old in list(batches)[:-BATCHES_KEPT]:
        del batches[old]
    return batch
