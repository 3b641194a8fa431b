"""Why a run said so: where in a picture the evidence lies, and what is like it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from mlcore import saliency
from mlcore.errors import MLError
from mlcore.nearest_to_file import nearest_to_picture
from mlcore.predictions import write_share
from pages.parts import layout
from pages.parts.component_source import join_sources
from pages.parts.gallery import GalleryItem, gallery, image_url
from pages.parts.text import percent
from storage.images import get_images

if TYPE_CHECKING:
    from mlcore.nearest import Neighbour
    from mlcore.saliency import Heat
    from storage.projects import Project
    from storage.records import Run

MAPS_AT_MOST = 8
# From this part of the evidence on, colour is worth a word.
MOSTLY = 0.6
HOW_TO_READ = (
    "Bright places hold more of what speaks for a label than the rest of the picture. "
    "A map says where the run looked, not whether it is right; that something is "
    "missing is evidence too, and has no place to light up."
)

_component = st.components.v2.component(
    "unseen_why_view",
    # a lone line would be read as a path to a file
    html='<div class="why">\n</div>',
    css=join_sources("why_view.css"),
    js=join_sources("dom.js", "why_view.js"),
)


@dataclass(frozen=True, slots=True)
class WhyPicture:
    """A picture to be explained: its file, and where the browser finds it.

    `said` and `labelled` are label ids, shown first; `probabilities` go by label id.
    """

    name: str
    path: Path
    sha256: str
    url: str
    said: tuple[int, ...] = ()
    labelled: tuple[int, ...] = ()
    probabilities: Mapping[int, float] | None = None


def show_why(
    project: Project,
    run: Run,
    picture: WhyPicture,
    *,
    names: Mapping[int, str],
    key: str = "why",
) -> None:
    """Draw the picture with a map for each label in question, and its neighbours.

    `names` are the run's labels by id. Where the run or the picture cannot be used, a
    sentence says so instead.
    """
    try:
        with st.spinner(
            "Looking where the evidence lies. The first time the model has to be "
            "loaded: up to half a minute.",
            show_time=True,
        ):
            heats = saliency.explain(
                project,
                run,
                picture.path,
                picture.sha256,
                labels_in_question(picture, names),
            )
            neighbours = nearest_to_picture(project, run, picture.path, picture.sha256)
    except MLError as error:
        layout.finding("warn", str(error))
        return
    _component(data=describe(picture, heats, names), key=f"{key}_maps")
    st.caption(HOW_TO_READ)
    show_neighbours(project, neighbours, names, key=key)


def labels_in_question(
    picture: WhyPicture, names: Collection[int] | Mapping[int, str]
) -> list[int]:
    """Return what was said, what is labelled, then the likeliest others; at most 8."""
    shares = picture.probabilities or {}
    likely = sorted(names, key=lambda i: -shares.get(i, 0.0))
    found = dict.fromkeys([*picture.said, *picture.labelled, *likely])
    return [i for i in found if i in names][:MAPS_AT_MOST]


def describe(
    picture: WhyPicture, heats: Sequence[Heat], names: Mapping[int, str]
) -> dict[str, object]:
    """Return what the browser needs to draw."""
    return {
        "url": picture.url,
        "name": picture.name,
        "plain": "",
        "maps": [
            {
                "name": names[heat.label_id],
                "probability": probability_words(picture, heat.label_id),
                "note": note_words(picture, heat.label_id),
                "src": saliency.paint(heat),
                "words": heat_words(heat, names[heat.label_id]),
            }
            for heat in heats
        ],
    }


def probability_words(picture: WhyPicture, label_id: int) -> str | None:
    """Return what the run gave a label."""
    shares = picture.probabilities or {}
    return write_share(shares[label_id]) if label_id in shares else None


def note_words(picture: WhyPicture, label_id: int) -> str:
    """Return whether a label was said, is labelled, or both."""
    notes = []
    if label_id in picture.said:
        notes.append("said")
    if label_id in picture.labelled:
        notes.append("labelled")
    return ", ".join(notes)


def heat_words(heat: Heat, name: str) -> str:
    """Return a sentence on where the evidence for a label lies; plain text."""
    if not heat.values.any():
        return f"Nothing in one place speaks for “{name}” more than elsewhere."
    words = f"Bright: what speaks for “{name}”."
    if heat.colour_share is None:
        return words
    share = percent(heat.colour_share)
    if heat.colour_share >= MOSTLY:
        return f"{words} Mostly its colours ({share}), less its shapes."
    return f"{words} {share} of it by colours alone, the rest by shapes and texture."


def show_neighbours(
    project: Project,
    neighbours: Sequence[Neighbour],
    names: Mapping[int, str],
    *,
    key: str,
) -> None:
    """Draw the training pictures most like it, with their labels then."""
    st.markdown("**The training pictures most like it**")
    if not neighbours:
        st.caption(
            "Not known: nobody looked at these pictures by a frozen network yet."
        )
        return
    images = get_images(project, [one.image_id for one in neighbours])
    there = {image.image_id: image for image in images}
    items = [
        GalleryItem(
            image_url(project.name, one.sha256),
            caption=" + ".join(names[i] for i in one.label_ids if i in names)
            or "none of the labels",
            detail=there[one.image_id].name,
            href=image_url(project.name, one.sha256, large=True),
        )
        for one in neighbours
        if one.image_id in there
    ]
    gallery(project.name, items, key=f"{key}_neighbours", size_px=110)
