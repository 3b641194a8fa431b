"""Queues: which image is worth a person's next minute, and why. No tensorflow."""

from collections.abc import Callable
from dataclasses import dataclass

from mlcore.coverage_gaps import list_fillers
from mlcore.data_health import CHECKS
from mlcore.health_queues import PREFIX, finding_ids, finding_key, finding_reasons
from mlcore.queue_reasons import REASONS
from storage import picks, queue_rows
from storage.doubted import count_open_doubted, list_open_doubted
from storage.errors import ImageError
from storage.images import count_images, list_image_ids
from storage.opinions import double_share, second_wanted
from storage.projects import Project
from storage.records import Filter
from storage.suspects import count_suspected_images, list_suspected_images

UNLABELLED = Filter(state="unlabelled")


@dataclass(frozen=True, slots=True)
class Queue:
    """One order of work; `needs` is scores (of a run), facts (measured) or None."""

    key: str
    title: str
    explanation: str
    needs: str | None = None


QUEUES: dict[str, Queue] = {
    queue.key: queue
    for queue in (
        Queue("unlabelled", "Not labelled yet", "Without any answer, oldest first."),
        Queue(
            "new-label",
            "A label was added since",
            "Labelled, but a label is still unknown; the newest label first.",
        ),
        Queue(
            "unsure",
            "The model is unsure",
            "Not labelled yet, the least certain first: an answer teaches most here.",
            "scores",
        ),
        Queue(
            "coverage",
            "Helps coverage most",
            "Probably shows a combination that is missing or thin.",
            "scores",
        ),
        Queue(
            "classified",
            "Doubtful when classified",
            "Put here on Classify: read as something training never showed, or close.",
        ),
        Queue(
            "disagreement",
            "Model and label disagree",
            "The model reads something else than people said, the surest first;"
            " pictures marked as reviewed are left out.",
            "scores",
        ),
        Queue(
            "label-errors",
            "Probably labelled wrong",
            "Found by the search for label errors on Review, the surest first.",
        ),
        Queue(
            "duplicates",
            "Look alike, labelled differently",
            "Nearly the same picture twice, with different labels.",
            "facts",
        ),
        Queue(
            "second",
            "A second opinion is wanted",
            "Somebody else has answered; yours is compared with it.",
        ),
    )
}

# Reached from the findings of the Data page; no menu offers them.
FINDINGS: dict[str, Queue] = {
    PREFIX + check.key: Queue(PREFIX + check.key, check.title, check.explanation)
    for check in CHECKS.values()
}

# Choices of images made on other pages: the number of the pick follows.
PICK_PREFIX = "pick-"


def offered_queues(project: Project) -> list[Queue]:
    """The queues of this project; a second opinion only with double labeling."""
    is_double = double_share(project) > 0
    return [q for q in QUEUES.values() if q.key != "second" or is_double]


def known_keys(project: Project) -> set[str]:
    """Every queue that an address may name here."""
    offered = {queue.key for queue in offered_queues(project)}
    chosen = {f"{PICK_PREFIX}{number}" for number in picks.pick_numbers(project)}
    return offered | set(FINDINGS) | chosen


def queue_ids(project: Project, key: str, who: str = "") -> list[int]:
    """Every image of a queue, the most worthwhile first.

    `who` matters to the queue of second opinions only.
    """
    if pick := pick_number(get_queue(key).key):
        return picks.picked_ids(project, pick)
    found = finding_key(key)
    return finding_ids(project, found) if found else _IDS[key](project, who)


def count_queue(project: Project, key: str, who: str = "") -> int:
    """How many images a queue has now."""
    count = _COUNTS.get(get_queue(key).key)
    return count(project) if count else len(queue_ids(project, key, who))


def queue_reasons(
    project: Project, key: str, ids: list[int], who: str = ""
) -> dict[int, str]:
    """Why the queue shows each of these images; without those that left it.

    Nothing is told of an image whose second opinion is wanted from `who`.
    """
    finding = finding_key(get_queue(key).key)
    if double_share(project):
        blind = set(second_wanted(project, who, ids))
        ids = [image_id for image_id in ids if key == "second" or image_id not in blind]
    if finding:
        return finding_reasons(project, finding, ids)
    if pick := pick_number(key):
        return picks.pick_reasons(project, pick, ids)
    return REASONS[key](project, ids)


def what_is_missing(project: Project, queue: Queue) -> str:
    """A sentence on what the queue needs and has not got, or ""."""
    if queue.needs == "scores" and not queue_rows.has_scores(project):
        return "Needs a model: train one, then it reads every picture by itself."
    if queue.needs == "facts" and not queue_rows.has_facts(project):
        return "Needs every picture measured: Data, Health does that."
    return ""


def get_queue(key: str) -> Queue:
    """The queue of this key, or ImageError."""
    found = QUEUES.get(key) or FINDINGS.get(key)
    if found is None and pick_number(key):
        return Queue(key, "Picked pictures", "Chosen on another page to be looked at.")
    if found is None:
        raise ImageError(f"A queue is one of {', '.join(QUEUES)}, not {key[:40]!r}.")
    return found


def pick_number(key: str) -> int | None:
    """The number of the pick a queue's key names; None for any other queue."""
    number = key.removeprefix(PICK_PREFIX)
    is_pick = number != key and number.isascii() and number.isdigit()
    return int(number) if is_pick and len(number) < 18 else None


def _unlike_ids(project: Project, _who: str) -> list[int]:
    pairs = queue_rows.list_unlike_pairs(project)
    return list(dict.fromkeys(image_id for pair in pairs for image_id in pair))


_IDS: dict[str, Callable[[Project, str], list[int]]] = {
    "unlabelled": lambda project, _who: list_image_ids(project, UNLABELLED),
    "new-label": lambda project, _who: queue_rows.list_newly_open(project),
    "unsure": lambda project, _who: queue_rows.list_unsure(project),
    "coverage": lambda project, _who: list_fillers(project),
    "classified": lambda project, _who: list_open_doubted(project),
    "disagreement": lambda project, _who: queue_rows.list_disagreements(project),
    "label-errors": lambda project, _who: list_suspected_images(project),
    "duplicates": _unlike_ids,
    "second": second_wanted,
}
_COUNTS: dict[str, Callable[[Project], int]] = {
    "unlabelled": lambda project: count_images(project, UNLABELLED),
    "unsure": queue_rows.count_unsure,
    "classified": count_open_doubted,
    "label-errors": count_suspected_images,
}
