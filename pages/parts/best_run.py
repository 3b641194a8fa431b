"""Which of a project's runs is the best so far."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from mlcore.cautions import list_and
from mlcore.errors import MLError
from mlcore.left_out import study_of_run
from mlcore.model_json import MODEL_NAME, PREDICTIONS_NAME
from pages.parts.run_status import best_metric
from pages.parts.text import number
from storage.run_imports import IMPORTED
from storage.runs import run_dir

if TYPE_CHECKING:
    from storage.projects import Project
    from storage.records import Run

# Less than this is chance: four of 414 pictures.
SAME_WITHIN = 0.01
# Comparing two runs takes a fifth of a second, once.
RIVALS = 3
TIED = "best so far, as good as"


def find_best_run(project: Project, runs: Sequence[Run]) -> Run | None:
    """Return the run with the best exact match on held-out pictures; of equal ones
    the newest, None where nothing is measured.

    Held-out pictures show what training showed too. So among runs less than a point
    apart, that counts which was right more often on combinations left out of training.
    Only runs with the labels of the newest usable one: others answer another question.
    One trained elsewhere is not ranked. `runs` come newest first.
    """
    usable = [run for run in runs if run.is_usable and run.recipe != IMPORTED]
    measured = [run for run in usable if best_metric(run, "exact_match") is not None]
    # best first, so that few model files are read
    measured.sort(key=lambda run: -(best_metric(run, "exact_match") or 0.0))
    wanted = _label_ids(project, usable[0]) if measured else None
    same = (run for run in measured if _label_ids(project, run) == wanted)
    first = next(same, None)
    if first is None:
        return None
    enough = (best_metric(first, "exact_match") or 0.0) - SAME_WITHIN
    near = takewhile(lambda run: (best_metric(run, "exact_match") or 0) > enough, same)
    return max([first, *near], key=lambda run: unseen_share(project, run) or 0.0)


def why_best(project: Project, runs: Sequence[Run], best: Run) -> str:
    """Return why it is the best though another run has a better figure; else ""."""
    exact = best_metric(best, "exact_match") or 0.0
    usable = [run for run in runs if run.is_usable]
    better = [r for r in usable if (best_metric(r, "exact_match") or 0.0) > exact]
    if not better:
        return ""
    mine = _label_ids(project, best) or frozenset()
    others = [_label_ids(project, run) or frozenset() for run in better]
    if all(ids == mine for ids in others):
        return "more right on never-shown combinations"
    if all(ids <= mine for ids in others):
        return "knows more labels"
    return "has the labels of the newest run"


def best_words(project: Project, runs: Sequence[Run], best: Run) -> str:
    """Return "best so far: knows more labels", the reason only where one is due.

    Where held-out pictures show no difference to other runs, it starts with `TIED`.
    """
    if why := why_best(project, runs, best):
        return f"best so far: {why}"
    numbers = [number(run.number) for run in as_good_as(project, runs, best)]
    if not numbers:
        return "best so far"
    noun = "run" if len(numbers) == 1 else "runs"
    named = list_and(sorted(numbers))
    return f"{TIED} {noun} {named} as far as these pictures can tell"


def as_good_as(project: Project, runs: Sequence[Run], best: Run) -> list[Run]:
    """Return the runs next best of which held-out pictures show no difference to it.

    Nothing is said of runs that cannot be compared; asked are `RIVALS` at most.
    """
    others = [run for run in runs if run.is_usable and run.recipe != IMPORTED]
    others = [run for run in others if run.run_id != best.run_id]
    others.sort(key=lambda run: -(best_metric(run, "exact_match") or 0.0))
    return [run for run in others[:RIVALS] if _is_same(project, run, best)]


def _is_same(project: Project, run: Run, best: Run) -> bool:
    written = tuple(
        path.stat().st_mtime_ns if path.exists() else 0
        for one in (run, best)
        for path in (
            run_dir(project, one.run_id) / name
            for name in (MODEL_NAME, PREDICTIONS_NAME)
        )
    )
    key = str(run_dir(project, run.run_id)), str(run_dir(project, best.run_id))
    return _kept_verdict((*key, *written), project, run.run_id, best.run_id)


# The folders and the times of writing are the key: run ids repeat between projects.
@st.cache_data(max_entries=64, show_spinner=False)
def _kept_verdict(
    key: tuple[str | int, ...], _project: Project, _run_id: str, _best_id: str
) -> bool:
    # Not at the top: pandas would load with every page that names a run.
    from mlcore.run_pairs import SAME, compare_exact

    try:
        return compare_exact(_project, _run_id, _best_id).verdict == SAME
    except (MLError, OSError):
        return False


def unseen_share(project: Project, run: Run) -> float | None:
    """Return how often such a run is right on combinations it never saw, if known."""
    study = study_of_run(project, run)
    return study.share if study else None


def _label_ids(project: Project, run: Run) -> frozenset[int] | None:
    path = run_dir(project, run.run_id) / MODEL_NAME
    try:
        return _read_label_ids(path, path.stat().st_mtime_ns)
    except OSError:
        return None


@lru_cache(maxsize=256)
def _read_label_ids(path: Path, _written: int) -> frozenset[int] | None:
    try:
        facts = json.loads(path.read_bytes())
        return frozenset(label["label_id"] for label in facts["labels"])
    except (ValueError, KeyError, TypeError):
        return None
