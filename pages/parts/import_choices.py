"""How a source is to be understood: where its labels come from, how it is written."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from mlcore.annotations import FORMATS
from mlcore.layouts import AUTO, LAYOUTS, SEPARATORS, ImportOptions

LAYOUT_WORDS = {
    "auto": "As recognised",
    "plain": "Plain files, no labels",
    "folders": "One folder per label",
    "combinations": "One folder per combination (red_dress)",
    "csv": "A CSV with image names and tags",
    **{
        key: FORMATS[key].title
        for key in LAYOUTS
        if key in FORMATS and key != "folders"
    },
}
SEPARATOR_WORDS = {AUTO: "As recognised", " ": "space"}
ENCODINGS = {
    AUTO: "As recognised",
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8 with a mark at the start",
    "cp1252": "Windows-1252 (Western)",
    "cp1250": "Windows-1250 (Central European)",
    "cp1251": "Windows-1251 (Cyrillic)",
    "shift_jis": "Shift-JIS",
    "gbk": "GBK",
}
TAG_SEPARATORS = {
    AUTO: "As recognised",
    "space": "space",
    "comma": "comma",
    "semicolon": "semicolon",
}


def show(options: ImportOptions, plan: dict[str, Any]) -> ImportOptions:
    """Show how names are read as labels; return the options as chosen."""
    with st.grid(2, min_column_width=260):
        kind = st.selectbox(
            "Where the labels come from",
            LAYOUTS,
            index=LAYOUTS.index(options.layout),
            format_func=lambda name: layout_words(name, options, plan),
            key="data_layout",
        )
        effective = plan.get("layout", "") if kind == AUTO else kind
        if effective == "combinations":
            options = replace(options, separator=pick_separator(options, plan))
    if effective.startswith("csv"):
        options = pick_table_reading(options, has_tags=effective in ("csv", "csv-tags"))
    if effective == "combinations" and plan.get("groups"):
        options = replace(options, group_names=pick_group_names(options, plan))
    return replace(options, layout=kind)


def layout_words(name: str, options: ImportOptions, plan: dict[str, Any]) -> str:
    """Return the words for a layout; "as recognised" says what was recognised.

    A plan of another choice does not know that.
    """
    found = plan.get("layout") if options.layout == AUTO else None
    if name == AUTO and found in LAYOUT_WORDS:
        words = LAYOUT_WORDS[found]
        # A tool's name keeps its capital.
        told = words if found in FORMATS else words[0].lower() + words[1:]
        return f"{LAYOUT_WORDS[AUTO]}: {told}"
    return LAYOUT_WORDS[name]


def pick_separator(options: ImportOptions, plan: dict[str, Any]) -> str:
    """Ask what stands between the parts of a combination's name."""
    known = (AUTO, *SEPARATORS)
    choices = known if options.separator in known else (*known, options.separator)
    found = plan.get("separator") if options.separator == AUTO else ""
    words = SEPARATOR_WORDS | (
        {AUTO: f"As recognised: {SEPARATOR_WORDS.get(found, found)}"} if found else {}
    )
    chosen = st.selectbox(
        "Between the parts of a name",
        choices,
        index=choices.index(options.separator),
        format_func=lambda value: words.get(value, value),
        accept_new_options=True,
        key="data_separator",
    )
    return chosen or AUTO


def pick_table_reading(options: ImportOptions, *, has_tags: bool) -> ImportOptions:
    """Ask how the CSV is written; only shown when there is one."""
    with st.grid(2, min_column_width=260):
        encoding = st.selectbox(
            "Encoding of the CSV",
            list(ENCODINGS),
            index=list(ENCODINGS).index(options.encoding),
            format_func=ENCODINGS.__getitem__,
            key="data_encoding",
        )
        if not has_tags:
            return replace(options, encoding=encoding)
        between = st.selectbox(
            "Between the tags",
            list(TAG_SEPARATORS),
            index=list(TAG_SEPARATORS).index(options.tag_separator),
            format_func=TAG_SEPARATORS.__getitem__,
            key="data_tag_separator",
        )
    return replace(options, encoding=encoding, tag_separator=between)


def pick_group_names(options: ImportOptions, plan: dict[str, Any]) -> tuple[str, ...]:
    """Ask for the name of the group at each position of the combination's name."""
    with st.grid(2, min_column_width=260):
        typed = [
            st.text_input(
                f"Name of group {place}",
                group["name"],
                max_chars=100,
                key=f"data_group_{place}_{group['name']}",
            ).strip()
            for place, group in enumerate(plan["groups"], 1)
        ]
    proposed = tuple(group["name"] for group in plan["groups"])
    changed = tuple(new or old for new, old in zip(typed, proposed, strict=True))
    return options.group_names if changed == proposed else changed
