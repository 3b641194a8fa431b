"""A prediction becomes confirmed labels of the project, and can be taken back."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from mlcore.classified import ask_about
from mlcore.errors import MLError, PredictionError
from mlcore.images import read_image
from pages.parts.classify_batch import Picture, Queued, Saved
from storage import answers, images
from storage.doubted import doubt_reasons, take_back_doubted
from storage.errors import RunError
from storage.home import load_settings
from storage.labels import list_groups, list_labels
from storage.records import NewImage

if TYPE_CHECKING:
    from mlcore.predictions import Prediction
    from storage.projects import Project

SOURCE = "classify"
# Files of one batch are in memory together while they are stored.
STORED_AT_ONCE = 32


def exclusive_names(project: Project) -> frozenset[str]:
    """Return the names of labels that exclude others of their group."""
    groups = (group for group in list_groups(project) if group.rule != "any")
    return frozenset(label.name for group in groups for label in group.labels)


def confirmed_labels(
    prediction: Prediction, exclusive: frozenset[str]
) -> tuple[str, ...]:
    """Return the labels to save: the best of each exclusive group, and the free
    ones above their threshold. That never breaks a group's rule, as the labels
    above threshold alone might.
    """
    free = [label for label in prediction.labels if label not in exclusive]
    return tuple(dict.fromkeys([*prediction.combination, *free]))


def find_known(
    project: Project, hashes: Mapping[int, str]
) -> dict[int, tuple[str, ...]]:
    """Return the labels of pictures the project has answers for, by number."""
    ids = images.known_hashes(project, hashes.values())
    answered = answers.answers_of(project, list(ids.values()))
    names = {label.label_id: label.name for label in list_labels(project)}
    return {
        n: tuple(name for i, name in names.items() if answered[ids[sha256]].get(i))
        for n, sha256 in hashes.items()
        if sha256 in ids and answered[ids[sha256]]
    }


def save_labels(
    project: Project, picture: Picture, labels: Sequence[str], *, who: str
) -> Saved:
    """Store the picture with exactly these labels as a complete statement.

    A picture that the project has already gets these answers in place of its own.
    """
    label_ids = _label_ids(project, labels)
    # Image and answers share one batch: one undo takes back both.
    batch_id = uuid.uuid4().hex
    image_ids, added = _store_pictures(project, [picture], who, batch_id)
    answers.answer(
        project,
        image_ids[picture.number],
        _whole_answer(project, label_ids),
        who=who,
        batch_id=batch_id,
        complete=True,
    )
    return Saved(
        image_id=image_ids[picture.number],
        batch_id=batch_id,
        is_new=picture.number in added,
        labels=tuple(labels),
    )


def save_many(
    project: Project,
    rows: Sequence[tuple[Picture, Prediction]],
    *,
    who: str,
) -> dict[int, Saved]:
    """Store many predictions in one batch of answers, by number of the picture.

    Pictures that carry answers already are left as they are: nobody has looked at
    each of these predictions.
    """
    exclusive = exclusive_names(project)
    labels = {picture.number: confirmed_labels(p, exclusive) for picture, p in rows}
    ids = {n: _label_ids(project, names) for n, names in labels.items() if names}
    pictures = [picture for picture, _ in rows if picture.number in ids]
    batch_id = uuid.uuid4().hex
    image_ids, added = _store_pictures(project, pictures, who, batch_id)
    answered = answers.answers_of(project, list(image_ids.values()))
    open_numbers = [n for n in ids if not answered.get(image_ids[n])]
    answers.set_many(
        project,
        [(image_ids[n], frozenset(ids[n])) for n in open_numbers],
        who=who,
        batch_id=batch_id,
    )
    return {
        n: Saved(image_ids[n], batch_id, n in added, labels[n], is_bulk=True)
        for n in open_numbers
    }


def queue_doubtful(
    project: Project,
    run_id: str,
    rows: Sequence[tuple[Picture, Prediction]],
    *,
    who: str,
) -> Queued:
    """Store pictures without labels and ask people to label them.

    Those with answers already are left as they are: nobody is asked again. A file that
    cannot be read (any more) stops no other.
    """
    batch_id = uuid.uuid4().hex
    found = {picture.number: prediction for picture, prediction in rows}
    pictures = [picture for picture, _ in rows]
    image_ids, added = _store_pictures(
        project, pictures, who, batch_id, skips_unreadable=True
    )
    answered = answers.answers_of(project, list(image_ids.values()))
    asked = {i: found[n] for n, i in image_ids.items() if not answered.get(i)}
    ask_about(project, run_id, asked, who=who, batch_id=batch_id)
    return Queued(batch_id, len(asked), frozenset(image_ids[n] for n in added))


def note_doubt(
    project: Project, run_id: str, prediction: Prediction, saved: Saved, *, who: str
) -> None:
    """Note that the run was in doubt of what a person has labelled here and now.

    So a later run can be asked about the same picture. What waits in the queue has
    been noted.
    """
    image_id = saved.image_id
    if prediction.is_doubtful and not doubt_reasons(project, [image_id]):
        found = {image_id: prediction}
        # What was saved stays, even where the run was deleted meanwhile.
        with suppress(PredictionError, RunError):
            ask_about(project, run_id, found, who=who, batch_id=saved.batch_id)


def undo_queue(project: Project, queued: Queued, *, who: str) -> int:
    """Take pictures out of the labeling queue and of the project; how many.

    What somebody has labelled meanwhile stays.
    """
    open_ids = take_back_doubted(project, queued.batch_id)
    gone = queued.added.intersection(open_ids)
    images.delete_images(project, gone, who=who, batch_id=uuid.uuid4().hex)
    return len(open_ids)


def undo_saved(project: Project, saved: Saved, *, who: str) -> None:
    """Take back one save, and the image if it came in with it."""
    if not saved.is_bulk:
        answers.undo(project, who=who, batch_id=saved.batch_id)
        take_back_doubted(project, saved.batch_id)
        return
    # A bulk save answers only images nobody had answered: unknown is what they were.
    unknown = {label.label_id: None for label in list_labels(project)}
    answers.answer(project, saved.image_id, unknown, who=who, batch_id=uuid.uuid4().hex)
    if saved.is_new:
        images.delete_images(
            project, [saved.image_id], who=who, batch_id=uuid.uuid4().hex
        )


def undo_bulk(project: Project, batch_id: str, *, who: str) -> None:
    """Take back everything that one "Save all" saved."""
    answers.undo(project, who=who, batch_id=batch_id)


def _store_pictures(
    project: Project,
    pictures: Sequence[Picture],
    who: str,
    batch_id: str,
    *,
    skips_unreadable: bool = False,
) -> tuple[dict[int, int], set[int]]:
    """Return (image id by picture number, numbers that are new to the project)."""
    image_ids: dict[int, int] = {}
    added: set[int] = set()
    for start in range(0, len(pictures), STORED_AT_ONCE):
        part = pictures[start : start + STORED_AT_ONCE]
        files = _read_each(part, skips_unreadable)
        report = images.add_images(
            project, list(files.values()), who=who, batch_id=batch_id
        )
        for number, (new, _) in files.items():
            known = report.added.get(new.sha256)
            image_ids[number] = known or report.already[new.sha256]
            if known:
                added.add(number)
    return image_ids, added


def _read_each(
    pictures: Sequence[Picture], skips_unreadable: bool
) -> dict[int, tuple[NewImage, bytes]]:
    files = {}
    for picture in pictures:
        try:
            files[picture.number] = _read(picture)
        except (MLError, OSError):
            if not skips_unreadable:
                raise
    return files


def _read(picture: Picture) -> tuple[NewImage, bytes]:
    data = picture.path.read_bytes()
    settings = load_settings()
    read = read_image(
        data,
        max_bytes=settings.max_image_bytes,
        max_pixels=settings.max_image_pixels,
    )
    new = NewImage(
        sha256=read.sha256,
        name=picture.name,
        ext=read.ext,
        width_px=read.width_px,
        height_px=read.height_px,
        size_bytes=len(data),
        source=SOURCE,
    )
    return new, data


def _label_ids(project: Project, names: Sequence[str]) -> list[int]:
    known = {label.name.casefold(): label.label_id for label in list_labels(project)}
    missing = [name for name in names if name.casefold() not in known]
    if missing:
        raise PredictionError(
            f"The project has no label “{missing[0]}” any more: it was renamed or "
            "deleted after this run. Choose the labels with “Correct it”."
        )
    return [known[name.casefold()] for name in names]


def _whole_answer(project: Project, yes_ids: Sequence[int]) -> dict[int, bool | None]:
    """Say no to every other label: older answers of the picture must not stay."""
    every: dict[int, bool | None] = {
        label.label_id: False for label in list_labels(project)
    }
    return every | dict.fromkeys(yes_ids, True)
