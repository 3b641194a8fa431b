"""Which key of the keyboard stands for which label.

A label's own key wins. The others get keys by their place, once: from the moment
somebody has seen them they are remembered, so that a label added, moved or deleted
moves nobody else's. A new label gets the first free key; a label that goes frees its.
"""

from collections.abc import Iterable, Mapping

from storage.database import immediate
from storage.label_rows import read_labels
from storage.project_settings import read_setting, write_setting
from storage.projects import Project
from storage.records import Label

KEYS = "label_keys"
# In the order of the left hand, then the rest.
USUAL = (*"123456789", *"qwertvbcyhnjmkiol")
# What keys do in the labeler for every label; space is none, as keys are trimmed.
COMMANDS = {
    "s": "skips a picture",
    "d": "gives the labels of the picture before",
    "p": "gives the labels of the picture before",
    "a": "accepts what the model suggests",
    "0": "says that none of the labels fits",
    "x": "says unknown",
    "u": "undoes",
    "f": "finds a label by its name",
    "g": "goes to a picture",
    "z": "zooms",
    "+": "zooms in",
    "=": "zooms in",
    "-": "zooms out",
    ".": "makes the picture brighter",
    ",": "makes the picture darker",
    "/": "filters by file name",
    "?": "shows the keys",
}
# None of a label's keys: these, and the space, which saves like Enter.
TAKEN = frozenset(COMMANDS) | {" "}


def label_keys(project: Project) -> dict[int, str]:
    """The key of every label; those beyond the number of keys are left out."""
    labels = read_labels(project.db)
    return settle_keys(labels, _read_keys(project) or _keys_by_place(labels))


def keep_keys(project: Project) -> None:
    """Remember the keys as they are: called when somebody gets to see them."""
    if _read_keys(project):
        return
    with immediate(project.db) as db:
        _remember(project, _read_keys(project) or _keys_by_place(read_labels(db)))


def renew_keys(project: Project) -> None:
    """Remember the keys after an act on labels, if anybody has seen one yet."""
    if remembered := _read_keys(project):
        _remember(project, remembered)


def settle_keys(
    labels: Iterable[Label], remembered: Mapping[int, str]
) -> dict[int, str]:
    """The key of each of the labels, in their order, given what is remembered."""
    labels = list(labels)
    found: dict[int, str] = {}
    for label in labels:
        _take(found, label, own_key(label))
    for label in labels:
        _take(found, label, remembered.get(label.label_id, ""))
    # The place of a label that has a key of its own stays free for its return.
    held = {remembered.get(label.label_id) for label in labels}
    free = [key for key in USUAL if key not in found.values()]
    free.sort(key=lambda key: key in held)
    for label in labels:
        if free and _take(found, label, free[0]):
            free.pop(0)
    return found


def own_key(label: Label) -> str:
    """The key that a person gave the label, "" for none or one that is taken."""
    key = label.hotkey.lower()
    return "" if key in TAKEN else key


def _take(found: dict[int, str], label: Label, key: str) -> bool:
    is_free = label.label_id not in found and key and key not in found.values()
    if is_free:
        found[label.label_id] = key
    return bool(is_free)


def _keys_by_place(labels: Iterable[Label]) -> dict[int, str]:
    pairs = zip(labels, USUAL, strict=False)
    return {label.label_id: key for label, key in pairs}


def _remember(project: Project, remembered: Mapping[int, str]) -> None:
    labels = read_labels(project.db)
    settled = settle_keys(labels, remembered)
    owning = {label.label_id for label in labels if own_key(label)}
    usual = {i: key for i, key in settled.items() if i not in owning}
    living = {label.label_id for label in labels}
    # A label that comes back finds its key again, unless a new one has it.
    kept = {
        i: key
        for i, key in remembered.items()
        if i in owning or (i not in living and key not in settled.values())
    }
    if kept | usual != _read_keys(project):
        texts = {str(i): key for i, key in (kept | usual).items()}
        write_setting(project, KEYS, texts)


def _read_keys(project: Project) -> dict[int, str]:
    kept = read_setting(project, KEYS, {})
    return {int(label_id): key for label_id, key in kept.items()}
