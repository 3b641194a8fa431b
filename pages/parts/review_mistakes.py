"""The pictures on which a run is wrong: what it said, what they are labelled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import streamlit as st

from mlcore.mistakes import MISSED, count_combinations, count_faults, list_mistakes
from pages.parts.gallery import GalleryItem, gallery, image_url
from pages.parts.label_address import EMPTY_SET
from pages.parts.text import counted, number
from storage.images import get_images

if TYPE_CHECKING:
    from mlcore.decisions import Limits
    from mlcore.evaluation import HeldOut
    from mlcore.mistakes import Fault, Mistake
    from storage.projects import Project
    from storage.records import Image

PER_PAGE = 24
FAULT_KEY = "review_fault"
COMBINATION_KEY = "review_wrong_combination"
PAGE_KEY = "review_wrong_page"
NOTHING = "none of the labels"


def show_mistakes(project: Project, held_out: HeldOut, limits: Limits) -> None:
    """Show the wrong pictures, the gravest first, each with the way to its labels."""
    st.markdown("## Wrong on these pictures")
    found = list_mistakes(held_out, limits)
    if not found:
        st.caption("None: every label of every held-out picture is right.")
        return
    st.caption(
        "The surest mistakes first. A click opens the picture in Label; what it is "
        "labelled here is what it was when the run was trained."
    )
    names = {label.label_id: label.name for label in held_out.labels}
    chosen = _choose(found, names)
    pages = -(-len(chosen) // PER_PAGE)
    page = min(st.session_state.get(PAGE_KEY) or 1, pages)
    on_page = chosen[(page - 1) * PER_PAGE : page * PER_PAGE]
    _draw(project, on_page, names)
    if pages > 1:
        with st.container(horizontal_alignment="center"):
            st.pagination(pages, key=PAGE_KEY)


def _choose(found: Sequence[Mistake], names: Mapping[int, str]) -> list[Mistake]:
    """Draw the two filters; return the mistakes that pass both."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        fault = _choose_one(
            "Mistake",
            {None: f"Any ({number(len(found))})"}
            | {key: _fault_words(key, names, n) for key, n in count_faults(found)},
            FAULT_KEY,
        )
        left = [one for one in found if fault in (None, *one.faults)]
        combination = _choose_one(
            "Labelled",
            {None: f"Anything ({number(len(left))})"}
            | {
                key: f"{_join(key, names)} ({number(n)})"
                for key, n in count_combinations(left)
            },
            COMBINATION_KEY,
        )
    return [one for one in left if combination in (None, one.combination)]


def _choose_one(title: str, options: Mapping[Any, str], key: str) -> Any:
    # Another threshold may have mended what was chosen.
    if st.session_state.get(key) not in options:
        st.session_state[key] = None
    return st.selectbox(
        title,
        list(options),
        format_func=options.__getitem__,
        key=key,
        on_change=_to_first_page,
    )


def _to_first_page() -> None:
    st.session_state.pop(PAGE_KEY, None)


def _fault_words(fault: Fault, names: Mapping[int, str], count: int) -> str:
    label_id, kind = fault
    word = "missed" if kind == MISSED else "said, but wrong"
    return f"{names[label_id]}: {word} ({number(count)})"


def _join(label_ids: Sequence[int], names: Mapping[int, str]) -> str:
    return " + ".join(names[label_id] for label_id in label_ids) or NOTHING


def _draw(
    project: Project, mistakes: Sequence[Mistake], names: Mapping[int, str]
) -> None:
    images = {
        image.image_id: image
        for image in get_images(project, [one.image_id for one in mistakes])
    }
    items = [
        GalleryItem(
            image_url(project.name, images[one.image_id].sha256),
            caption=f"Said: {_join(one.said, names)}",
            badge=_badge(one, names),
            detail=f"Labelled: {_join(one.labelled, names)}",
            href=label_address(project, images[one.image_id]),
        )
        for one in mistakes
        if one.image_id in images
    ]
    gallery(project.name, items, key="review_mistakes", size_px=150)
    gone = len(mistakes) - len(items)
    if gone:
        st.caption(f"{counted(gone, 'picture')} of these went from the project since.")


def _badge(mistake: Mistake, names: Mapping[int, str]) -> str:
    """Name the label where only one is wrong; among many it is hard to find."""
    if len(mistake.faults) > 1:
        return ""
    label_id, kind = mistake.faults[0]
    return f"{names[label_id]} {'missed' if kind == MISSED else 'wrong'}"


def label_address(project: Project, image: Image) -> str:
    """Return where Label shows this picture: by its name among those labelled alike."""
    query = {
        "project": project.name,
        "view": "one",
        "state": "all",
        "q": image.name,
        "set": image.set_key or EMPTY_SET,
    }
    return f"/label?{urlencode(query)}"
