"""Held-out pictures of a run that look like pictures it trained on.

Copies that are known before a split stay together; this is about those that were
found, or came with a split of their own, afterwards.
"""

from mlcore.data_health import LEAKS
from mlcore.measured import MEASURED
from mlcore.snapshot import load_snapshot
from storage.dismissals import dismissals
from storage.facts import near_duplicate_pairs
from storage.projects import Project
from storage.runs import run_dir


def copies_across(project: Project, run_id: str, split: str) -> int:
    """How many pictures of training or a held-out split have a copy in the other.

    Both sides count, as in Data, Health; the run's own split counts, whatever moved
    since. What a person called no copy is left out.
    """
    pairs = near_duplicate_pairs(project)
    if not pairs or split == MEASURED:
        return 0  # what a run from elsewhere trained on is not known
    images = load_snapshot(run_dir(project, run_id)).images
    parts = dict(zip(images["image_id"], images["split"], strict=True))
    no_copies = dismissals(project).get(LEAKS, set())
    found: set[int] = set()
    for one, other, _ in pairs:
        is_across = {parts.get(one), parts.get(other)} == {"train", split}
        if is_across and not no_copies & {one, other}:
            found |= {one, other}
    return len(found)


def copies_words(copies: int) -> str:
    """Return what that many copies mean for figures, as a sentence."""
    return (
        f"{copies:,} pictures have a copy in another split, which makes the figures "
        "too good."
    )
