"""Our components' JavaScript and CSS: several files joined to one module.

A component of Streamlit takes one string of each. The files declare plain
functions and classes; only the last one has an `export default`.
"""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).parent


def join_sources(*names: str) -> str:
    """Return the files of this folder one after the other."""
    return "\n".join((HERE / name).read_text("utf-8") for name in names)
