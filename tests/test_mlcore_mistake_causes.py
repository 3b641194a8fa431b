"""Why a run is wrong: unsure pictures, the table of causes, the most alike pictures."""

from dataclasses import replace

import numpy as np
import pytest
from filled_project import HOSTILE, MakeImage, fill
from pretended_runs import ids_of, pretend_run

from mlcore.evaluation import HeldOut, load_held_out
from mlcore.feature_store import FeatureStore
from mlcore.known_features import features_for
from mlcore.label_search import LabelReport
from mlcore.mistake_causes import RULES, Clue, advice_for, find_causes, title_of
from mlcore.mistake_evidence import find_neighbours, gather_clues
from mlcore.mistakes import IN_VAIN, MISSED, Mistake, list_mistakes, list_unsure
from storage.answers import set_many
from storage.facts import put_near_duplicates
from storage.groups import set_group
from storage.images import get_images
from storage.projects import Project
from storage.records import Run
from storage.splits import assign_splits
from storage.suspects import Suspect, put_suspects

NAMES = {1: "black", 2: "blue", 3: "dress", 4: HOSTILE}
BLUE_DRESS = Mistake(
    image_id=9,
    said=(1, 3),
    labelled=(2, 3),
    faults=((1, IN_VAIN), (2, MISSED)),
    combination=(2, 3),
    loss=2.0,
)
USUAL = Clue(
    BLUE_DRESS,
    NAMES,
    shown=200,
    label_counts={1: 300, 2: 300, 3: 400},
    pair_counts={(2, 3): 200},
    neighbours=((2, 3),) * 5,
)


def keys(clue: Clue) -> list[str]:
    return [cause.key for cause in find_causes(clue)]


@pytest.mark.parametrize(
    ("changed", "key", "words"),
    [
        ({"twin": (1, 3)}, "copy", "labelled black + dress: one of the two"),
        (
            {"suspicion": "labelled blue, the model reads black 99 %"},
            "label",
            "reads black",
        ),
        ({"neighbours": ((1, 3),) * 5, "sureness": 0.97}, "label", "so are all 5"),
        (
            {"shown": 0, "pair_counts": {(2, 3): 0}},
            "unseen",
            "never showed blue + dress",
        ),
        ({"label_counts": {1: 300, 2: 1, 3: 400}}, "few", "Only one training picture"),
        ({"shown": 12}, "few", "Only 12 training pictures show blue + dress"),
        ({"flaws": ("dark", "tiny")}, "poor", "The picture is dark and tiny."),
        ({"neighbours": ((1, 3),) * 3 + ((2, 3),) * 2}, "alike", "3 of the 5 training"),
    ],
)
def test_each_rule_speaks_of_its_evidence(
    changed: dict[str, object], key: str, words: str
) -> None:
    clue = replace(USUAL, **changed)  # type: ignore[arg-type]
    first = find_causes(clue)[0]
    assert first.key == key and words in first.sentence
    assert title_of(key) and advice_for(key)


def test_without_evidence_nothing_stands_out_and_the_stronger_cause_leads() -> None:
    assert keys(USUAL) == ["unclear"]
    twin_is_alike = replace(USUAL, twin=(2, 3))
    assert keys(twin_is_alike) == ["unclear"]
    much = replace(USUAL, twin=(1, 3), shown=0, flaws=("dark",))
    assert keys(much) == ["copy", "unseen", "poor"]
    assert list(RULES) == ["copy", "label", "unseen", "few", "poor", "alike"]


@pytest.fixture
def judged(project: Project, make_image: MakeImage) -> tuple[Project, Run, list[int]]:
    """Twelve pictures to train on, four held out of which two are read wrong."""
    ids = fill(project, make_image, 16)
    set_group(project, "colour", ["black", "blue"], "exactly-one", who="")
    set_group(project, "garment", ["dress", HOSTILE], "exactly-one", who="")
    names = [("black", "dress"), ("blue", "dress"), ("black", HOSTILE)]
    rows = [(i, ids_of(project, *names[at % 3])) for at, i in enumerate(ids)]
    rows[13] = (ids[13], ids_of(project, "blue", HOSTILE))
    set_many(project, rows, who="", batch_id="all")
    held_out = {i: "validation" for i in ids[12:]}
    assign_splits(project, {i: "train" for i in ids[:12]} | held_out)
    return project, pretend_run(project, wrong=2), ids


def test_evidence_is_gathered_from_training_copies_light_and_the_search(
    judged: tuple[Project, Run, list[int]],
) -> None:
    project, run, ids = judged
    put_near_duplicates(project, [(ids[0], ids[12], 3)])
    black = min(ids_of(project, "black"))
    report = LabelReport(16, 1, 0, "some", 1.0, probable=1, told_well=(black,))
    suspect = Suspect(ids[12], black, True, 0.01, 0.1)
    put_suspects(project, [suspect], report.as_json())
    store: FeatureStore = features_for(project, []).store
    x = np.random.default_rng(1).normal(size=(16, 8)).astype(np.float32)
    x[13] = x[4] + 0.01
    store.append([image.sha256 for image in get_images(project, ids)], x)
    held_out = load_held_out(project, run.run_id)
    mistakes = list_mistakes(held_out)
    assert [one.image_id for one in mistakes] == ids[12:14]
    neighbours = find_neighbours(project, run, ids[12:14])
    assert len(neighbours[ids[13]]) == 5 and neighbours[ids[13]][0].image_id == ids[4]
    assert ids[13] not in {one.image_id for one in neighbours[ids[13]]}
    first, second = gather_clues(project, run, held_out, mistakes, neighbours)
    assert first.twin == tuple(sorted(ids_of(project, "black", "dress")))
    assert first.suspicion.startswith("labelled black") and first.shown == 4
    # blue + the hostile name is nowhere in training
    assert second.shown == 0 and "unseen" in keys(second)
    assert "tiny" not in first.flaws
    # a search that is often wrong itself about a label is no cause
    unsure = replace(report, told_well=(), probable=0)
    put_suspects(project, [suspect], unsure.as_json())
    first, _ = gather_clues(project, run, held_out, mistakes, neighbours)
    assert not first.suspicion


def with_probabilities(held_out: HeldOut, rows: list[list[float]]) -> HeldOut:
    p = np.array(rows, np.float32)
    return replace(
        held_out,
        probabilities=p,
        y=np.tile([1, 0, 1, 0], (len(p), 1)).astype(np.int8),
        image_ids=np.arange(len(p)),
        output="groups",
    )


def test_unsure_pictures_are_right_but_only_just(
    judged: tuple[Project, Run, list[int]],
) -> None:
    project, run, _ = judged
    held_out = with_probabilities(
        load_held_out(project, run.run_id),
        [
            [0.9, 0.1, 0.9, 0.1],
            [0.6, 0.4, 0.9, 0.1],
            [0.52, 0.48, 0.9, 0.1],
            [0.3, 0.7, 0.55, 0.45],
        ],
    )
    labels = [label.label_id for label in held_out.labels]
    unsure = list_unsure(held_out)
    assert [one.image_id for one in unsure] == [2, 1]
    assert unsure[0].doubts == tuple(labels[:2]) and not unsure[0].is_wrong
    assert 0.9 < unsure[0].loss < 1
    [wrong] = list_mistakes(held_out)
    assert wrong.image_id == 3 and wrong.has(MISSED, labels[0])
    assert wrong.loss == pytest.approx(-2 * np.log(0.3), abs=1e-4)
