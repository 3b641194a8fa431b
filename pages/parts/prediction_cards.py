"""Predictions as a wall of cards, and the clicks that come back from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import streamlit as st

from mlcore.predictions import FAR, PERHAPS_UNSEEN, PLAUSIBLE, UNSEEN, write_share
from pages.parts.component_source import join_sources

if TYPE_CHECKING:
    from mlcore.predictions import Prediction

ACTS = frozenset(
    {"save", "undo", "correct", "picture", "collect", "right", "wrong"}
    | {"similar", "why"}
)
ALTERNATIVES_SHOWN = 2
MISSING_SHOWN = 4
CLOSE_SHOWN = 2
NEW_LABEL = "Perhaps it shows a label you have not made yet."

_COMPONENT = st.components.v2.component(
    "unseen_prediction_cards",
    html=join_sources("prediction_cards.html"),
    css=join_sources("prediction_cards.css"),
    js=join_sources("prediction_cards.js"),
)


@dataclass(frozen=True, slots=True)
class Card:
    """One picture with its prediction; `number` names it within its batch.

    `confirmed` are the labels that "Save to the project" would save. `known` ones
    were in the project before.
    """

    number: int
    url: str
    name: str
    prediction: Prediction
    confirmed: tuple[str, ...] = ()
    truth: tuple[str, ...] = ()
    saved: bool = False
    known: bool = False
    on_list: bool = False
    note: str = ""
    failed: bool = False


@dataclass(frozen=True, slots=True)
class CardClick:
    """A click on a card: which act on which picture of the batch."""

    act: str
    number: int


def take_clicks(key: str) -> list[CardClick]:
    """Return the clicks since the last call; call it before `prediction_cards`.

    The browser sends all clicks not yet acknowledged, so none is lost or doubled
    when several fall into one rerun.
    """
    state = st.session_state.get(key) or {}
    done = clicks_done(key)
    fresh = [entry for entry in state.get("log") or [] if _is_click(entry, done)]
    if fresh:
        st.session_state[_done_key(key)] = max(entry[0] for entry in fresh)
    return [CardClick(act, number) for _, act, number in fresh]


def clicks_done(key: str) -> int:
    """Return the number of the last click that was taken."""
    return int(st.session_state.get(_done_key(key), 0))


def prediction_cards(cards: Sequence[Card], *, key: str, batch: str) -> None:
    """Draw the cards; another `batch` makes the browser forget open details."""
    _COMPONENT(
        key=key,
        data={
            "batch": batch,
            "done": clicks_done(key),
            "cards": [card_data(card) for card in cards],
        },
        on_log_change=lambda: None,
    )


def card_data(card: Card) -> dict[str, Any]:
    """Return what the browser draws of a card; it shows every text literally."""
    prediction = card.prediction
    return {
        "n": card.number,
        "url": card.url,
        "name": card.name,
        "shares": share_rows(prediction),
        "warnings": headlines(prediction),
        "reasons": [reason for reason in prediction.reasons() if reason]
        if prediction.headlines
        else [],
        "calm": not prediction.is_doubtful,
        "missing": missing_sentence(prediction),
        "collect": collected(card),
        "left_out": left_out_sentence(prediction),
        "figures": figure_sentences(prediction),
        "doubtful": prediction.is_doubtful and not (card.saved or card.known),
        "alternatives": alternatives_sentence(prediction),
        "confirmed": confirmed_sentence(card),
        "can_save": bool(card.confirmed) and not card.known,
        "truth": truth_sentence(card),
        "saved": card.saved,
        "note": card.note,
        "failed": card.failed,
    }


def collected(card: Card) -> str:
    """Return the unseen combination to put on the shopping list, "" for none.

    None where the picture is like nothing trained on: any name would be made up.
    """
    prediction = card.prediction
    if card.on_list or FAR in prediction.doubts:
        return ""
    return prediction.separator.join(prediction.unseen_combination)


def share_rows(prediction: Prediction) -> list[list[Any]]:
    """Return [label, probability, above its threshold], those above it first.

    They come in the order of the groups ("blue dress"), the others by probability.
    """
    chosen = set(prediction.labels)
    places = {label: place for place, label in enumerate(prediction.combination)}
    rows = [
        [label, round(float(share), 4), label in chosen]
        for label, share in prediction.probabilities.items()
    ]
    last = len(places)
    return sorted(
        rows,
        key=lambda row: (not row[2], row[2] and places.get(row[0], last), -row[1]),
    )


def alternatives_sentence(prediction: Prediction) -> str:
    """Return "It might be black jeans (12 %)." where another reading is plausible."""
    if FAR in prediction.doubts:
        return ""
    named = [
        f"{prediction.separator.join(other.labels)} ({write_share(other.probability)}"
        + (")" if other.seen else ", never seen)")
        for other in prediction.alternatives[:ALTERNATIVES_SHOWN]
        if other.probability >= PLAUSIBLE
    ]
    return f"It might be {' or '.join(named)}." if named else ""


def headlines(prediction: Prediction) -> list[str]:
    """Return one short sentence per warning; whatever is doubtful has at least one."""
    found = _warnings(prediction)
    return [*found, NEW_LABEL] if prediction.may_show_new_label else found


def _warnings(prediction: Prediction) -> list[str]:
    found = prediction.headlines or prediction.warnings
    if FAR in prediction.doubts:
        return found[:1]  # whatever else is said supposes that it shows a combination
    if found or not prediction.is_doubtful:
        return found
    if UNSEEN in prediction.doubts:
        return ["Careful: no training picture shows this combination."]
    return [close_call_words(prediction.close_calls)]


def close_call_words(close: Sequence[str]) -> str:
    """Return "Close call: cars 52 % (yes from 59 %) and 2 more." as plain text."""
    if not close:
        return "Careful: this is a close call."
    rest = len(close) - CLOSE_SHOWN
    more = f" and {rest} more" if rest > 0 else ""
    start = "Close call" if len(close) == 1 else "Close calls"
    return f"{start}: {', '.join(close[:CLOSE_SHOWN])}{more}."


def left_out_sentence(prediction: Prediction) -> str:
    """Say how good such a model is on what it never saw, where that may be the case."""
    if prediction.left_out is None or not prediction.may_be_unseen:
        return ""
    return str(prediction.left_out)


def figure_sentences(prediction: Prediction) -> list[str]:
    """Return what else is known in figures, for those who ask."""
    found = []
    if prediction.alternatives:
        share = write_share(prediction.unseen_share)
        found.append(f"Combinations never shown in training: {share} together.")
    if prediction.probabilities and prediction.novelty is None:
        found.append("This run cannot tell whether a picture is unlike its training.")
    if prediction.novelty:
        nearer = f"{prediction.novelty.percentile * 100:.0f} in 100"
        found.append(
            f"Farther from the training pictures than {nearer} held-out pictures."
        )
    return found


def missing_sentence(prediction: Prediction) -> str:
    """Return "Never seen in training: red jeans." about the labels of the answer.

    Not beside a warning that names another unseen combination; those it might be
    are named already.
    """
    if not {FAR, UNSEEN, PERHAPS_UNSEEN}.isdisjoint(prediction.doubts):
        return ""
    named = {prediction.separator.join(o.labels) for o in prediction.alternatives}
    missing = [name for name in prediction.missing if name not in named]
    names = missing[:MISSING_SHOWN]
    rest = len(missing) - len(names)
    more = f" and {rest} more" if rest else ""
    return f"Never seen in training: {', '.join(names)}{more}." if names else ""


def confirmed_sentence(card: Card) -> str:
    """Say what saving means where it is not simply the labels shown."""
    is_open = not (card.saved or card.known)
    if not is_open or set(card.confirmed) == set(card.prediction.labels):
        return ""
    return f"Would be saved as {', '.join(card.confirmed)}." if card.confirmed else ""


def truth_sentence(card: Card) -> str:
    """Return what a sample picture was drawn as, and whether that was read."""
    if not card.truth:
        return ""
    right = set(card.truth) == set(card.confirmed or card.prediction.labels)
    verdict = "The reading is right." if right else "The reading is wrong."
    return f"Drawn as: {' '.join(card.truth)}. {verdict}"


def _is_click(entry: Any, done: int) -> bool:
    """Guard the log: it comes from a browser and may hold anything."""
    return (
        isinstance(entry, list)
        and len(entry) == 3
        and isinstance(entry[0], int)
        and isinstance(entry[2], int)
        and entry[0] > done
        and entry[1] in ACTS
    )


def _done_key(key: str) -> str:
    return f"{key}_done"
