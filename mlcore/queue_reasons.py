"""Why a queue shows an image: one short plain sentence, names as people wrote them."""

from collections.abc import Callable, Collection, Iterable

from mlcore.coverage_gaps import Filler, best_fillers
from storage.answers import answers_of
from storage.doubted import doubt_reasons
from storage.images import get_images
from storage.label_sets import parse_key
from storage.labels import list_groups, list_labels
from storage.projects import Project
from storage.queue_rows import label_births, last_answers, list_unlike_pairs
from storage.scores import ImageScore, scores_of
from storage.suspects import Suspect, suspects_of

NAMES_AT_MOST = 3
Reasons = dict[int, str]


def _names(project: Project) -> dict[int, str]:
    return {label.label_id: label.name for label in list_labels(project)}


def _percent(probability: float) -> str:
    """A share in words; only a certain 1 is called 100 %."""
    return f"{min(round(100 * probability), 99 if probability < 1 else 100)} %"


def _join(names: Iterable[str], *, quoted: bool = False) -> str:
    shown = [f"“{name}”" if quoted else name for name in names]
    more = len(shown) - NAMES_AT_MOST
    return ", ".join(shown[:NAMES_AT_MOST]) + (f" and {more} more" if more > 0 else "")


def _unlabelled(project: Project, ids: list[int]) -> Reasons:
    images = get_images(project, ids)
    return {x.image_id: "not labelled yet" for x in images if not x.answered}


def _second(project: Project, ids: list[int]) -> Reasons:
    return dict.fromkeys(ids, "somebody else answered; a second opinion is wanted")


def _newly_open(project: Project, ids: list[int]) -> Reasons:
    names, answers = _names(project), answers_of(project, ids)
    births, last = label_births(project), last_answers(project, ids)
    found = {}
    for image_id in ids:
        unknown = [i for i in names if i not in answers[image_id]]
        said = last.get(image_id, 0)
        since = [i for i in unknown if births.get(i, 0) > said]
        if not unknown or not answers[image_id]:
            continue
        words = _join((names[i] for i in since or unknown), quoted=True)
        count = len(since or unknown)
        verb = "was" if count == 1 else "were"
        if since:
            found[image_id] = f"{words} {verb} added since"
        else:
            found[image_id] = f"{words} {'is' if count == 1 else 'are'} unknown"
    return found


def _unsure(project: Project, ids: list[int]) -> Reasons:
    names = _names(project)
    exclusive = [
        [label.label_id for label in group.labels]
        for group in list_groups(project)
        if group.rule != "any"
    ]
    found = {}
    for image_id, score in scores_of(project, ids).items():
        if doubt := _least_sure(score, exclusive):
            label_id, probability = doubt
            words = f"{names.get(label_id, '?')} {_percent(probability)}"
            found[image_id] = f"least sure: {words}"
    return found


def _least_sure(
    score: ImageScore, exclusive: Collection[list[int]]
) -> tuple[int, float] | None:
    """The label of the least certain question, with its probability.

    An exclusive group is one question, answered by its most probable label; any
    other label is a question of its own, least certain at one half.
    """
    said = dict(score.probabilities)
    doubts = []
    for members in exclusive:
        own = {i: said.pop(i) for i in members if i in said}
        if own:
            best = max(own, key=own.__getitem__)
            doubts.append((own[best], best, own[best]))
    doubts += [(max(p, 1 - p), label_id, p) for label_id, p in said.items()]
    return min(doubts)[1:] if doubts else None


def _coverage(project: Project, ids: list[int]) -> Reasons:
    said = {i: score.probabilities for i, score in scores_of(project, ids).items()}
    fillers = best_fillers(project, said)
    return {image_id: _filler_words(filler) for image_id, filler in fillers.items()}


def _filler_words(filler: Filler) -> str:
    combination = filler.gap.combination
    name = " · ".join(combination.names)
    chance = _percent(filler.probability)
    if not combination.count:
        return f"would be the first {name} ({chance})"
    return f"would be one of {combination.count + 1} {name} ({chance})"


def _disagreement(project: Project, ids: list[int]) -> Reasons:
    names, answers = _names(project), answers_of(project, ids)
    found = {}
    for image_id, score in scores_of(project, ids).items():
        said = {i: v for i, v in answers[image_id].items() if i in score.probabilities}
        read = [i for i in score.reading if said.get(i) is False]
        people = [i for i, yes in said.items() if yes and i not in score.reading]
        if read or people:
            found[image_id] = _clash_words(names, score, read, people)
    return found


def _clash_words(
    names: dict[int, str], score: ImageScore, read: list[int], people: list[int]
) -> str:
    said = _join(names.get(i, "?") for i in people)
    seen = _join(names.get(i, "?") for i in read)
    chances = [score.probabilities[i] for i in read or people]
    chance = _percent(min(chances))
    if people and read:
        return f"people said {said}, the model reads {seen} ({chance})"
    if read:
        return f"people said not {seen}, the model reads it ({chance})"
    return f"people said {said}, the model does not read it ({chance})"


def _label_errors(project: Project, ids: list[int]) -> Reasons:
    names = _names(project)
    found = suspects_of(project, ids)
    return {image_id: suspect_words(names, rows) for image_id, rows in found.items()}


def suspect_words(names: dict[int, str], suspects: Collection[Suspect]) -> str:
    """What the answers of an image say, and what the heads read instead."""
    said = [x for x in suspects if x.value and x.label_id in names]
    read = [x for x in suspects if not x.value and x.label_id in names]
    says = _join(names[x.label_id] for x in said)
    reads = _join(f"{names[x.label_id]} {_percent(x.probability)}" for x in read)
    if said and read:
        return f"labelled {says}, the model reads {reads}"
    if read:
        denied = _join(names[x.label_id] for x in read)
        return f"labelled not {denied}, the model reads {reads}"
    doubts = _join(f"{names[x.label_id]} {_percent(x.probability)}" for x in said)
    return f"labelled {says}, the model gives {doubts}"


def _duplicates(project: Project, ids: list[int]) -> Reasons:
    names, other_of = _names(project), dict[int, int]()
    for one, other in reversed(list_unlike_pairs(project, ids)):
        other_of[one], other_of[other] = other, one
    images = {image.image_id: image for image in get_images(project, other_of.values())}
    found = {}
    for image_id in ids:
        if twin := images.get(other_of.get(image_id, 0)):
            shown = [names.get(i, "?") for i in parse_key(twin.set_key)]
            words = " · ".join(shown) or "none of the labels"
            found[image_id] = f"looks like {twin.name}, which is labelled {words}"
    return found


REASONS: dict[str, Callable[[Project, list[int]], Reasons]] = {
    "unlabelled": _unlabelled,
    "new-label": _newly_open,
    "unsure": _unsure,
    "coverage": _coverage,
    "classified": doubt_reasons,
    "disagreement": _disagreement,
    "label-errors": _label_errors,
    "duplicates": _duplicates,
    "second": _second,
}
