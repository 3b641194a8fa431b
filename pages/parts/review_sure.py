"""When to look yourself: what is left wrong if people see the least sure pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from mlcore.predictions import write_share
from mlcore.sure_answers import Cut, cut_by_sureness
from pages.parts.review_table import Column, Measure, measure_table, share
from pages.parts.text import counted, number, percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlcore.evaluation import HeldOut

# The part of the pictures that the sentence speaks of: a day's work stays small.
SPOKEN_OF = 0.1
COLUMNS = (
    Column("You look at", "So many of these pictures, the least sure ones.", "mark"),
    Column("It answers", "Pictures left to the run."),
    Column("Right of those", "Share of them with every label right.", "bar"),
    Column("Wrong", "Pictures left to the run with a wrong label."),
    Column(
        "Sure from",
        "The probability of the least sure label that is said of a picture. Classify "
        "sorts by it: “Least sure first”.",
    ),
)


def show_sure(held_out: HeldOut, why: str) -> None:
    """Say what looking at the least sure pictures brings, then for several amounts.

    `why` says why nothing else can be chosen; alone where there are too few pictures.
    """
    cuts = cut_by_sureness(held_out)
    if len(cuts) < 2:
        st.caption(why)
        return
    st.markdown("## When to look yourself")
    with st.container(border=True, key="review_sure", gap="small"):
        st.markdown(sure_sentence(cuts))
        rows = [_row(cut) for cut in cuts]
        measure_table("Least sure pictures", COLUMNS, rows, key="review_sure_table")
        st.caption(
            f"{why} It says how sure it is, though, and Classify can sort by that: "
            "“Least sure first”."
        )


def sure_sentence(cuts: Sequence[Cut]) -> str:
    """Return what it brings to look at about a tenth yourself, in Markdown."""
    alone = cuts[0]
    images = alone.looked_at + alone.left
    near = min(cuts[1:], key=lambda one: abs(one.looked_at - SPOKEN_OF * images))
    # Where looking at fewer leaves no more wrong, that is enough.
    cut = next(one for one in cuts[1:] if one.wrong <= near.wrong)
    seen = number(cut.looked_at)
    low, high = cut.interval
    words = (
        f"Look yourself at the {seen} of {counted(images, 'picture')} it is least sure "
        f"of, and it gets **{_of_hundred(cut)}** of the rest right (likely "
        f"{low * 100:.0f} to {percent(high)})."
    )
    if not alone.wrong:
        return f"{words} Here it is right on all of them even alone."
    found, wrong = alone.wrong - cut.wrong, counted(alone.wrong, "wrong picture")
    return (
        f"{words} {number(found)} of its {wrong} would be among the {seen}. Alone it "
        f"gets {_of_hundred(alone)} right."
    )


def _of_hundred(cut: Cut) -> str:
    """Return "98 of 100", with a digit where whole ones would say all, or none.

    Of fewer than a hundred pictures it counts them.
    """
    if cut.left < 100:
        return f"{cut.right} of {cut.left}"
    part = cut.share
    whole = f"{part * 100:.0f}"
    is_near = part not in (0, 1) and whole in ("0", "100")
    return f"{part * 100:.1f} of 100" if is_near else f"{whole} of 100"


def _row(cut: Cut) -> list[Measure]:
    images = cut.looked_at + cut.left
    seen = "none" if not cut.looked_at else number(cut.looked_at)
    part = f" ({percent(cut.looked_at / images)})" if cut.looked_at else ""
    return [
        Measure(f"{seen}{part}", cut.looked_at),
        Measure(number(cut.left), cut.left),
        share(cut.share, likely=cut.interval, stands_on=_stands_on(cut)),
        Measure(number(cut.wrong), cut.wrong),
        Measure(write_share(cut.sure_from) if cut.looked_at else "any", cut.sure_from),
    ]


def _stands_on(cut: Cut) -> str:
    return f"{number(cut.right)} of {number(cut.left)}"
