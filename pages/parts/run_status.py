"""How a run is named and what its state looks like, wherever a run is shown."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Literal, NamedTuple

import streamlit as st

from mlcore.recipes import RECIPES
from mlcore.setting_words import choice_words
from pages.parts.text import counted, duration, escape, percent
from storage.run_imports import IMPORTED

if TYPE_CHECKING:
    from storage.records import Run

RESUMABLE = ("interrupted", "failed")

Colour = Literal["green", "blue", "orange", "red", "gray", "violet"]


class StateLook(NamedTuple):
    """A state's word for people, its icon and colour, and the verb after "Run 3"."""

    word: str
    icon: str
    colour: Colour
    verb: str


STATE_LOOKS = {
    "queued": StateLook("Waiting", ":material/schedule:", "gray", "waits"),
    "running": StateLook("Running", ":material/play_circle:", "blue", "is training"),
    "finished": StateLook("Finished", ":material/check_circle:", "green", "finished"),
    "stopped": StateLook(
        "Stopped, best kept", ":material/stop_circle:", "green", "was stopped"
    ),
    "failed": StateLook("Failed", ":material/error:", "red", "failed"),
    "cancelled": StateLook("Cancelled", ":material/cancel:", "gray", "was cancelled"),
    "interrupted": StateLook(
        "Interrupted", ":material/power_off:", "orange", "was interrupted"
    ),
}


def has_epochs(run: Run) -> bool:
    """Whether it learnt here, epoch by epoch; frozen features are fitted at once."""
    return run.config.get("network") != "features" and run.recipe != IMPORTED


def state_chip(run: Run) -> None:
    """Show the run's state as a small coloured chip."""
    look = STATE_LOOKS[run.state]
    st.badge(look.word, icon=look.icon, color=look.colour)


def recipe_title(run: Run) -> str:
    """Return what the recipe's card is called, a saved one by its own name."""
    recipe = RECIPES.get(run.recipe)
    if run.recipe == IMPORTED:
        return "Imported model"
    return recipe.plain if recipe else run.recipe


def network_title(run: Run) -> str:
    """Return the recipe's network, to be written small beside; "" if not known."""
    recipe = RECIPES.get(run.recipe)
    return recipe.title if recipe else ""


def run_title(run: Run) -> str:
    """Return "Run 3 · Clothes tutorial" as plain text, for a selectbox."""
    return f"Run {run.number} · {recipe_title(run)}"


def run_choice(run: Run) -> str:
    """Return the run's title with its exact match, as plain text.

    One trained elsewhere has none here.
    """
    if run.recipe == IMPORTED:
        return run_title(run)
    return f"{run_title(run)} · exact match {percent(best_metric(run, 'exact_match'))}"


def best_metric(run: Run, name: str) -> float | None:
    """Return a metric of the run's held-out pictures, or None while there is none."""
    value = run.metrics.get(f"val_{name}", run.metrics.get(name))
    return None if value is None else float(value)


def judged_by(run: Run) -> str:
    """Return " by loss": the figure on held-out pictures that chose the best epoch."""
    monitor = str(run.config.get("monitor", ""))
    return f" by {choice_words('monitor')(monitor)}" if monitor else ""


def run_facts(run: Run, *, with_scores: bool = True) -> str:
    """Return one line of Markdown: epochs, best epoch, scores, time, date."""
    if run.recipe == IMPORTED:
        return f"{escape(run.message)} · {local_time(run.created_at)}"
    facts = []
    if has_epochs(run):
        facts.append(f"{run.epochs_done} of {counted(run.epochs_total, 'epoch')}")
        if run.best_epoch and run.is_usable:
            facts.append(f"best {run.best_epoch}{judged_by(run)}")
    if with_scores:
        facts += _scores(run) if run.is_usable else []
        facts += [took_words(run)] if took_s(run) else []
    facts.append(local_time(run.ended_at or run.created_at))
    return " · ".join(facts)


def took_s(run: Run) -> float:
    """Return how long it trained; of one that was cancelled, how long it was on.

    Its own count begins when the network is built, which may take most of the time.
    """
    is_known = run.started_at and run.ended_at and run.attempt == 1
    if run.state != "cancelled" or not is_known:
        return run.seconds
    started = datetime.fromisoformat(run.started_at or "")
    ended = datetime.fromisoformat(run.ended_at or "")
    return (ended - started).total_seconds()


def took_words(run: Run) -> str:
    """Return "2 min 5 s"; what is rounded to nothing is "under 1 s"."""
    seconds = took_s(run)
    return duration(seconds) if round(seconds) else "under 1 s"


def _scores(run: Run) -> list[str]:
    facts = []
    for name, title in (("exact_match", "exact match"), ("f2", "F2")):
        score = best_metric(run, name)
        if score is not None:
            facts.append(f"{title} **{score * 100:.1f} %**")
    return facts


def local_time(at: str) -> str:
    """Return an ISO-8601 UTC time as "21 Nov 2026, 07:20" in this machine's zone."""
    when = datetime.fromisoformat(at).astimezone()
    return f"{when.day} {when:%b %Y, %H:%M}"


def run_message(run: Run) -> str:
    """Return why a run ended as it did, safe as Markdown; "" when all went well."""
    return "" if run.is_usable else escape(run.message)
