"""What an import would do, and the choices that change it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from mlcore.layouts import AUTO, LAYOUTS, SEPARATORS, ImportOptions
from pages.parts import layout, refused_list
from pages.parts.text import counted, escape, number

LAYOUT_WORDS = {
    "auto": "As recognised",
    "plain": "Plain files, no labels",
    "folders": "One folder per label",
    "combinations": "One folder per combination (red_dress)",
    "csv": "A CSV with image names and tags",
}
SEPARATOR_WORDS = {AUTO: "As recognised", " ": "space"}
ENCODINGS = {
    AUTO: "As recognised",
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8 with a mark at the start",
    "gbk": "GBK",
}
TAG_SEPARATORS = {
    AUTO: "As recognised",
    "space": "space",
    "comma": "comma",
    "semicolon": "semicolon",
}
RULE_WORDS = {
    "exactly-one": "exactly one on each picture",
    "at-most-one": "at most one on each picture",
    "any": "any number on each picture",
}
SHOWN_LABELS = 60
NEW_BADGE = ":green-badge[new]"


def show(options: ImportOptions, plan: dict[str, Any] | None) -> ImportOptions:
    """Show a plan (or only the choices, when it failed); return the chosen options."""
    if plan is not None:
        st.subheader(title(plan), anchor=False)
        show_counts(plan)
        show_filled(plan)
        show_conflicts(plan["conflicts"])
        refused_list.show(plan["refused"])
    with st.container(border=True, key="data_plan_labels"):
        chosen = show_choices(options, plan or {})
        if plan is not None:
            show_labels(plan)
    return chosen


def title(plan: dict[str, Any]) -> str:
    """Return the headline: that something would happen, or why nothing would."""
    if changes_anything(plan):
        return "This is what would happen"
    count = plan["already_there"]
    if not count:
        return "Nothing to bring in: no file here is a picture that can be read"
    here = f"all {number(count)} are" if count > 1 else "this picture is"
    return f"Nothing to bring in: {here} already here"


def show_counts(plan: dict[str, Any]) -> None:
    """Show the tiles new, already here, refused, labels."""
    layout.stat_row(
        [
            ("New pictures", number(plan["added"]), None),
            (
                "Duplicates",
                number(plan["already_there"]),
                "Already in the project, or twice among these files. The same "
                "picture, whatever its name, is kept once.",
            ),
            ("Refused", number(len(plan["refused"])), None),
            ("Labels", number(len(plan["labels"])), None),
        ]
    )


def show_filled(plan: dict[str, Any]) -> None:
    """Say how many pictures get answers besides the new ones."""
    if plan["filled"]:
        layout.finding(
            "info",
            f"{counted(plan['filled'], 'picture')} already here would get answers "
            "to labels that are still open on them.",
        )


def show_conflicts(conflicts: int) -> None:
    """Say how many pictures carry other answers already."""
    if conflicts:
        layout.finding(
            "info",
            f"{counted(conflicts, 'picture')} already with other answers, or twice "
            "here under different labels: the answers given first stay.",
        )


def show_choices(options: ImportOptions, plan: dict[str, Any]) -> ImportOptions:
    """Show how names are read as labels; return the options as chosen."""
    with st.grid(2, min_column_width=260):
        kind = st.selectbox(
            "Where the labels come from",
            LAYOUTS,
            index=LAYOUTS.index(options.layout),
            format_func=lambda name: layout_words(name, plan),
            key="data_layout",
        )
        effective = plan.get("layout", "") if kind == AUTO else kind
        if effective == "combinations":
            options = replace(options, separator=pick_separator(options, plan))
    if effective == "csv":
        options = pick_table_reading(options)
    if effective == "combinations" and plan.get("groups"):
        options = replace(options, group_names=pick_group_names(options, plan))
    return replace(options, layout=kind)


def layout_words(name: str, plan: dict[str, Any]) -> str:
    """Return the words for a layout; "as recognised" says what was recognised."""
    found = plan.get("layout")
    if name == AUTO and found in LAYOUT_WORDS:
        return f"{LAYOUT_WORDS[AUTO]}: {LAYOUT_WORDS[found].lower()}"
    return LAYOUT_WORDS[name]


def pick_separator(options: ImportOptions, plan: dict[str, Any]) -> str:
    """Ask what stands between the parts of a combination's name."""
    known = (AUTO, *SEPARATORS)
    choices = known if options.separator in known else (*known, options.separator)
    found = plan.get("separator") or ""
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


def pick_table_reading(options: ImportOptions) -> ImportOptions:
    """Ask how the CSV is written; only shown when there is one."""
    with st.grid(2, min_column_width=260):
        encoding = st.selectbox(
            "Encoding of the CSV",
            list(ENCODINGS),
            index=list(ENCODINGS).index(options.encoding),
            format_func=ENCODINGS.__getitem__,
            key="data_encoding",
        )
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


def show_labels(plan: dict[str, Any]) -> None:
    """Show the labels that would be there, by group; what would be made is marked."""
    new, unused = set(plan["new_labels"]), plan["unused"]
    grouped: set[str] = set(unused)
    for group in plan["groups"]:
        grouped |= set(group["labels"])
        rule = RULE_WORDS.get(group["rule"], group["rule"])
        mark = f" {NEW_BADGE}" if group["name"] in plan["new_groups"] else ""
        heading = f"**{escape(group['name'])}**{mark} · :gray[{rule}]"
        st.markdown(f"{heading}  \n{badges(group['labels'], new)}")
    free = [name for name in plan["labels"] if name not in grouped]
    if free:
        st.markdown(f"**Labels**  \n{badges(free, new)}")
    if unused:
        names = ", ".join(map(escape, unused[:SHOWN_LABELS]))
        st.caption(f"Not made, because no picture would get it: {names}")
    if not plan["labels"]:
        st.caption("No labels: the pictures come in unlabelled.")


def badges(names: list[str], new: set[str]) -> str:
    """Return names as Markdown badges, at most SHOWN_LABELS of them, new ones green."""
    shown = " ".join(
        f":green-badge[{escape(name)} · new]"
        if name in new
        else f":gray-badge[{escape(name)}]"
        for name in names[:SHOWN_LABELS]
    )
    rest = len(names) - SHOWN_LABELS
    return shown if rest <= 0 else f"{shown} and {number(rest)} more"


def changes_anything(plan: dict[str, Any]) -> bool:
    """Return whether bringing this in would do anything at all."""
    return bool(plan["added"] or plan["filled"] or plan["new_groups"])


def decision(plan: dict[str, Any]) -> str:
    """Return the words on the button that does it."""
    if plan["added"]:
        return f"Bring in {counted(plan['added'], 'picture')}"
    if plan["filled"]:
        return f"Fill in the answers of {counted(plan['filled'], 'picture')}"
    return f"Make {counted(len(plan['new_groups']), 'group')}"
