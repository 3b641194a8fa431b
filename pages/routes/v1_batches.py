"""Requests that come at the same time are answered as one batch.

Each core works on a picture of its own, so what arrives within a few milliseconds, or
while the predictor is at work, goes to it together.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import anyio.to_thread

from mlcore.prediction_service import classify_pictures
from pages.routes.answers import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlcore.prediction_service import Asked
    from mlcore.predictions import Prediction

GATHER_S = 0.003
# While these are worked on, the next ones arrive: larger batches are no quicker.
MOST_TOGETHER = 8
# More than this waits in memory only for nobody to get an answer in time.
MOST_BYTES = 512 * 2**20
MOST_WAITING = 512


@dataclass(slots=True)
class Job:
    """What one request asks; `answer` is settled when the predictor has said it."""

    model: tuple[str, str]
    pictures: Sequence[Asked]
    answer: asyncio.Future[list[Prediction]] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )

    @property
    def size(self) -> int:
        """Bytes of its pictures."""
        return sum(len(one.data or b"") for one in self.pictures)


class Gatherer:
    """Collects jobs and asks the predictor, one batch of one run at a time."""

    def __init__(self) -> None:
        self._waiting: deque[Job] = deque()
        self._bytes = 0
        self._worker: asyncio.Task[None] | None = None

    async def classify(
        self, project: str, run_id: str, pictures: Sequence[Asked]
    ) -> list[Prediction]:
        """Return one prediction a picture, in order; Refused (503) when too many wait.

        Raises what `prediction_service.classify` raises.
        """
        job = Job((project, run_id), pictures)
        if self._bytes + job.size > MOST_BYTES or len(self._waiting) >= MOST_WAITING:
            raise Refused(
                503,
                "Too many pictures wait for their answer. Come again in a moment.",
                "busy",
                {"Retry-After": "1"},
            )
        self._bytes += job.size
        self._waiting.append(job)
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._work())
        try:
            return await job.answer
        finally:
            self._bytes -= job.size

    async def _work(self) -> None:
        while self._waiting:
            await asyncio.sleep(GATHER_S)
            await answer_together(self._take())

    def _take(self) -> list[Job]:
        """Return the first job and those of the same run behind it, as many as fit."""
        model, count = self._waiting[0].model, 0
        taken: list[Job] = []
        others: deque[Job] = deque()
        for job in self._waiting:
            fits = not taken or count + len(job.pictures) <= MOST_TOGETHER
            if job.model == model and fits:
                taken.append(job)
                count += len(job.pictures)
            else:
                others.append(job)
        self._waiting = others
        return taken


async def answer_together(jobs: Sequence[Job]) -> None:
    """Ask the predictor about the pictures of all jobs, and settle each."""
    project, run_id = jobs[0].model
    pictures = [one for job in jobs for one in job.pictures]
    try:
        found = await anyio.to_thread.run_sync(
            partial(classify_pictures, project, run_id, pictures)
        )
    except Exception as error:
        # Whatever it is, somebody waits for each of these answers.
        for job in jobs:
            if not job.answer.done():
                job.answer.set_exception(error)
        return
    rest = iter(found)
    for job in jobs:
        own = [next(rest) for _ in job.pictures]
        # A request that was given up is cancelled.
        if not job.answer.done():
            job.answer.set_result(own)


gatherer = Gatherer()
