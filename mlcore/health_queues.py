"""Findings about the data as queues of the Label page: which images, and why."""

from mlcore.data_health import CHECKS, find_one
from mlcore.duplicate_families import Family, members_of
from storage.health_rows import unreadable_images
from storage.projects import Project
from storage.records import Image

PREFIX = "health-"
NAMED = 2


def finding_key(queue_key: str) -> str | None:
    """The check behind a queue's key; None for any other queue."""
    key = queue_key.removeprefix(PREFIX)
    return key if key != queue_key and key in CHECKS else None


def finding_ids(project: Project, key: str) -> list[int]:
    """The images of a finding; copies of each other stand together."""
    return find_one(project, key).image_ids


def finding_reasons(project: Project, key: str, ids: list[int]) -> dict[int, str]:
    """Why a finding holds each of these images; without those that left it."""
    wanted = set(ids)
    if key == "unreadable":
        return {i: why for i, why in unreadable_images(project) if i in wanted}
    finding = find_one(project, key)
    families = [f for f in finding.families if not wanted.isdisjoint(f)]
    if finding.check.noun != "family":
        return {i: finding.check.title.lower() for (i,) in families if i in wanted}
    images = members_of(project, families)
    return {
        image_id: _family_words(image_id, family, images)
        for family in families
        for image_id in family
        if image_id in wanted
    }


def _family_words(image_id: int, family: Family, images: dict[int, Image]) -> str:
    others = [images[i] for i in family if i != image_id and i in images]
    shown = [
        f"{other.name} ({other.split})" if other.split else other.name
        for other in others[:NAMED]
    ]
    more = len(others) - NAMED
    return f"looks like {', '.join(shown)}" + (f" and {more} more" if more > 0 else "")
