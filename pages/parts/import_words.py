"""What an import has done, in words."""

from __future__ import annotations

from typing import Any

from pages.parts.refused_list import in_short
from pages.parts.text import counted, escape, number

NAMED_LABELS = 6
NAMED_QUESTIONS = 3


def came_in(report: dict[str, Any]) -> str:
    """Return "4 pictures came in · labelled red, shirt" as safe Markdown."""
    return " · ".join(part for part in (headline(report), labelled(report)) if part)


def headline(report: dict[str, Any]) -> str:
    """Return "1,994 pictures came in"."""
    if report["added"]:
        return f"{counted(report['added'], 'picture')} came in"
    if report["filled"]:
        return f"Answers filled in on {counted(report['filled'], 'picture')}"
    if report.get("overwrites") and report["conflicts"]:
        return f"Answers of {counted(report['conflicts'], 'picture')} overwritten"
    if report.get("splits"):
        return f"{counted(report['splits'], 'picture')} put into splits"
    return "No new pictures came in"


def labelled(report: dict[str, Any]) -> str:
    """Return "labelled red, shirt", "" when nothing was labelled."""
    names = [name for name in report["labels"] if name not in report["unused"]]
    if not names or not (report["added"] or report["filled"]):
        return ""
    shown = ", ".join(map(escape, names[:NAMED_LABELS]))
    rest = len(names) - NAMED_LABELS
    return f"labelled {shown}" + (f" and {number(rest)} more" if rest > 0 else "")


def still_open(report: dict[str, Any]) -> str:
    """Return "colour stays open on 120 pictures, fit on 8" as safe Markdown, or ""."""
    # Reports of imports from before this was counted lack it.
    questions = report.get("open_questions", [])
    if not questions:
        return ""
    (name, pictures), *others = questions[:NAMED_QUESTIONS]
    words = [f"{escape(name)} stays open on {counted(pictures, 'picture')}"]
    words += [f"{escape(name)} on {number(pictures)}" for name, pictures in others]
    rest = len(questions) - NAMED_QUESTIONS
    return ", ".join(words) + (f" and {number(rest)} more" if rest > 0 else "")


def without_label(report: dict[str, Any]) -> str:
    """Return "3 new pictures come in without any label"."""
    count = report["unlabelled"]
    verb = "comes" if count == 1 else "come"
    return f"{counted(count, 'new picture')} {verb} in without any label"


def details(report: dict[str, Any]) -> str:
    """Return "3 pictures without any label · 12 duplicates kept once"."""
    parts = []
    if report.get("unlabelled"):
        parts.append(f"{counted(report['unlabelled'], 'picture')} without any label")
    if report["already_there"]:
        parts.append(f"{counted(report['already_there'], 'duplicate')} kept once")
    if report["refused"]:
        more = report.get("refused_more", 0)
        parts.append(in_short(report["refused"], more, "refused"))
    return " · ".join(parts) or "Every file was taken."
