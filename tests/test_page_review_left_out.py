"""Review says what a run would do with combinations its training never showed."""

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from mlcore.left_out import (
    LeftOutCombination,
    LeftOutStudy,
    keep_studies,
    study_of_run,
)
from mlcore.recipes import find_recipe
from pages.parts.review_left_out import unknown_sentence
from storage.groups import set_group
from storage.projects import Project
from storage.records import Run
from storage.runs import create_run

WHO = "tester"
DATA = "a" * 64


@pytest.fixture
def grouped(project: Project) -> Iterator[Project]:
    set_group(project, "colour", ["black", "blue"], "exactly-one", who=WHO)
    set_group(project, "garment", ["dress", "jeans"], "exactly-one", who=WHO)
    yield project


def show(project_name: str, run_id: str) -> None:
    from pages.parts.review_left_out import show_left_out
    from storage.projects import open_project
    from storage.runs import get_run

    with open_project(project_name) as project:
        show_left_out(project, get_run(project, run_id))


def make_run(project: Project, recipe: str) -> Run:
    config = find_recipe(recipe).config.as_json()
    return create_run(
        project, recipe=recipe, config=config, epochs_total=1, data_sha256=DATA
    )


def words(project: Project, recipe: str) -> str:
    run = make_run(project, recipe)
    app = AppTest.from_function(show, args=(project.name, run.run_id)).run()
    assert not app.exception
    return "\n".join(x.value for x in [*app.markdown, *app.caption])


def keep(project: Project) -> None:
    keep_studies(
        project,
        [
            LeftOutStudy(
                head,
                (LeftOutCombination((1, 3), ("black", "dress"), 100, right),),
                95,
                100,
                1.0,
                DATA,
                "key",
            )
            for head, right in (("plain", 40), ("compositional", 90))
        ],
    )


def test_a_run_is_told_by_the_study_of_its_own_kind(grouped: Project) -> None:
    keep(grouped)

    ours, quick = words(grouped, "compositional"), words(grouped, "quick")

    assert "“Unseen combinations” (recipe) is right **90 times in 100**" in ours
    assert "a plain one 40" in ours
    assert "a plain model is right **40 times in 100**" in quick


def test_without_a_study_it_says_so(grouped: Project) -> None:
    run = make_run(grouped, "quick")

    assert study_of_run(grouped, run) is None
    assert "Not measured for these pictures yet" in unknown_sentence(run)


def test_of_a_network_of_its_own_nobody_knows(grouped: Project) -> None:
    assert "marked “never seen” above, nobody" in words(grouped, "fast")


def test_without_groups_nothing_combines_and_nothing_is_said(project: Project) -> None:
    assert words(project, "quick") == ""
