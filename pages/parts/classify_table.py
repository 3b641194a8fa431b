"""Results as a table: one row a picture, the chosen ones open as cards below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from mlcore.predictions import write_share
from pages.parts.classify_filter import least_sure
from pages.parts.prediction_cards import headlines

if TYPE_CHECKING:
    from pages.parts.classify_batch import Batch
    from pages.parts.classify_filter import Choice

KEY = "classify_table"
ROW_PX, HEAD_PX, HIGHEST_PX = 48, 36, 560
NO_LABEL = "none"


def show_table(batch: Batch, shown: Sequence[int], choice: Choice) -> list[int]:
    """Draw the table; return the pictures chosen in it."""
    rows = [table_row(batch, n) for n in shown]
    result: Any = st.dataframe(
        pd.DataFrame(rows),
        # Positions mean other pictures in another order.
        key=f"{KEY}_{choice.show}_{choice.sort}_{'_'.join(choice.labels)}",
        on_select="rerun",
        selection_mode="multi-row",
        hide_index=True,
        row_height=ROW_PX,
        height=min(HEAD_PX + ROW_PX * len(rows), HIGHEST_PX),
        column_config={
            "picture": st.column_config.ImageColumn("", width="small"),
            "labels": st.column_config.TextColumn("Labels", width="medium"),
            "sure": st.column_config.TextColumn(
                "Sure",
                width="small",
                help="The probability of the label that is least sure.",
            ),
            "careful": st.column_config.TextColumn("Careful", width="medium"),
            "saved": st.column_config.TextColumn("Saved as"),
            "name": st.column_config.TextColumn("File"),
        },
    )
    return [shown[place] for place in result.selection.rows if place < len(shown)]


def table_row(batch: Batch, n: int) -> dict[str, Any]:
    """Return what the table shows of a picture; cells are plain text."""
    picture, found, settled = batch.pictures[n], batch.answer(n), batch.settled(n)
    return {
        "picture": picture.url,
        "labels": ", ".join(found.labels) or NO_LABEL,
        "sure": write_share(least_sure(found)),
        "careful": " ".join(headlines(found)) if batch.is_doubtful(n) else "",
        "saved": "" if settled is None else ", ".join(settled) or NO_LABEL,
        "name": picture.name,
    }
