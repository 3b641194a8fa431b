"""Predictions as a CSV that a spreadsheet can open safely. Pure; no streamlit."""

import csv
from collections.abc import Sequence
from itertools import zip_longest
from typing import TextIO

from mlcore.predictions import Prediction

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
HEAD = (
    *("picture", "labels", "saved_as", "doubtful", "combination_seen"),
    *("doubts", "unseen_share", "warnings", "error"),
)


def write_results(
    file: TextIO,
    found: Sequence[Prediction],
    *,
    saved_as: Sequence[Sequence[str] | None] = (),
) -> None:
    """Write one row a picture: its labels, warnings and every probability.

    `saved_as` are the labels a person saved, in the order of `found`; None where
    nobody did. A saved picture is not doubtful any more.
    """
    names = sorted({name for p in found for name in p.probabilities})
    table = csv.writer(file)
    table.writerow([*HEAD, *map(safe_cell, names)])
    for p, saved in zip_longest(found, saved_as):
        probabilities = [p.probabilities.get(name) for name in names]
        table.writerow([*map(safe_cell, _words(p, saved)), *probabilities])


def _words(p: Prediction, saved: Sequence[str] | None) -> list[str]:
    if p.error:
        return [p.name, "", ";".join(saved or ()), "", "", "", "", "", p.error]
    return [
        p.name,
        ";".join(p.labels),
        ";".join(saved or ()),
        _yes_no(p.is_doubtful and saved is None),
        _yes_no(p.combination_seen),
        ";".join(p.doubts),
        f"{p.unseen_share:.6f}",
        " ".join(p.warnings),
        "",
    ]


def _yes_no(is_so: bool) -> str:
    return "yes" if is_so else "no"


def safe_cell(value: object) -> object:
    """Keep a spreadsheet from reading text as a formula (OWASP, CSV injection)."""
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return "'" + value
    return value
