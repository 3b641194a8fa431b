"""What runs beside the pages while the server is up."""

from __future__ import annotations

import asyncio
import gc
import importlib
import logging
import os
import pkgutil
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio

import pages.parts
from pages.routes.home_hold import hold_home
from storage.errors import HomeError, StorageError

log = logging.getLogger("unseen")

SUPERVISE_EVERY_S = 2.0
SWEEP_EVERY_S = 3600.0
UPLOADS_KEPT_S = 24 * 3600.0
# Pages import these on first use; importing them before the first visitor moves the
# wait to the start, and gc.freeze below then covers them.
HEAVY = (
    "pandas",
    "plotly.graph_objects",
    "PIL.Image",
    "mlcore.jobs",
    "mlcore.scoring",
)
modules_frozen = 0
logged: dict[str, str] = {}


@asynccontextmanager
async def lifespan(_app: Any) -> AsyncIterator[None]:
    """Warm up, keep runs and uploads in order until the server ends."""
    try:
        with hold_home():
            await attempt(warm_up)
            task = asyncio.create_task(keep_order())
            try:
                yield
            finally:
                task.cancel()
                await attempt(shut_down)
    except HomeError as error:
        # Under `streamlit run` the server is up before the folder is looked at; any
        # exception from here, SystemExit too, is printed as a traceback.
        print(error, file=sys.stderr, flush=True)
        os._exit(1)


def warm_up() -> None:
    """Import what pages need, then put it out of the garbage collector's sight.

    Streamlit collects garbage after every script run (runner.postScriptGC); walking
    all imported modules made that 0.5 s for 20 people clicking. Frozen objects are
    not walked, and the collection after each run stays on.
    """
    for module in HEAVY:
        importlib.import_module(module)
    for part in pkgutil.iter_modules(pages.parts.__path__, "pages.parts."):
        importlib.import_module(part.name)
    freeze_modules()


def freeze_modules() -> None:
    """Freeze what lives now, if modules were imported since the last time.

    Some come only with a first visit (Streamlit's own, a decoder); each time costs
    what is garbage by then, and there are few such times.
    """
    global modules_frozen
    if len(sys.modules) != modules_frozen:
        gc.collect()
        gc.freeze()
        modules_frozen = len(sys.modules)


async def keep_order() -> None:
    """Start queued runs and sweep old uploads, each in a thread, for ever."""
    swept_at = float("-inf")
    while True:
        await attempt(supervise)
        await attempt(freeze_modules)
        if time.monotonic() - swept_at > SWEEP_EVERY_S:
            await attempt(sweep)
            swept_at = time.monotonic()
        await asyncio.sleep(SUPERVISE_EVERY_S)


async def attempt(step: Any) -> None:
    """Run one step in a thread; a failure is logged and the next round tries again.

    A sentence, such as of a damaged project, is logged once, not every round.
    """
    sentence = ""
    try:
        await anyio.to_thread.run_sync(step)
    except StorageError as error:
        sentence = str(error)
        if logged.get(step.__name__) != sentence:
            log.error("the step %s failed: %s", step.__name__, sentence)
    except Exception:
        log.exception("the step %s failed", step.__name__)
    logged[step.__name__] = sentence


def supervise() -> None:
    """Keep the queue of runs going; measure, suggest, convert where there is time."""
    from mlcore.engine_supervision import supervise_all_engines
    from mlcore.health_jobs import supervise_all_facts
    from mlcore.jobs import supervise_all
    from mlcore.run_search import advance_all
    from mlcore.scoring import supervise_all_scoring

    try:
        supervise_all()
        advance_all()
    finally:  # a damaged project stops nobody's suggestions
        supervise_all_facts()
        supervise_all_scoring()
        supervise_all_engines()


def sweep() -> None:
    """Look after every project's folder; a damaged one is logged, the rest go on."""
    from mlcore.uploads import sweep_uploads
    from storage.projects import incoming, list_projects

    sweep_uploads(incoming(), UPLOADS_KEPT_S)
    for summary in list_projects():
        try:
            sweep_project(summary.name)
        except StorageError as error:
            log.warning("%s: %s", summary.name, error)


def sweep_project(name: str) -> None:
    """Check the file, remove uploads of yesterday and pictures without a row."""
    from mlcore.uploads import sweep_uploads
    from storage.database import check_file
    from storage.images import sweep_orphans
    from storage.projects import open_project

    with open_project(name) as project:
        check_file(project.db)
        sweep_uploads(project, UPLOADS_KEPT_S)
        sweep_orphans(project)


def shut_down() -> None:
    """End the processes that classify pictures or draw logs; training runs go on."""
    from mlcore.prediction_service import shutdown_all
    from mlcore.tensorboard import stop_all_boards

    stop_all_boards()
    shutdown_all()
