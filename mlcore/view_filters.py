"""A saved view's query, as the Label page's address writes it, as a Filter. Pure."""

from urllib.parse import parse_qs

from mlcore.exporting import ExportError
from storage.projects import Project
from storage.records import Filter
from storage.saved_views import View, list_views

# The address cannot hold an empty text: this is the set without any label.
EMPTY_SET = "none"
YES_OR_NO = {"1": True, "0": False}


def find_view(project: Project, name: str) -> View:
    """The view of that name; `ExportError` names those there are."""
    views = list_views(project)
    for view in views:
        if view.name.casefold() == name.strip().casefold():
            return view
    known = ", ".join(f"“{view.name}”" for view in views) or "none yet"
    raise ExportError(f"There is no saved view “{name}”. There are: {known}.")


def is_queue(view: View) -> bool:
    """Whether a view is a queue: an order of work, which changes by itself."""
    return "queue" in parse_qs(view.query)


def filter_of_view(view: View) -> Filter:
    """The pictures a view shows; `ExportError` for a queue."""
    if is_queue(view):
        raise ExportError(
            f"The view “{view.name}” is a queue, which changes with every answer."
            " Choose a view that filters by labels, split, source or date."
        )
    given = parse_qs(view.query)
    first = {name: texts[0] for name, texts in given.items()}
    return Filter(
        state=first.get("state", "all"),
        label_ids=_numbers(given.get("label", [])),
        without_ids=_numbers(given.get("without", [])),
        unknown_ids=_numbers(given.get("unknown", [])),
        set_key="" if first.get("set") == EMPTY_SET else first.get("set"),
        split=first.get("split"),
        text=first.get("q", ""),
        expression=first.get("expr", ""),
        source=first.get("source", ""),
        added_from=first.get("from", ""),
        added_to=first.get("to", ""),
        reviewed=YES_OR_NO.get(first.get("reviewed", "")),
        disagrees=YES_OR_NO.get(first.get("disagrees", "")),
    )


def _numbers(texts: list[str]) -> tuple[int, ...]:
    return tuple(int(text) for text in texts if text.isdecimal())
