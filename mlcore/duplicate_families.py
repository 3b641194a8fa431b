"""Pictures that are copies of each other, gathered into families."""

from collections.abc import Iterable

from storage.facts import near_duplicate_pairs, pixel_copies
from storage.images import get_images
from storage.projects import Project
from storage.records import Image

Family = tuple[int, ...]


def copy_families(project: Project) -> list[Family]:
    """Images with equal pixels, whatever their files say."""
    by_pixels: dict[str, list[int]] = {}
    for pixels, image_id in pixel_copies(project):
        by_pixels.setdefault(pixels, []).append(image_id)
    return sorted(tuple(ids) for ids in by_pixels.values() if len(ids) > 1)


def alike_families(project: Project) -> list[Family]:
    """Images with equal pixels and those that look alike, joined; closest first."""
    pairs = [(a, b) for a, b, _ in near_duplicate_pairs(project)]
    for first, *others in copy_families(project):
        pairs += [(first, other) for other in others]
    return join_pairs(pairs)


def join_pairs(
    pairs: Iterable[tuple[int, int]], most: int | None = None
) -> list[Family]:
    """Families in the order of their first pair; whoever shares a member is joined.

    Pairs that would make a family of more than `most` are passed over.
    """
    leader: dict[int, int] = {}
    sizes: dict[int, int] = {}

    def lead(image_id: int) -> int:
        root = image_id
        while leader.setdefault(root, root) != root:
            root = leader[root]
        while leader[image_id] != root:  # shorten the way for the next question
            leader[image_id], image_id = root, leader[image_id]
        return root

    for one, other in pairs:
        root, joining = lead(one), lead(other)
        size = sizes.get(root, 1) + sizes.get(joining, 1)
        if root != joining and (most is None or size <= most):
            leader[joining], sizes[root] = root, size
    families: dict[int, list[int]] = {}
    for image_id in leader:
        families.setdefault(lead(image_id), []).append(image_id)
    return [tuple(sorted(members)) for members in families.values()]


def members_of(project: Project, families: Iterable[Family]) -> dict[int, Image]:
    """The images of some families by their id."""
    ids = [image_id for family in families for image_id in family]
    return {image.image_id: image for image in get_images(project, ids)}


def best_first(images: Iterable[Image]) -> list[Image]:
    """The one to keep first: most answers, then most pixels, then the oldest."""
    return sorted(
        images,
        key=lambda x: (-x.answered, -x.width_px * x.height_px, x.image_id),
    )


def differ_in_labels(images: Iterable[Image]) -> bool:
    """Whether two of them are labelled, and not the same."""
    return len({image.set_key for image in images if image.answered}) > 1


def differ_in_split(images: Iterable[Image]) -> bool:
    """Whether they lie on both sides of a split."""
    return len({image.split for image in images if image.split}) > 1
