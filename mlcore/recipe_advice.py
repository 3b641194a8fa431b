"""Which recipe fits a project's pictures and labels, in one sentence."""

from dataclasses import dataclass
from statistics import median

import numpy as np

from mlcore.composition_advice import explain_gaps
from mlcore.errors import BadImage
from mlcore.images import open_rgb, thumbnail
from mlcore.recipes import DEFAULT_RECIPE
from storage.images import get_images, list_images, progress
from storage.labels import list_groups, list_labels
from storage.projects import Project
from storage.records import Image

LOOKED_AT = 8
# Digits and icons: learned best from nothing where there are many.
TINY_PX = 32
# With 160 digits to learn from, frozen features had 90 % of all labels right and this
# network none: it needs many steps.
MANY_TINY = 5000
# JPEG gives gray pictures a breath of colour.
GRAY_WITHIN = 6


@dataclass(frozen=True, slots=True)
class Advice:
    """The recipe's name and why, as plain text."""

    recipe: str
    sentence: str


def advise(project: Project) -> Advice:
    """Look at a few pictures and at the labels. Reads at most eight thumbnails."""
    pictures = list_images(project, limit=LOOKED_AT)
    size_px = median([max(i.width_px, i.height_px) for i in pictures] or [0])
    is_tiny = bool(pictures) and size_px <= TINY_PX
    many = progress(project).labelled >= MANY_TINY
    if is_tiny and many and all(is_gray(project, i) for i in pictures):
        return Advice(
            "digits",
            f"Your pictures are gray and {size_px:.0f} px small, like written digits: "
            "a small network made for those learns them best.",
        )
    if gaps := explain_gaps(project):
        return Advice("compositional", gaps)
    if is_either_or(project):
        return Advice(
            DEFAULT_RECIPE,
            "One of two labels for each picture, as in the cats and dogs tutorial: "
            "a network that knows photos already needs few examples of each.",
        )
    return Advice(
        DEFAULT_RECIPE,
        "A network that knows photos already gives the best first model, and it is "
        "there within a minute for a few thousand pictures.",
    )


def is_either_or(project: Project) -> bool:
    """Whether all labels are one exclusive group of two (or one label, yes or no)."""
    labels, groups = list_labels(project), list_groups(project)
    rules = {group.group_id: group.rule for group in groups}
    owners = {label.group_id for label in labels}
    if len(labels) == 1:
        return True
    is_one = len(owners) == 1 and all(rules.get(o or 0, "any") != "any" for o in owners)
    return len(labels) == 2 and is_one


def original_size_px(project: Project, image_ids: list[int]) -> float:
    """The median longer side of these pictures; 0 without any."""
    found = get_images(project, image_ids)
    return median([max(i.width_px, i.height_px) for i in found] or [0])


def is_gray(project: Project, image: Image) -> bool:
    """Whether a picture has no colour; one that cannot be read has none."""
    try:
        pixels = np.asarray(open_rgb(thumbnail(project, image)), np.int16)
    except (BadImage, OSError):
        return True
    return int(np.ptp(pixels, axis=2).max()) <= GRAY_WITHIN
