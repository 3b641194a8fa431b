"""Coverage as JSON to take away: the summary, and every pair that a map shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlcore.coverage import coverage_of
from pages.parts.coverage_board import read_board

if TYPE_CHECKING:
    from pages.parts.coverage_cut import Wish
    from storage.projects import Project

TIERS = {
    "u": "missing",
    "r": "none expected",
    "t": "trace",
    "h": "thin",
    "f": "fine",
    "i": "impossible",
}


def map_as_json(project: Project, wish: Wish) -> dict[str, Any]:
    """Return the coverage of pairs with the cells of the map; each pair once."""
    board = read_board(project, wish)
    return {
        "project": project.name,
        "shown": board["title"],
        "split": wish.split,
        "left_out": board["left_out"],
        "thin_below": board["thin_below"],
        "coverage": coverage_of(project).as_json(),
        "cells": list(_cells(board).values()),
    }


def _cells(board: dict[str, Any]) -> dict[tuple[int, ...], dict[str, Any]]:
    found: dict[tuple[int, ...], dict[str, Any]] = {}
    for row, one in enumerate(board["rows"]):
        for column, two in enumerate(board["columns"]):
            kind = board["kinds"][row][column]
            key = tuple(sorted((one["id"], two["id"])))
            if kind in TIERS and key not in found:
                found[key] = {
                    "labels": [one["name"], two["name"]],
                    "groups": [one["group"], two["group"]],
                    "count": board["counts"][row][column],
                    "expected": board["expected"][row][column],
                    "tier": TIERS[kind],
                }
    return found
