"""What an import would do, and the choices that change it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from mlcore.layouts import ImportOptions
from pages.parts import (
    import_choices,
    import_conflicts,
    import_losses,
    import_mapping,
    layout,
    refused_list,
)
from pages.parts.import_words import still_open, without_label
from pages.parts.text import counted, escape, number

RULE_WORDS = {
    "exactly-one": "exactly one on each picture",
    "at-most-one": "at most one on each picture",
    "any": "any number on each picture",
}
# Layouts that files of labels have no part in.
NAME_LAYOUTS = ("plain", "folders", "combinations")
SHOWN_LABELS = 60
NEW_BADGE = ":green-badge[new]"


def show(options: ImportOptions, plan: dict[str, Any] | None) -> ImportOptions:
    """Show a plan (or only the choices, when it failed); return the chosen options."""
    if plan is not None:
        st.subheader(title(plan, options), anchor=False)
        show_counts(plan)
        show_filled(plan)
        import_conflicts.show(plan, overwrites=options.overwrite)
        wins = import_conflicts.ask(plan, options.overwrite)
        options = replace(options, overwrite=wins)
        refused_list.show(plan["refused"], plan["refused_more"])
        import_losses.show(plan)
    with st.container(border=True, key="data_plan_labels"):
        chosen = import_choices.show(options, plan or {})
        if plan is not None:
            chosen = import_mapping.show(chosen, plan)
            show_labels(plan, chosen)
    return chosen


def title(plan: dict[str, Any], options: ImportOptions) -> str:
    """Return the headline: that something would happen, or why nothing would."""
    if plan.get("is_stale"):
        return "This is what would happen · counting again"
    if changes_anything(plan, options):
        return "This is what would happen"
    count = plan["already_there"] + plan["matched"]
    if not count and (plan["total"] or plan["layout"] in NAME_LAYOUTS):
        return "Nothing to bring in: no file here is a picture that can be read"
    if not count:
        return "Nothing to bring in: none of the pictures named is here"
    here = f"all {number(count)} are" if count > 1 else "this picture is"
    return f"Nothing to bring in: {here} already here"


def show_counts(plan: dict[str, Any]) -> None:
    """Show the tiles new, already here, refused, labels."""
    tiles: list[tuple[str, str, str | None]] = [
        ("New pictures", number(plan["added"]), None),
        (
            "Duplicates",
            number(plan["already_there"]),
            "Already in the project, or twice among these files. The same "
            "picture, whatever its name, is kept once.",
        ),
        (
            "Not here" if refused_list.is_about_missing(plan["refused"]) else "Refused",
            number(len(plan["refused"]) + plan["refused_more"]),
            None,
        ),
        ("Labels", number(len(plan["labels"])), None),
    ]
    if plan["matched"]:
        told = "Pictures of this project that the file names; they were found by name."
        found = ("Found here", number(plan["matched"]), told)
        # A file of labels alone brings no picture that could be a duplicate.
        tiles = [*tiles[:1], found, *tiles[1 if plan["total"] else 2 :]]
    layout.stat_row(tiles)


def show_filled(plan: dict[str, Any]) -> None:
    """Say what comes to pictures already here, and what stays open on them."""
    if plan["filled"]:
        layout.finding(
            "info",
            f"{counted(plan['filled'], 'picture')} already here would get answers "
            "to labels that are still open on them.",
        )
    if plan["known"]:
        words = counted(plan["known"], "picture")
        layout.finding("info", f"{words} already here with just these answers.")
    if questions := still_open(plan):
        layout.finding("info", f"Not everything is said: {questions}.")
    if plan["splits"]:
        words = counted(plan["splits"], "picture")
        layout.finding("info", f"{words} would be put into train, validation or test.")


def show_labels(plan: dict[str, Any], options: ImportOptions) -> None:
    """Show the labels that would be there, by group; what would be made is marked."""
    renamed = options.label_map
    new, unused = set(plan["new_labels"]), plan["unused"]
    grouped: set[str] = set(unused)
    for group in plan["groups"]:
        labels = import_mapping.respell(group["labels"], renamed)
        grouped |= set(labels)
        if not labels:
            continue
        rule = RULE_WORDS.get(group["rule"], group["rule"])
        mark = f" {NEW_BADGE}" if group["name"] in plan["new_groups"] else ""
        heading = f"**{escape(group['name'])}**{mark} · :gray[{rule}]"
        st.markdown(f"{heading}  \n{badges(labels, new)}")
    names = import_mapping.respell(plan["labels"], renamed)
    free = [name for name in names if name not in grouped]
    if free:
        st.markdown(f"**Labels**  \n{badges(free, new)}")
    if unused:
        shown = ", ".join(map(escape, unused[:SHOWN_LABELS]))
        st.caption(f"Not made, because no picture would get it: {shown}")
    if not names and plan["total"]:
        st.caption("No labels: the pictures come in unlabelled.")
    elif plan.get("unlabelled"):
        st.caption(f"{without_label(plan)}.")


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


def changes_anything(plan: dict[str, Any], options: ImportOptions) -> bool:
    """Return whether bringing this in would do anything at all."""
    does = plan["added"] or plan["filled"] or plan["new_groups"] or plan["splits"]
    overwrites = options.overwrite and plan["listed"]
    return bool(does or overwrites or plan.get("is_stale"))


def decision(plan: dict[str, Any], options: ImportOptions) -> str:
    """Return the words on the button that does it."""
    if plan.get("is_stale"):
        return "Counting again"
    if plan["added"]:
        return f"Bring in {counted(plan['added'], 'picture')}"
    if options.overwrite and plan["listed"]:
        return f"Overwrite the answers of {counted(plan['conflicts'], 'picture')}"
    if plan["filled"]:
        return f"Fill in the answers of {counted(plan['filled'], 'picture')}"
    if plan["splits"]:
        return f"Put {counted(plan['splits'], 'picture')} into splits"
    return f"Make {counted(len(plan['new_groups']), 'group')}"
