"""How the labels of a trained run differ from those the project has today. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from storage.projects import Project

NAMED_AT_MOST = 5


@dataclass(frozen=True, slots=True)
class LabelChanges:
    """Labels `added` and `gone` since a run was trained; `renamed` are old and new.

    A run that was imported never knew the former; the latter were never here.
    """

    added: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    is_imported: bool = False

    def __bool__(self) -> bool:
        return bool(self.added or self.gone or self.renamed)

    def sentence(self) -> str:
        """Return what to know before its answers are used; "" for nothing."""
        if self.is_imported:
            return self._sentence_of_imported()
        parts = []
        if self.added:
            parts.append(f"{_listed(self.added)} added")
        if self.gone:
            parts.append(f"{_listed(self.gone)} deleted")
        if self.renamed:
            pairs = [f"{old}” to “{new}" for old, new in self.renamed]
            parts.append(f"{_listed(pairs)} renamed")
        if not parts:
            return ""
        return (
            f"Since this run was trained: {', '.join(parts)}. It answers with the "
            "labels it was trained with."
        )

    def _sentence_of_imported(self) -> str:
        parts = []
        if self.added:
            parts.append(f"it does not know {_listed(self.added)}")
        if self.gone:
            parts.append(f"it knows {_listed(self.gone)}, which this project lacks")
        words = "; ".join(parts)
        return f"This run was trained elsewhere: {words}." if parts else ""


def label_changes(project: Project, facts: Mapping[str, Any]) -> LabelChanges:
    """Compare the labels of a model.json with those of the project now."""
    from storage.labels import list_labels

    now = {label.label_id: label.name for label in list_labels(project)}
    then = {int(row["label_id"]): str(row["name"]) for row in facts["labels"]}
    both = [(then[i], now[i]) for i in then if i in now]
    return LabelChanges(
        tuple(name for i, name in now.items() if i not in then),
        tuple(name for i, name in then.items() if i not in now),
        tuple((old, new) for old, new in both if old != new),
        is_imported="imported" in facts,
    )


def _listed(names: list[str] | tuple[str, ...]) -> str:
    shown = ", ".join(f"“{name}”" for name in names[:NAMED_AT_MOST])
    rest = len(names) - NAMED_AT_MOST
    return f"{shown} and {rest} more" if rest > 0 else shown
