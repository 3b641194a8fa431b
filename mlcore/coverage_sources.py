"""Label sets of parts of a project: a split, a saved view, some images; compared."""

from collections.abc import Sequence
from dataclasses import dataclass

from mlcore.coverage_difference import Difference, compare
from mlcore.coverage_factors import Layout, index_factors, list_factors
from mlcore.errors import ConfigError
from mlcore.view_filters import filter_of_view, is_queue
from storage import home, label_sets, labels
from storage.classified import classified_sets
from storage.projects import Project
from storage.records import LabelSet
from storage.saved_views import View, list_views
from storage.splits import SPLITS

ALL = "all"
CLASSIFIED = "classified"
VIEW = "view:"


@dataclass(frozen=True, slots=True)
class Source:
    """A part of the project's labelled images that can be compared with another."""

    key: str
    title: str


def list_sources(project: Project) -> list[Source]:
    """Everything, the splits, what was classified, saved views that are no queues."""
    views = [view for view in list_views(project) if not is_queue(view)]
    return [
        Source(ALL, "all labelled pictures"),
        *(Source(split, split) for split in SPLITS),
        Source(CLASSIFIED, "what was classified"),
        *(Source(f"{VIEW}{view.name}", view.name) for view in views),
    ]


def read_source(project: Project, key: str) -> list[LabelSet]:
    """The label sets of a part: all, train, validation, test, classified, view:NAME.

    Of what was classified, doubtful readings nobody has checked do not count.
    `ConfigError` names the parts there are.
    """
    if key == ALL:
        return label_sets.label_sets(project)
    if key in SPLITS:
        return label_sets.label_sets(project, split=key)
    if key == CLASSIFIED:
        return classified_sets(project)
    view = _find_view(project, key)
    return label_sets.label_sets_of_filter(project, filter_of_view(view))


def difference_of(
    project: Project, trained_key: str, shown_key: str, strength: int = 2
) -> Difference:
    """Return what one part of a project shows and another does not."""
    return difference_to(
        project,
        read_source(project, trained_key),
        read_source(project, shown_key),
        strength,
    )


def difference_to(
    project: Project,
    trained: Sequence[LabelSet],
    shown: Sequence[LabelSet],
    strength: int = 2,
) -> Difference:
    """Return the difference of two sets by the groups of a project as they are now."""
    groups, free = labels.list_groups(project), labels.free_labels(project)
    layout = Layout(tuple(list_factors(groups, free)))
    return compare(
        index_factors(trained, layout),
        index_factors(shown, layout),
        layout,
        strength,
        label_sets.list_impossible(project),
        home.load_settings().thin_below,
    )


def _find_view(project: Project, key: str) -> View:
    views = [view for view in list_views(project) if not is_queue(view)]
    wanted = key.removeprefix(VIEW).strip().casefold()
    for view in views:
        if view.name.casefold() == wanted:
            return view
    known = ", ".join(
        [ALL, *SPLITS, CLASSIFIED, *(f"{VIEW}{view.name}" for view in views)]
    )
    raise ConfigError(f"There is no part called “{key}”. There are: {known}.")
