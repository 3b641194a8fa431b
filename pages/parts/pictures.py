"""The pictures of a project: pages of thumbnails, search, delete with undo."""

from __future__ import annotations

import math
import uuid

import streamlit as st

from pages.parts import session
from pages.parts.gallery import GalleryItem, gallery, image_url
from pages.parts.text import counted
from storage.images import count_images, delete_images, list_images
from storage.labels import list_labels
from storage.projects import Project
from storage.records import Filter, Image
from storage.undo import undo

PER_PAGE = 60
ORDERS = {"newest": "Newest first", "added": "Oldest first", "name": "By name"}
DELETED_KEY = "data_deleted_batch"


def show(project: Project) -> None:
    """Show search, one page of thumbnails, and what can be done with them."""
    wanted, order = show_search()
    found = count_images(project, wanted)
    if wanted.text:
        st.caption(f"{counted(found, 'picture')} found")
    if not found:
        st.caption("No picture has this in its name. Try fewer letters.")
        return
    page = show_pages(found)
    images = list_images(
        project, wanted, offset=(page - 1) * PER_PAGE, limit=PER_PAGE, order=order
    )
    toolbar = st.container()
    chosen = gallery(
        project.name, items_of(project, images), key="data_gallery", selectable=True
    )
    with toolbar:
        show_selection(project, [images[place] for place in chosen])


def show_search() -> tuple[Filter, str]:
    """Show the search field and the order; return both."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            "Search by name", key="data_search", icon=":material/search:", width=320
        )
        order = st.selectbox(
            "Order",
            list(ORDERS),
            format_func=ORDERS.__getitem__,
            key="data_order",
            width=180,
        )
    return Filter(text=text.strip()), order


def show_pages(found: int) -> int:
    """Show the page numbers when there is more than one; return the page."""
    count = math.ceil(found / PER_PAGE)
    if count <= 1:
        return 1
    # Another search has fewer pages: an old, higher number must not survive it.
    return min(st.pagination(count, key=f"data_page_{count}"), count)


def items_of(project: Project, images: list[Image]) -> list[GalleryItem]:
    """Return what the gallery shows: thumbnail, name, and labels as a mark."""
    names = {label.label_id: label.name for label in list_labels(project)}
    return [
        GalleryItem(
            image_url(project.name, image.sha256), image.name, labels_of(image, names)
        )
        for image in images
    ]


def labels_of(image: Image, names: dict[int, str]) -> str:
    """Return "red, dress" from the image's label-set key."""
    ids = [int(part) for part in image.set_key.split(",") if part]
    return ", ".join(names[label_id] for label_id in ids if label_id in names)


def show_selection(project: Project, chosen: list[Image]) -> None:
    """Show one line of what can be done: delete the selected, or undo that."""
    name, batch_id, count = st.session_state.get(DELETED_KEY, ("", "", 0))
    with st.container(horizontal=True, vertical_alignment="center"):
        if chosen:
            st.markdown(f"{counted(len(chosen), 'picture')} selected")
        elif name == project.name:
            st.markdown(f":material/delete: {counted(count, 'picture')} deleted")
            if st.button("Undo", icon=":material/undo:", key="data_undo"):
                take_back(project, batch_id)
            return
        else:
            st.caption("Click pictures to select them, with Shift a range.")
        if st.button(
            "Delete", icon=":material/delete:", disabled=not chosen, key="data_delete"
        ):
            remove(project, chosen)


def remove(project: Project, chosen: list[Image]) -> None:
    """Delete the pictures as one batch that can be undone."""
    batch_id = uuid.uuid4().hex
    count = delete_images(
        project,
        [image.image_id for image in chosen],
        who=session.who(),
        batch_id=batch_id,
    )
    st.session_state[DELETED_KEY] = (project.name, batch_id, count)
    st.rerun()


def take_back(project: Project, batch_id: str) -> None:
    """Bring back what the last deletion took."""
    undo(project, who=session.who(), batch_id=batch_id)
    del st.session_state[DELETED_KEY]
    st.rerun()
