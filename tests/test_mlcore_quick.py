"""The recipe quick from the command to an answer: real features of tiny pictures."""

import json
import os
import shutil
import signal
import zipfile
from pathlib import Path

import numpy as np
import pytest
from tiny_training import (
    WHO,
    draw,
    is_over,
    make_project,
    read_run,
    wait_for,
)

from mlcore import jobs, snapshot, splits
from mlcore.backbones import find_backbone_weights
from mlcore.cli import main
from mlcore.config import TrainConfig
from mlcore.errors import PredictionError
from mlcore.evaluation import load_held_out
from mlcore.feature_model import spec_of
from mlcore.feature_scoring import FeatureScorer
from mlcore.feature_session import FITTING, LOOKING, FeatureSession
from mlcore.feature_store import FeatureStore
from mlcore.features import extract, fingerprint
from mlcore.model_json import read_model_json
from mlcore.processes import is_same_process
from mlcore.quiet import import_tensorflow
from mlcore.recipes import find_recipe
from storage.answers import answer_many
from storage.images import get_images, image_path, list_image_ids
from storage.labels import create_labels
from storage.projects import Project, open_project
from storage.records import Image, Pulse, Run
from storage.runs import claim_next, create_run, list_epochs, request_stop, run_dir

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("no_child_is_left")]

QUICK = find_recipe("quick").config.with_changes(image_size_px=32)


def start(project: Project, config: TrainConfig = QUICK) -> Run:
    """A run that this process has claimed, frozen as the page would."""
    splits.assign_project(project, config)
    run = create_run(project, recipe="quick", config=config.as_json(), epochs_total=1)
    snapshot.freeze(project, run, config)
    claimed = claim_next(project)
    assert claimed is not None
    return claimed


def images_of(project: Project) -> list[Image]:
    """All images of a project, in order."""
    return get_images(project, list_image_ids(project))


def look(project: Project, images: list[Image]) -> FeatureStore:
    """Compute the features of these images; their store."""
    import_tensorflow()
    spec = spec_of(QUICK)
    pairs = [(image.sha256, image_path(project, image)) for image in images]
    extract(project, spec, pairs, lambda done, total: None, lambda: False)
    return FeatureStore(project, spec, fingerprint(spec))


def work(project: Project, run: Run, said: list[str] | None = None) -> Run:
    """Carry out a claimed run in this process; how it ended."""
    FeatureSession(project, run, (said if said is not None else []).append).execute()
    return read_run(project.name, run.run_id)


def test_from_the_command_to_answers_suggestions_and_a_zip(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = make_project()
    small = ["--set", "image_size_px=32", "--wait", "--json"]
    assert main(["train", name, *small]) == 0
    report = json.loads(capsys.readouterr().out)
    for child in jobs._children.values():
        child.wait()
    run_id = report["run"]
    assert (report["state"], report["epochs"]) == ("finished", 1)
    assert report["metrics"]["exact_match"] >= 0.75
    [path] = _write_pictures(tmp_path, [("red", "wide")])
    words = ["classify", name, run_id, str(path), "--json", "--remember"]
    assert main(words) == 0
    said = capsys.readouterr()
    assert "Remembered: 1 of 1." in said.err
    [told] = json.loads(said.out)
    assert sum(told["probabilities"][word] for word in ("red", "blue")) > 0.99
    out = tmp_path / "model.zip"
    assert main(["export", name, run_id, str(out)]) == 0
    with zipfile.ZipFile(out) as archive:
        assert {"heads.npz", "model.json", "snapshot.json"} == set(archive.namelist())
    with open_project(name) as project:
        _score_without_pictures(project, run_id)
        _refuse_other_weights(project, run_id)


def _write_pictures(folder: Path, kinds: list[tuple[str, str]]) -> list[Path]:
    paths = [folder / f"{at}.png" for at in range(len(kinds))]
    for at, (path, kind) in enumerate(zip(paths, kinds, strict=True)):
        path.write_bytes(draw(*kind, seed=900 + at))
    return paths


def _score_without_pictures(project: Project, run_id: str) -> None:
    """Scoring reads stored features: the pictures themselves are not opened."""
    shutil.rmtree(project.folder / "images")
    folder = run_dir(project, run_id)
    ids = list_image_ids(project)
    scorer = FeatureScorer(project, folder, read_model_json(folder))
    [found] = list(scorer.answer(ids))
    assert found.image_ids == ids and found.unreadable == []
    saved = load_held_out(project, run_id)
    rows = [ids.index(i) for i in _held_out_ids(project)]
    np.testing.assert_allclose(
        found.probabilities[rows], saved.probabilities, atol=1e-6
    )


def _held_out_ids(project: Project) -> list[int]:
    images = images_of(project)
    return [image.image_id for image in images if image.split == "validation"]


def _refuse_other_weights(project: Project, run_id: str) -> None:
    """Heads mean nothing on the features of another network."""
    weights = find_backbone_weights("efficientnet-lite0")
    assert weights is not None
    other = project.folder.parent / "weights" / "efficientnet_lite0_other.pth"
    other.parent.mkdir(exist_ok=True)
    other.write_bytes(weights.read_bytes() + b"\0")
    folder = run_dir(project, run_id)
    with pytest.raises(PredictionError, match=r"are not those that run .* Put that"):
        FeatureScorer(project, folder, read_model_json(folder))


def test_a_killed_run_goes_on_and_looks_only_at_what_is_left() -> None:
    name = make_project()
    run_id = jobs.submit(name, QUICK)
    run = wait_for(name, run_id, lambda r: r.stage == LOOKING or is_over(r))
    assert run.pid is not None
    os.kill(run.pid, signal.SIGKILL)
    wait_for(name, run_id, lambda r: not is_same_process(r.pid, r.process_started))
    with open_project(name) as project:
        # As far as a run of many pictures gets before it is killed.
        look(project, images_of(project)[:20])
        jobs.supervise(name)
        assert read_run(name, run_id).state == "interrupted"
        jobs.resume(name, run_id)
        ended = wait_for(name, run_id, is_over)
        assert ended.state == "finished", ended.message
        for child in jobs._children.values():
            child.wait()
        whole = work(project, start(project))
        assert whole.metrics == pytest.approx(ended.metrics, abs=1e-6)
        assert len(list_epochs(project, run_id)) == 1


class StoppedSession(FeatureSession):
    """A run that a person stops at a stage."""

    stop_at = ""

    def report(self, pulse: Pulse) -> bool:
        """Tell progress as ever."""
        if pulse.stage == self.stop_at:
            request_stop(self.project, self.run.run_id, discard=False)
        return super().report(pulse)


@pytest.mark.parametrize("stage", [LOOKING, FITTING])
def test_a_cancelled_run_leaves_features_and_nothing_else(stage: str) -> None:
    with open_project(make_project()) as project:
        store = look(project, images_of(project))
        run = start(project)
        session = StoppedSession(project, run, lambda text: None)
        session.stop_at = stage
        session.execute()
        ended = read_run(project.name, run.run_id)
        assert ended.state == "cancelled" and "nothing" in ended.message
        left = {path.name for path in run_dir(project, run.run_id).iterdir()}
        assert left <= {"snapshot.json", "snapshot.parquet", "log.txt"}
        assert store.missing([image.sha256 for image in images_of(project)]) == []


def test_free_labels_stand_beside_groups_and_may_be_unknown() -> None:
    with open_project(make_project()) as project:
        [striped] = create_labels(project, ["striped"], who=WHO)
        ids = list_image_ids(project)
        # Of each four pictures the first two are red; half of all is not asked.
        for said, offset in ((True, 0), (False, 2)):
            known = ids[offset:16:4] + ids[offset + 1 : 16 : 4]
            answers = {striped.label_id: said}
            answer_many(project, known, answers, who=WHO, batch_id=f"b{offset}")
        ended = work(project, start(project))
        assert ended.state == "finished"
        held_out = load_held_out(project, ended.run_id)
        assert held_out.output == "groups"
        names = [label.name for label in held_out.labels]
        by_name = dict(zip(names, held_out.probabilities.T, strict=True))
        np.testing.assert_allclose(by_name["red"] + by_name["blue"], 1, atol=1e-5)
        # Learned from eight reds and eight blues alone.
        assert np.corrcoef(by_name["striped"], by_name["red"])[0, 1] > 0.7


def test_one_broken_picture_costs_one_and_a_named_file_of_weights_is_used(
    tmp_path: Path,
) -> None:
    with open_project(make_project()) as project:
        broken = images_of(project)[3]
        image_path(project, broken).write_bytes(b"no picture")
        said: list[str] = []
        weights = find_backbone_weights("efficientnet-lite0")
        assert weights is not None
        named = shutil.copyfile(weights, tmp_path / "mine.pth")
        config = QUICK.with_changes(weights_file=str(named))
        ended = work(project, start(project, config), said)
        assert ended.state == "finished", ended.message
        named.unlink()
        model = run_dir(project, ended.run_id)
        with pytest.raises(PredictionError, match=r"mine\.pth does not exist"):
            FeatureScorer(project, model, read_model_json(model))
        assert any(f"image {broken.image_id}" in line for line in said)
