"""Which figures of an epoch can be drawn, how they are called, where they stand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from storage.records import Epoch, Run

# Everything a curve can show besides the loss, in the order of the menu.
SHARES = ("exact_match", "f_beta", "binary_accuracy", "f_beta_micro", "f_beta_macro")
# What runs of earlier versions wrote.
OLD_NAMES = {"f_beta": "f2"}
PLAIN = {
    "loss": "Loss",
    "exact_match": "Exact match",
    "binary_accuracy": "Binary accuracy",
}
BETA_OF = {
    "f_beta": "F{beta}, mean of pictures",
    "f_beta_micro": "F{beta}, micro (all answers)",
    "f_beta_macro": "F{beta}, macro (mean of labels)",
}


def metric_title(name: str, betas: Iterable[float] = (2.0,)) -> str:
    """Return "Exact match" or "F2, mean of pictures"; unlike betas are F-beta."""
    if name in BETA_OF:
        known = set(betas)
        beta = f"{known.pop():g}" if len(known) == 1 else "-beta"
        return BETA_OF[name].format(beta=beta)
    return PLAIN.get(name, name)


def beta_of(run: Run) -> float:
    """Return the beta this run's F-beta was computed with."""
    return float(run.config.get("beta") or 2.0)


def read_metric(
    metrics: Mapping[str, Any], name: str, *, held_out: bool
) -> float | None:
    """Return a figure of an epoch under today's name or an earlier one."""
    prefix = "val_" if held_out else ""
    for known in (name, OLD_NAMES.get(name, name)):
        value = metrics.get(prefix + known)
        if value is not None:
            return float(value)
    return None


def points(
    epochs: Sequence[Epoch], name: str, *, held_out: bool
) -> tuple[list[float], list[float | None]]:
    """Return epoch numbers and values, without the epochs that have none."""
    found = [
        (float(epoch.epoch), value)
        for epoch in epochs
        if (value := read_metric(epoch.metrics, name, held_out=held_out)) is not None
    ]
    return [x for x, _ in found], [y for _, y in found]


def newest(epochs: Sequence[Epoch], name: str) -> float | None:
    """Return a figure of the last epoch that has it, as the rate or the memory."""
    for epoch in reversed(epochs):
        value = epoch.metrics.get(name)
        if value is not None:
            return float(value)
    return None
