"""Choosing what Review looks at: the run and its held-out images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from mlcore import evaluation
from mlcore.measured import MEASURED, measured_folder
from mlcore.model_json import MODEL_NAME, PREDICTIONS_NAME, read_model_json
from mlcore.ranking_curves import rank_labels
from mlcore.training_view import view_of_model
from pages.parts import run_status
from pages.parts.best_run import best_words, find_best_run
from pages.parts.run_status import STATE_LOOKS, has_epochs, local_time
from pages.parts.text import counted, duration, escape
from storage.run_imports import IMPORTED
from storage.runs import run_dir

if TYPE_CHECKING:
    from mlcore.evaluation import HeldOut
    from mlcore.metrics import Evaluation
    from mlcore.ranking_curves import Ranking
    from mlcore.training_view import TrainingView
    from storage.projects import Project
    from storage.records import Run

RUN_KEY = "review_run"
# Of each project the run that a person chose and the newest one they know of.
KEPT_KEY = "review_kept_runs"
# The project and the address that the select was drawn for.
DRAWN_KEY = "review_run_drawn"
SPLIT_KEY = "review_split"
HELD_OUT_WORDS = {
    "validation": "validation pictures: never trained on, but the best epoch was "
    "chosen by them, so expect a little less on new pictures",
    "test": "test pictures: neither training nor the choice of the best epoch ever "
    "saw them",
}
# Heads on features have no epochs to choose from.
HELD_OUT_OF_FEATURES = {
    "validation": "validation pictures, which were never trained on",
    "test": "test pictures, which were never trained on",
}


def choose_run(project: Project, runs: Sequence[Run]) -> Run:
    """Let a person pick a run; the address (`?run=`) preselects, newest otherwise.

    The choice is kept while the session lasts: a run that finishes meanwhile is only
    announced. The best so far is marked: how a new run compares is the question here.
    """
    by_id = {run.run_id: run for run in runs}
    _settle_run(project, list(by_id))
    best = find_best_run(project, runs) if len(runs) > 1 else None
    mark = best_words(project, runs, best) if best else ""
    chosen = st.selectbox(
        "Run",
        list(by_id),
        format_func=lambda run_id: run_title(
            by_id[run_id], mark=mark if best and run_id == best.run_id else ""
        ),
        key=RUN_KEY,
        on_change=_keep_in_address,
    )
    _announce(project.name, runs[0], chosen)
    return by_id[chosen]


def _settle_run(project: Project, run_ids: Sequence[str]) -> None:
    """Set the select before it is drawn: to a new address, what it shows, what is kept.

    Run ids repeat between projects: what another one left in the select is no choice.
    """
    state, asked = st.session_state, st.query_params.get("run", "")
    picked, newest = state.setdefault(KEPT_KEY, {}).get(project.name, ("", run_ids[0]))
    owner, last_asked = state.get(DRAWN_KEY, ("", ""))
    is_same = RUN_KEY in state and owner == project.name
    is_asked = RUN_KEY not in state or asked != last_asked
    wanted = asked if is_asked else "", state[RUN_KEY] if is_same else "", picked
    chosen = next((one for one in wanted if one in run_ids), run_ids[0])
    state[RUN_KEY], state[DRAWN_KEY] = chosen, (project.name, asked)
    if asked == chosen:
        picked = chosen
    state[KEPT_KEY][project.name] = picked, newest


def _announce(project_name: str, newest: Run, chosen: str) -> None:
    """Offer a run that finished since, until it was looked at."""
    kept: dict[str, tuple[str, str]] = st.session_state[KEPT_KEY]
    picked, known = kept[project_name]
    if chosen == newest.run_id:
        kept[project_name] = picked, chosen
    if newest.run_id in (chosen, known):
        return
    st.button(
        f"Run {newest.number} is finished: show it",
        key="review_show_newest",
        type="tertiary",
        icon=":material/new_releases:",
        on_click=_show_run,
        args=(newest.run_id,),
    )


def _show_run(run_id: str) -> None:
    st.session_state[RUN_KEY] = run_id
    _keep_in_address()


def _keep_in_address() -> None:
    st.query_params["run"] = st.session_state[RUN_KEY]


def run_title(run: Run, *, mark: str = "") -> str:
    """Return "Run 3 · Clothes tutorial · finished · 21 Nov 2026, …" as plain text."""
    word = STATE_LOOKS[run.state].word.lower()
    when = local_time(run.ended_at or run.created_at)
    mark = f" · {mark}" if mark else ""
    return f"{run_status.run_title(run)}{mark} · {word} · {when}"


def run_facts(run: Run) -> str:
    """Return one line on how the run went, as safe Markdown."""
    facts = [duration(run.seconds)] if run.recipe != IMPORTED else []
    if has_epochs(run):
        facts.insert(0, counted(run.epochs_done, "epoch"))
    if run.best_epoch and has_epochs(run):
        facts.insert(1, f"best was epoch {run.best_epoch}{run_status.judged_by(run)}")
    if run.message:
        facts.append(escape(run.message))
    return " · ".join(facts)


def load_held_out(project: Project, run_id: str, split: str = "held-out") -> HeldOut:
    """Return a run's saved answers, kept in memory while people try thresholds.

    Raises `PredictionError` where the run kept none.
    """
    folder = run_dir(project, run_id)
    # Other thresholds may be kept with the run at any time.
    written = *_answered(folder), _written(folder / MODEL_NAME)
    return _keep_held_out(str(folder), split, written, project, run_id)


def load_rankings(project: Project, held_out: HeldOut) -> list[Ranking]:
    """Return how well each label is ranked, kept in memory: no threshold matters."""
    folder = run_dir(project, held_out.run)
    written = _answered(folder)
    return _keep_rankings(str(folder), held_out.split, written, held_out)


def load_kept_figures(project: Project, held_out: HeldOut) -> Evaluation:
    """Return the figures with what counts for the run, kept in memory."""
    folder = run_dir(project, held_out.run)
    written = *_answered(folder), _written(folder / MODEL_NAME)
    return _keep_figures(str(folder), held_out.split, written, held_out)


@st.cache_resource(max_entries=8, show_spinner=False)
def _keep_figures(
    folder: str, split: str, written: tuple[int, ...], _held_out: HeldOut
) -> Evaluation:
    return _held_out.evaluate()


def load_model(project: Project, run_id: str) -> tuple[dict[str, Any], TrainingView]:
    """Return a run's model.json and what its training showed, kept in memory."""
    folder = run_dir(project, run_id)
    return _keep_model(str(folder), _written(folder / MODEL_NAME))


@st.cache_resource(max_entries=8, show_spinner=False)
def _keep_model(folder: str, written: int) -> tuple[dict[str, Any], TrainingView]:
    facts = read_model_json(Path(folder))
    return facts, view_of_model(facts)


def _answered(folder: Path) -> tuple[int, ...]:
    """When its answers were written, also those to pictures it was measured on."""
    places = folder, measured_folder(folder)
    return tuple(_written(place / PREDICTIONS_NAME) for place in places)


def _written(path: Path) -> int:
    return path.stat().st_mtime_ns if path.exists() else 0


@st.cache_resource(max_entries=8, show_spinner=False)
def _keep_rankings(
    folder: str, split: str, written: tuple[int, ...], _held_out: HeldOut
) -> list[Ranking]:
    return rank_labels(_held_out.y, _held_out.probabilities, _held_out.labels)


# The folder and the times of writing are the key: run ids repeat between projects.
@st.cache_resource(max_entries=8, show_spinner=False)
def _keep_held_out(
    folder: str, split: str, written: tuple[int, ...], _project: Project, _run_id: str
) -> HeldOut:
    return evaluation.load_held_out(_project, _run_id, split)


def choose_split(counts: Mapping[str, int]) -> str:
    """Return the held-out part to look at; asks only where there are two."""
    parts = [name for name in ("test", "validation") if counts.get(name)]
    if len(parts) < 2:
        return parts[0] if parts else MEASURED
    words = {name: f"{name.title()} ({counts[name]:,})" for name in parts}
    chosen = st.segmented_control(
        "Held-out pictures",
        parts,
        default=parts[0],
        format_func=words.__getitem__,
        key=SPLIT_KEY,
        required=True,
    )
    return str(chosen or parts[0])


def held_out_sentence(run: Run, split: str, images: int) -> str:
    """Say in words on what the figures are computed."""
    words = HELD_OUT_WORDS if has_epochs(run) else HELD_OUT_OF_FEATURES
    noun = words[split]
    return f"Computed on {images:,} {noun}."
