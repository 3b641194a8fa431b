"""The pictures of a finding: families side by side, or single ones to select."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import streamlit as st

from mlcore.duplicate_families import best_first, differ_in_labels, members_of
from pages.parts.component_source import join_sources
from pages.parts.gallery import GalleryItem, gallery, image_url
from storage.health_rows import unreadable_images
from storage.images import get_images
from storage.label_sets import parse_key
from storage.labels import list_labels

if TYPE_CHECKING:
    from mlcore.data_health import Finding
    from mlcore.duplicate_families import Family
    from storage.projects import Project
    from storage.records import Image

# What a family's buttons do, by the action of its check.
FAMILY_ACTS = {
    "copies": (("keep", "Keep only the marked one"), ("dismiss", "Not copies")),
    "split": (("split", "Into one split"), ("dismiss", "Leave it so")),
    "look": (("keep", "Keep only the marked one"), ("dismiss", "Both are right")),
}

_component = st.components.v2.component(
    "unseen_health_families",
    # a lone line would be read as a path to a file
    html='<div class="families">\n</div>',
    css=join_sources("health_families.css"),
    js=join_sources("dom.js", "health_families.js"),
)


@dataclass(frozen=True, slots=True)
class Act:
    """A click on one family: keep (one of them), split or dismiss."""

    do: str
    family: Family
    keep: int


def show(
    project: Project, finding: Finding, shown: list[Family]
) -> tuple[list[Family], Act | None]:
    """Draw the pictures; return the selected single ones, and a click on a family."""
    if finding.check.noun == "family":
        return [], show_families(project, finding, shown)
    return show_singles(project, finding, shown), None


def show_singles(
    project: Project, finding: Finding, shown: list[Family]
) -> list[Family]:
    """Draw single pictures that can be selected; return those that are."""
    names = label_names(project)
    is_broken = finding.check.key == "unreadable"
    reasons = dict(unreadable_images(project)) if is_broken else {}
    images = get_images(project, [family[0] for family in shown])
    items = [
        GalleryItem(
            image_url(project.name, image.sha256),
            f"{reasons.get(image.image_id, size_words(image))} · {image.name}",
            label_words(image, names),
        )
        for image in images
    ]
    places = gallery(
        project.name, items, key=f"health_{finding.check.key}", selectable=True
    )
    return [(images[place].image_id,) for place in places]


def show_families(
    project: Project, finding: Finding, shown: list[Family]
) -> Act | None:
    """Draw each family as a card with its buttons; return a click on one."""
    images = members_of(project, shown)
    names = label_names(project)
    families = [
        describe_family(
            project.name,
            [images[i] for i in family if i in images],
            names,
            words=split_words if finding.check.action == "split" else size_words,
        )
        for family in shown
    ]
    acts = FAMILY_ACTS[finding.check.action]
    result: Any = _component(
        data={
            "families": families,
            "acts": [{"do": do, "title": title} for do, title in acts],
            "project": project.name,
        },
        key=f"health_{finding.check.key}",
        on_act_change=lambda: None,
    )
    return read_act(result.act, shown)


def describe_family(
    project_name: str,
    images: list[Image],
    names: dict[int, str],
    words: Callable[[Image], str],
) -> dict[str, Any]:
    """Return what the browser needs to draw one family, the one to keep first."""
    ordered = best_first(images)
    return {
        "differ": differ_in_labels(ordered),
        "pictures": [
            {
                "id": image.image_id,
                "url": image_url(project_name, image.sha256),
                "name": image.name,
                "words": words(image),
                "labels": label_words(image, names) if image.answered else "",
            }
            for image in ordered
        ],
    }


def read_act(value: object, shown: list[Family]) -> Act | None:
    """Return a click, unless it names a family that is not on this page."""
    if not isinstance(value, dict):
        return None
    family = tuple(sorted(i for i in value.get("ids", []) if isinstance(i, int)))
    known = {tuple(sorted(f)): f for f in shown}
    do, keep = value.get("do"), value.get("keep")
    if family not in known or do not in ("keep", "split", "dismiss"):
        return None
    if do == "keep" and keep not in family:
        return None
    return Act(str(do), known[family], int(keep or 0))


def label_names(project: Project) -> dict[int, str]:
    """Return the labels' names by id."""
    return {label.label_id: label.name for label in list_labels(project)}


def label_words(image: Image, names: dict[int, str]) -> str:
    """Return "red · dress"; nothing for an image without a yes."""
    return " · ".join(names.get(i, "?") for i in parse_key(image.set_key))


def size_words(image: Image) -> str:
    """Return "160 × 231"."""
    return f"{image.width_px} × {image.height_px}"


def split_words(image: Image) -> str:
    """Return "train"."""
    return image.split or "no split yet"
