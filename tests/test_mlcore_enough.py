"""Enough yet? Power laws that are known, and runs written by hand."""

import io
import json

import numpy as np
import pytest
from tiny_training import TINY, WHO, add_pictures, draw

from mlcore import snapshot, splits
from mlcore.enough import enough_yet
from mlcore.label_curves import judge_label
from mlcore.learning_curves import forecast_doubling
from storage.answers import set_many
from storage.files import write_durably
from storage.labels import create_labels, delete_label, list_labels
from storage.projects import Project
from storage.runs import claim_next, create_run, finish_run, run_dir

EXAMPLES = 2000
CONFIG = TINY.with_changes(validation_fraction=0.4)


def answers_with_error(error: float) -> np.ndarray:
    """What a run says of EXAMPLES yes, then as many no, so that 1 - F1 is `error`."""
    wrong = round(error * EXAMPLES)
    said = np.repeat([True, False], EXAMPLES)
    said[:wrong] = False
    said[EXAMPLES : EXAMPLES + wrong] = True
    return said


TRUTH = np.repeat([True, False], EXAMPLES)


@pytest.mark.parametrize("rate", [0.2, 0.5, 1.0])
def test_a_power_law_is_recovered(rate: float) -> None:
    errors = [2.0 * n**-rate for n in (100, 200, 400)]
    said = [answers_with_error(min(error, 1.0)) for error in errors]
    found = forecast_doubling([100, 200, 400], TRUTH, said)
    if errors[0] < 1:
        assert found.gain == pytest.approx(errors[-1] - 2.0 * 800**-rate, abs=0.002)
    assert found.low <= found.gain <= found.high
    assert found.improves == 1.0


def test_each_verdict_has_its_sentence() -> None:
    def said(*errors: float, images: int = 2 * EXAMPLES) -> str:
        keep = np.linspace(0, 2 * EXAMPLES - 1, images).astype(int)
        answers = [answers_with_error(error)[keep] for error in errors]
        counts = [120 * 2**at for at in range(len(errors))]
        return judge_label(counts, TRUTH[keep], answers).sentence()

    assert (
        said(0.14, 0.09)
        == ": 91 % with 240, 86 % with 120; 240 more would bring about 3 points."
    )
    assert said(0.02, 0.019).endswith("would bring less than 1 point: enough for now.")
    assert said(0.1, 0.0).startswith(": 100 % with 240, 90 % with 120; no mistake left")
    assert said(0.09, 0.14).endswith("; more pictures have not helped.")
    assert "may be chance" in said(0.14, 0.12, images=60)
    assert "may be chance" in said(0.0, 0.05, images=40)
    assert said(0.1).endswith("cannot tell: the runs trained on about as many of it.")
    assert said(0.1, 0.1, images=4).endswith(
        "2 of the held-out pictures show it, too few."
    )


@pytest.fixture
def pictures(project: Project) -> list[int]:
    create_labels(project, ["red", "blue"], who=WHO)
    return add_pictures(project, [draw("red", "tall", seed) for seed in range(300)])


def train_by_hand(
    project: Project, image_ids: list[int], mistakes: float, **changes: object
) -> int:
    """A finished run on these images, every second red; its number.

    `mistakes` is the share of held-out images on which it is wrong.
    """
    red, blue = (label.label_id for label in list_labels(project))
    config = CONFIG.with_changes(**changes)
    rows = [(i, frozenset([red if i % 2 else blue])) for i in image_ids]
    set_many(project, rows, who=WHO, batch_id="more")
    splits.assign_project(project, config)
    create_run(project, recipe="x", config=config.as_json(), epochs_total=1)
    run = claim_next(project)
    assert run is not None
    frozen = snapshot.freeze(project, run, config)
    held_out = frozen.images[frozen.images["split"] == "validation"][
        ["image_id", "split"]
    ]
    is_wrong = (held_out["image_id"] * 7 % 100 < mistakes * 100).to_numpy()
    is_red = (held_out["image_id"] % 2 == 1).to_numpy() ^ is_wrong
    table = held_out.assign(**{f"p{red}": is_red * 1.0, f"p{blue}": ~is_red * 1.0})
    file = io.BytesIO()
    table.to_parquet(file, index=False)
    folder = run_dir(project, run.run_id)
    write_durably(folder / "predictions.parquet", file.getvalue())
    described = {"format": 1, "architecture": "smallervggnet", "labels": [0, 0]}
    described |= {"thresholds": 0.5}
    write_durably(folder / "model.json", json.dumps(described).encode())
    finish_run(project, run.run_id, run.attempt, "finished", seconds=1.0)
    return run.number


def test_runs_are_compared_on_what_both_kept_out(
    project: Project, pictures: list[int]
) -> None:
    assert enough_yet(project).missing.startswith("Two finished runs are needed")
    first = train_by_hand(project, pictures[:100], mistakes=0.3)
    assert "A second run" in enough_yet(project).missing
    again = train_by_hand(project, pictures[:100], mistakes=0.2)
    found = enough_yet(project)
    assert "trained on about as many" in found.missing
    assert f"Run {again} trained on 60 pictures" in found.missing
    assert "about 90 have labels" in found.missing
    newest = train_by_hand(project, pictures, mistakes=0.0, epochs=2)
    found = enough_yet(project)
    assert (found.missing, found.runs) == ("", (again, newest))
    assert found.differing == ("epochs",)
    # 40 of the first hundred were held out, by every run
    assert found.images == 40
    red = found.curves[0]
    assert (red.label, [point.count for point in red.points]) == ("red", [30, 90])
    assert red.points[0].score < red.points[1].score == 1.0
    assert red.verdict == "perfect"
    assert first not in found.runs


def test_another_network_or_size_is_not_compared_and_gone_labels_are_left_out(
    project: Project, pictures: list[int]
) -> None:
    train_by_hand(project, pictures[:100], mistakes=0.3, image_size_px=24)
    train_by_hand(project, pictures, mistakes=0.0)
    assert "another network or picture size" in enough_yet(project).missing
    train_by_hand(project, pictures[:50], mistakes=0.1, image_size_px=24)
    delete_label(project, list_labels(project)[1].label_id, who=WHO)
    assert [curve.label for curve in enough_yet(project).curves] == ["red"]
