"""Runs of the recipe compositional: combinations are left out, and it is told."""

import numpy as np
import pytest
from tiny_training import draw, make_project, make_single_project, read_run

from mlcore import snapshot, splits
from mlcore.composing import NOTHING_COMBINES
from mlcore.config import TrainConfig
from mlcore.evaluation import load_held_out
from mlcore.feature_session import FeatureSession
from mlcore.left_out import newest_studies, study_of_run
from mlcore.quiet import import_tensorflow
from mlcore.recipes import find_recipe
from mlcore.row_draws import draw_some
from storage.projects import Project, open_project
from storage.records import Run
from storage.runs import claim_next, create_run, run_dir

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("no_child_is_left")]

CONFIG = find_recipe("compositional").config.with_changes(image_size_px=32)


def carry_out(project: Project, config: TrainConfig) -> tuple[Run, list[str]]:
    """A run in this process, as the worker would do it; its log."""
    splits.assign_project(project, config)
    new = create_run(
        project, recipe=config.recipe, config=config.as_json(), epochs_total=1
    )
    snapshot.freeze(project, new, config)
    run = claim_next(project)
    assert run is not None
    said: list[str] = []
    FeatureSession(project, run, said.append).execute()
    return read_run(project.name, run.run_id), said


def test_a_run_measures_what_happens_to_combinations_it_never_saw(home: object) -> None:
    import_tensorflow()
    with open_project(make_project()) as project:
        run, said = carry_out(project, CONFIG)

        assert run.state == "finished", run.message
        studies = newest_studies(project)
        assert set(studies) == {"plain", "compositional"}
        tried = studies["compositional"].tried
        assert {c.names for c in tried} == {
            (colour, shape) for colour in ("red", "blue") for shape in ("tall", "wide")
        }
        assert all(c.images == 8 for c in tried)
        assert any("Left out in turn, 4 combinations" in line for line in said)
        held_out = load_held_out(project, run.run_id)
        assert held_out.evaluate().exact_match >= 0.75


def test_its_model_answers_pictures_and_what_goes_to_the_unseen(home: object) -> None:
    from mlcore.dataset import fit_image
    from mlcore.images import read_image
    from mlcore.model_files import load_model

    import_tensorflow()
    with open_project(make_project()) as project:
        run, _ = carry_out(project, CONFIG)
        model = load_model(run_dir(project, run.run_id))
    picture = read_image(draw("red", "wide", 990), max_bytes=10**6, max_pixels=10**6)

    answers = model.read(fit_image(picture.pixels, 32)[None])

    assert answers.unseen is not None and 0 <= answers.unseen[0] <= 1
    assert answers.probabilities[0, :2].sum() == pytest.approx(1, abs=1e-4)


def test_with_one_group_it_fits_as_quick_does_and_says_so(home: object) -> None:
    import_tensorflow()
    with open_project(make_single_project()) as project:
        run, said = carry_out(project, CONFIG)

        assert run.state == "finished", run.message
        assert NOTHING_COMBINES in said
        assert newest_studies(project) == {}
        assert study_of_run(project, run) is None


def test_of_very_many_pictures_some_are_drawn() -> None:
    rows = np.arange(100)

    some = draw_some(rows, 30, seed=1)

    assert len(some) == len(set(some.tolist())) == 30
    assert (np.diff(some) > 0).all()
    assert draw_some(rows, 100, seed=1) is rows
