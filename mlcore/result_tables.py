"""Predictions as a CSV that a spreadsheet can open safely. Pure; no streamlit."""

import csv
from collections.abc import Sequence
from typing import TextIO

from mlcore.predictions import Prediction

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
HEAD = ["picture", "labels", "combination_seen", "warnings", "error"]


def write_results(file: TextIO, found: Sequence[Prediction]) -> None:
    """Write one row a picture: its labels, warnings and every probability."""
    names = sorted({name for p in found for name in p.probabilities})
    table = csv.writer(file)
    table.writerow([*HEAD, *map(safe_cell, names)])
    for p in found:
        words = [p.name, ";".join(p.labels), p.combination_seen]
        words += [" ".join(p.warnings), p.error or ""]
        probabilities = [p.probabilities.get(name) for name in names]
        table.writerow([*map(safe_cell, words), *probabilities])


def safe_cell(value: object) -> object:
    """Keep a spreadsheet from reading text as a formula (OWASP, CSV injection)."""
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return "'" + value
    return value
