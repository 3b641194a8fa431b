"""Pictures to classify and what came of them, kept while the page is elsewhere.

A batch lives in the session, so reruns and page switches never classify twice.
The thread only waits for the predictor's own process; it never touches Streamlit.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from mlcore import prediction_service
from mlcore.answer_rule import AnswerRule
from mlcore.classified import remember
from mlcore.errors import MLError
from storage.errors import StorageError
from storage.projects import open_project

if TYPE_CHECKING:
    from mlcore.predictions import Prediction

# Small enough that a cancelled big batch keeps most of what was done.
CHUNK = 32


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture to classify; `truth` is known for sample pictures only."""

    number: int
    path: Path
    name: str
    url: str
    truth: tuple[str, ...] = ()


@dataclass(slots=True)
class Saved:
    """How a prediction went into the project: enough to take it back."""

    image_id: int
    batch_id: str
    is_new: bool
    labels: tuple[str, ...]
    is_bulk: bool = False


@dataclass(frozen=True, slots=True)
class Queued:
    """Pictures put into the labeling queue at once; `added` came into the project."""

    batch_id: str
    count: int
    added: frozenset[int]


@dataclass(slots=True)
class Work:
    """One call of the predictor, running in a thread."""

    wanted: list[Picture]
    started: float = field(default_factory=time.monotonic)
    done: int = 0
    error: str = ""
    cancelled: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None

    @property
    def is_alive(self) -> bool:
        return self.thread is not None and self.thread.is_alive()


@dataclass(slots=True)
class Batch:
    """Pictures of one source read by one run.

    `known` are the labels of pictures that were in the project before; `waiting` are
    those in the labeling queue, `queued` is how this session put them there;
    `unremembered` says why what was read is not remembered. By `rule` labels count;
    `in_sight` are a filter and what it showed when the page was last drawn.
    """

    key: str
    project_name: str
    run_id: str
    pictures: dict[int, Picture]
    who: str = ""
    predictions: dict[int, Prediction] = field(default_factory=dict)
    saved: dict[int, Saved] = field(default_factory=dict)
    hashes: dict[int, str] = field(default_factory=dict)
    known: dict[int, tuple[str, ...]] = field(default_factory=dict)
    notes: dict[int, str] = field(default_factory=dict)
    failures: dict[int, str] = field(default_factory=dict)
    asked: set[int] = field(default_factory=set)
    waiting: set[int] = field(default_factory=set)
    queued: list[Queued] = field(default_factory=list)
    unremembered: str = ""
    work: Work | None = None
    rule: AnswerRule = field(default_factory=AnswerRule)
    in_sight: tuple[object, frozenset[int]] = (None, frozenset())

    def answer(self, n: int) -> Prediction:
        """Return what was read with the labels that count by the rule chosen."""
        return self.rule(self.predictions[n])

    def start(self, numbers: Sequence[int]) -> None:
        """Classify these pictures in the background, except those already known."""
        if self.work and self.work.is_alive:
            return
        wanted = [self.pictures[n] for n in numbers if n not in self.predictions]
        if not wanted:
            return
        self.asked.update(picture.number for picture in wanted)
        self.work = Work(wanted)
        self.work.thread = threading.Thread(
            target=_classify, args=(self, self.work), daemon=True, name="classify"
        )
        self.work.thread.start()

    def settled(self, n: int) -> tuple[str, ...] | None:
        """Return the labels a person gave this picture, None if nobody did."""
        return self.saved[n].labels if n in self.saved else self.known.get(n)

    def unreadable(self) -> list[int]:
        """Return the numbers of files that are no picture that can be read."""
        return [n for n in sorted(self.predictions) if self.predictions[n].error]

    def is_doubtful(self, n: int) -> bool:
        """Say whether a person should look at this picture and has not yet."""
        return self.predictions[n].is_doubtful and self.settled(n) is None

    def doubtful(self) -> list[int]:
        """Return the numbers of pictures a person should look at first."""
        return [n for n in sorted(self.predictions) if self.is_doubtful(n)]


def _classify(batch: Batch, work: Work) -> None:
    try:
        for start in range(0, len(work.wanted), CHUNK):
            if work.cancelled.is_set():
                return
            _classify_chunk(batch, work, work.wanted[start : start + CHUNK])
    except (MLError, StorageError, OSError) as error:
        if not work.cancelled.is_set():
            work.error = str(error)


def _classify_chunk(batch: Batch, work: Work, pictures: Sequence[Picture]) -> None:
    before = work.done

    def note(done: int, _total: int) -> None:
        work.done = before + done

    found = prediction_service.classify(
        batch.project_name,
        batch.run_id,
        [picture.path for picture in pictures],
        names=[picture.name for picture in pictures],
        on_progress=note,
        is_cancelled=work.cancelled.is_set,
    )
    for picture, prediction in zip(pictures, found, strict=False):
        batch.hashes[picture.number] = _hash_file(picture.path, prediction)
        batch.predictions[picture.number] = prediction
    work.done = before + len(pictures)
    _remember(batch, pictures)


def _hash_file(path: Path, prediction: Prediction) -> str:
    """Return the digest of a picture; one that cannot be read has that of nothing."""
    try:
        data = b"" if prediction.error else path.read_bytes()
    except OSError:  # gone since it was classified
        data = b""
    return hashlib.sha256(data).hexdigest()


def _remember(batch: Batch, pictures: Sequence[Picture]) -> None:
    """Remember what was read; answers never wait or fail for it."""
    numbers = [p.number for p in pictures if p.number in batch.predictions]
    found = {batch.hashes[n]: batch.predictions[n] for n in numbers}
    try:
        with open_project(batch.project_name) as project:
            remember(project, batch.run_id, found, who=batch.who)
    except (MLError, StorageError, OSError) as error:
        batch.unremembered = str(error)
