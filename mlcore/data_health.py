"""What may be wrong with the pictures of a project: a table of checks.

A check finds families of images (copies of each other) or single ones. What a
person dismissed is left out: an image once and for all, a family until another
image joins it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from mlcore.duplicate_families import (
    Family,
    alike_families,
    copy_families,
    differ_in_labels,
    differ_in_split,
    members_of,
)
from storage import health_rows
from storage.dismissals import dismissals
from storage.errors import ImageError
from storage.projects import Project
from storage.records import Image
from storage.rule_breaks import rule_violations

# Below this share of the contrast there are no edges left (a photo has 0.05 to 1).
BLURRY_BELOW = 0.01
DARK_BELOW = 0.2
# More than this burnt out, and so little contrast left beside it. Of 10,855 photos of
# clothes, animals and fields 4 are called so: white backgrounds must not be.
GLARE_ABOVE = 0.4
FLAT_BELOW = 0.25
TINY_PX = 64
ODD_ABOVE = 3.0
LEAKS = "leaks"


@dataclass(frozen=True, slots=True)
class Check:
    """One kind of finding.

    `action` is what one click does: copies (delete all but one of a family), split
    (move a family into one split), delete, or look (only a person can settle it).
    `noun` names what is counted.
    """

    key: str
    title: str
    explanation: str
    action: str
    find: Callable[[Project], list[Family]]
    noun: str = "picture"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found: families of one or more image ids, how many dismissed."""

    check: Check
    families: list[Family]
    dismissed: int

    @property
    def image_ids(self) -> list[int]:
        """Every image of the finding once, in order."""
        return list(dict.fromkeys(i for family in self.families for i in family))


def find_all(project: Project) -> list[Finding]:
    """What every check finds, in the order of the table."""
    gone = dismissals(project)
    return [_sift(check, check.find(project), gone) for check in CHECKS.values()]


def find_one(project: Project, key: str) -> Finding:
    """What one check finds; ImageError for a key that is not in the table."""
    if key not in CHECKS:
        names = ", ".join(CHECKS)
        raise ImageError(f"A finding is one of {names}, not {key[:40]!r}.")
    check = CHECKS[key]
    return _sift(check, check.find(project), dismissals(project))


def _sift(check: Check, found: list[Family], gone: dict[str, set[int]]) -> Finding:
    dismissed = gone.get(check.key, set())
    left = [family for family in found if not dismissed.issuperset(family)]
    return Finding(check, left, len(found) - len(left))


def _singles(ids: list[int]) -> list[Family]:
    return [(image_id,) for image_id in ids]


def _near(project: Project) -> list[Family]:
    """Look-alikes, without families of nothing but equal pixels."""
    equal = {i: family for family in copy_families(project) for i in family}
    return [
        family
        for family in alike_families(project)
        if not set(family) <= set(equal.get(family[0], ()))
    ]


def _families_where(
    project: Project, differ: Callable[[list[Image]], bool]
) -> list[Family]:
    families = alike_families(project)
    images = members_of(project, families)
    return [f for f in families if differ([images[i] for i in f if i in images])]


def _tiny(project: Project) -> list[Family]:
    """Small in itself and against the rest: a set of 28 px digits is as it should be.

    Half of the usual size is where enlarging starts to show.
    """
    limit = min(TINY_PX, health_rows.usual_side_px(project) / 2)
    return _singles(health_rows.tiny_images(project, limit))


CHECKS: dict[str, Check] = {
    check.key: check
    for check in (
        Check(
            "unreadable",
            "Damaged or missing",
            "The stored file is gone, cannot be read or is not what came in. A run "
            "leaves it out, and refuses to start with more than a few. Adding the "
            "same pictures again mends it.",
            "delete",
            lambda p: _singles([i for i, _ in health_rows.unreadable_images(p)]),
        ),
        Check(
            LEAKS,
            "The same picture in two splits",
            "A copy of a training picture among the held-out ones makes every figure "
            "too good.",
            "split",
            lambda p: _families_where(p, differ_in_split),
            "family",
        ),
        Check(
            "unlike",
            "Copies with different labels",
            "One of them is wrong, and a network cannot learn both.",
            "look",
            lambda p: _families_where(p, differ_in_labels),
            "family",
        ),
        Check(
            "copies",
            "Exact copies",
            "Equal in every pixel, saved as different files.",
            "copies",
            copy_families,
            "family",
        ),
        Check(
            "near",
            "Near copies",
            "The same picture in another size, format or exposure, or cut by a hair. "
            "About one in ten is only very alike: look before you delete.",
            "copies",
            _near,
            "family",
        ),
        Check(
            "rules",
            "Against the rule of a group",
            "Two labels where one is the rule, or none where one is needed.",
            "look",
            lambda p: _singles(rule_violations(p)),
        ),
        Check(
            "blank",
            "Blank",
            "One colour all over, with nothing on it but noise.",
            "delete",
            lambda p: _singles(health_rows.blank_images(p)),
        ),
        Check(
            "blurry",
            "Blurry",
            "Hardly an edge, even when shrunk to 256 pixels. The blurriest first.",
            "delete",
            lambda p: _singles(health_rows.blurry_images(p, BLURRY_BELOW)),
        ),
        Check(
            "dark",
            "Dark",
            "Even the light parts are dark. The darkest first.",
            "delete",
            lambda p: _singles(health_rows.dark_images(p, DARK_BELOW)),
        ),
        Check(
            "bright",
            "Too bright",
            "Much of it is burnt out to white, and the rest is pale. A light "
            "background all around does not count.",
            "delete",
            lambda p: _singles(
                health_rows.bright_images(
                    p, glare_above=GLARE_ABOVE, contrast_below=FLAT_BELOW
                )
            ),
        ),
        Check(
            "tiny",
            "Tiny",
            f"Under {TINY_PX} pixels and under half of what is usual here.",
            "delete",
            _tiny,
        ),
        Check(
            "odd-shape",
            "Odd shape",
            f"More than {ODD_ABOVE:g} times as long as wide: squeezed into a square "
            "for training, little of it is left.",
            "delete",
            lambda p: _singles(health_rows.odd_shapes(p, ODD_ABOVE)),
        ),
    )
}
