"""Saved views: one name once, put away rather than lost."""

import pytest

from storage.errors import ViewError
from storage.projects import Project
from storage.saved_views import (
    delete_view,
    list_views,
    rename_view,
    restore_view,
    save_view,
)


def test_views_are_listed_by_name_and_a_name_is_taken_over(project: Project) -> None:
    first = save_view(project, " To  do ", "state=all", who="Ada")
    save_view(project, "Ärmel", "q=a", who="Bob")
    again = save_view(project, "TO DO", "state=unlabelled", who="Bob")
    names = [(view.name, view.query, view.who) for view in list_views(project)]
    assert names == [("TO DO", "state=unlabelled", "Bob"), ("Ärmel", "q=a", "Bob")]
    with pytest.raises(ViewError, match="Another view is named 'To do'"):
        restore_view(project, first.view_id)
    delete_view(project, again.view_id)
    restore_view(project, first.view_id)
    assert list_views(project)[0] == first


def test_a_view_is_renamed_unless_the_name_is_taken(project: Project) -> None:
    one = save_view(project, "one", "q=1", who="")
    save_view(project, "two", "q=2", who="")
    rename_view(project, one.view_id, "ONE")
    assert [view.name for view in list_views(project)] == ["ONE", "two"]
    with pytest.raises(ViewError, match="Another view is named 'Two'"):
        rename_view(project, one.view_id, "Two")


@pytest.mark.parametrize("name", ["", "  ", "x" * 61, "a\u202eb", "a\ud800"])
def test_a_name_nobody_could_choose_is_refused(project: Project, name: str) -> None:
    with pytest.raises(ViewError):
        save_view(project, name, "q=1", who="")
    assert list_views(project) == []


def test_a_view_that_is_not_there_is_told_in_words(project: Project) -> None:
    view = save_view(project, "one", "q=1", who="")
    delete_view(project, view.view_id)
    for act in (delete_view, restore_view):
        with pytest.raises(ViewError, match="no saved view"):
            act(project, view.view_id + (act is restore_view))
