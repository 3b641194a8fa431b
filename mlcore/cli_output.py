"""How the command line prints: JSON, short tables, progress. No streamlit."""

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any

# What `cli` gives each module to add a command with: parser list, name, help, work.
MakeCommand = Callable[..., argparse.ArgumentParser]


def print_json(value: Any) -> None:
    """Print one JSON document; NaN is refused, so every reader can parse it."""
    print(json.dumps(value, ensure_ascii=False, allow_nan=False, indent=1))


def print_table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print columns aligned to their widest cell."""
    table = [list(head), *[[_cell(value) for value in row] for row in rows]]
    widths = [max(len(row[i]) for row in table) for i in range(len(head))]
    for row in table:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print("  ".join(cells).rstrip())


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    return f"{value:.3f}" if isinstance(value, float) else str(value)


class ProgressLine:
    """One line on stderr that rewrites itself; silent where stderr is no terminal."""

    def __init__(self, what: str) -> None:
        self.what = what
        self.visible = sys.stderr.isatty()

    def __call__(self, done: int, total: int) -> None:
        if self.visible:
            of = f" of {total:,}" if total else ""
            sys.stderr.write(f"\r{self.what} {done:,}{of} ")
            sys.stderr.flush()

    def close(self) -> None:
        """End the line."""
        if self.visible:
            sys.stderr.write("\n")
