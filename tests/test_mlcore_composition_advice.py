"""Where combinations are missing, the recipe that answers them is advised, with why."""

import pytest
from tiny_training import WHO, make_project

from mlcore.composition_advice import explain_gaps
from mlcore.left_out import LeftOutCombination, LeftOutStudy, keep_studies
from mlcore.recipe_advice import advise
from storage.images import delete_images
from storage.label_sets import images_of_combination
from storage.labels import list_labels
from storage.projects import Project, open_project


@pytest.fixture
def gappy(home: object) -> Project:
    """A project without any wide blue picture."""
    project = open_project(make_project())
    ids = {label.name: label.label_id for label in list_labels(project)}
    wanted = images_of_combination(project, (ids["blue"], ids["wide"]), limit=99)
    delete_images(project, [image.image_id for image in wanted], who=WHO, batch_id="b")
    return project


def keep(project: Project, ours: int, plain: int) -> None:
    rows = {"plain": plain, "compositional": ours}
    keep_studies(
        project,
        [
            LeftOutStudy(
                head,
                (LeftOutCombination((1, 3), ("red", "tall"), 100, right),),
                95,
                100,
                1.0,
                "a" * 64,
                "key",
            )
            for head, right in rows.items()
        ],
    )


def test_without_gaps_the_first_model_stays_the_advice(home: object) -> None:
    project = open_project(make_project())

    assert explain_gaps(project) is None
    assert advise(project).recipe == "quick"


def test_a_gap_between_groups_calls_for_the_recipe_that_answers_it(
    gappy: Project,
) -> None:
    found = advise(gappy)

    assert found.recipe == "compositional"
    assert "1 of 4 combinations has no picture: blue wide." in found.sentence


def test_what_leaving_out_taught_is_the_reason_given(gappy: Project) -> None:
    keep(gappy, ours=90, plain=40)

    assert (
        "right on 90 of them in 100, “First model in seconds” on 40"
        in advise(gappy).sentence
    )


def test_where_heads_by_group_do_as_well_they_stay_the_advice(gappy: Project) -> None:
    keep(gappy, ours=90, plain=90)

    assert advise(gappy).recipe == "quick"
