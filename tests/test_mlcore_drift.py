"""What arrives in use, in words and figures, against what the newest run learned."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from pretended_runs import ids_of, pretend_run
from tiny_training import WHO, add_pictures, draw, make_project

from mlcore.cli import main
from mlcore.coverage_difference import ShownCombination
from mlcore.coverage_sources import difference_of
from mlcore.drift import (
    Arrival,
    Estimate,
    drift_of,
    estimate_of,
    held_out_estimate,
)
from mlcore.left_out import LeftOutCombination, LeftOutStudy
from mlcore.scores import CombinationScore
from pages.parts.drift_table import _estimate, sentence
from storage.answers import set_many
from storage.classified import Classified, remember_classified
from storage.images import get_images, list_image_ids
from storage.projects import Project, open_project
from storage.splits import assign_splits


def classify(project: Project, *readings: tuple[str, ...]) -> None:
    """Remember one picture for each reading, as if a run had read it."""
    rows = [
        Classified(
            f"{number:064x}",
            f"{number}.jpg",
            "r1",
            WHO,
            tuple(ids_of(project, *reading)),
            reading,
            is_seen=True,
            is_doubtful=number == 0,
            unseen_share=None,
            probabilities={},
        )
        for number, reading in enumerate(readings)
    ]
    assert remember_classified(project, rows) == len(rows)


def test_what_arrives_is_compared_with_what_the_newest_run_learned() -> None:
    with open_project(make_project(each=2)) as project:
        assert drift_of(project).shown == 0
        trained = [i for i in list_image_ids(project) if i % 4 != 1]
        assign_splits(project, dict.fromkeys(trained, "train"))
        rest = set(list_image_ids(project)) - set(trained)
        assign_splits(project, dict.fromkeys(rest, "validation"))
        run = pretend_run(project)
        readings = ("red", "tall"), ("red", "tall"), ("blue", "wide")
        classify(project, ("blue", "tall"), *readings)
        found = drift_of(project)
        assert found.run is not None and found.run.run_id == run.run_id
        assert (found.images, found.shown, found.unseen) == (3, 2, 1)
        assert found.unseen_images == 2
        assert found.share == 0.5
        assert sentence(found) == (
            ":orange[:material/warning:] **1 of the 2 combinations** that arrived was "
            "never in training: **2 of 3 pictures**. 1 more picture is "
            "doubtful and unchecked: it may show what training lacks."
        )
        difference = difference_of(project, "train", "classified")
        assert (difference.shown, difference.shown_images) == (found.shown, 3)
        never, known = found.arrivals
        assert (never.names, never.tier) == (("red", "tall"), "missing")
        assert (never.days_7, never.days_30, never.ever) == (2, 2, 2)
        assert (never.trained, never.labelled) == (0, 2)
        assert (known.trained, known.tier, known.estimate) == (2, "trace", None)
        late = drift_of(project, datetime.now(UTC) + timedelta(days=8)).arrivals[0]
        assert (late.days_7, late.days_30, late.ever) == (0, 2, 2)
        answered = found.as_json()["combinations"]
        assert isinstance(answered, list) and answered[0]["labels"] == ["red", "tall"]


def test_what_people_say_of_a_classified_picture_counts(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with open_project(make_project(each=2)) as project:
        (image_id,) = add_pictures(project, [draw("red", "tall", 77)])
        (image,) = get_images(project, [image_id])
        row = Classified(
            image.sha256,
            "x.png",
            "r1",
            WHO,
            tuple(ids_of(project, "red", "tall")),
            ("red", "tall"),
            is_seen=True,
            is_doubtful=True,
            unseen_share=0.4,
            probabilities={},
        )
        remember_classified(project, [row])
        right = ids_of(project, "blue", "tall")
        set_many(project, [(image_id, right)], who=WHO, batch_id="said")
        found = drift_of(project)
        assert [one.names for one in found.arrivals] == [("blue", "tall")]
        assert found.doubtful == 0
    assert main(["coverage", "tiny", "--drift"]) == 0
    words = capsys.readouterr().out
    assert "0 of 1 combinations shown were never in training: 0 of 1 pictures" in words
    assert main(["coverage", "tiny", "--drift", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)["combinations"]
    assert (row["labels"], row["trained"], row["ever"]) == (["blue", "tall"], 3, 1)


STUDY = LeftOutStudy(
    "plain",
    (
        LeftOutCombination((1, 3), ("a", "x"), images=10, right=8),
        LeftOutCombination((2, 3), ("b", "x"), images=10, right=6),
        LeftOutCombination((1, 4), ("a", "y"), images=10, right=10),
    ),
    seen_right=95,
    seen_images=100,
    seconds=1.0,
    data_sha256="",
    features="",
)


def test_held_out_pictures_of_a_combination_say_more_than_all_together() -> None:
    scores = [
        CombinationScore((1, 2), ("black", "jeans"), images=66, right=62),
        CombinationScore((1, 3), ("black", "shirt"), images=80, right=80),
    ]
    found = held_out_estimate(scores, (2, 1))
    assert found is not None and (found.right, found.images) == (62, 66)
    assert (found.low, found.high) == scores[0].interval
    row = Arrival((1, 2), ("black", "jeans"), 1, 1, 1, 200, 0, "fine", found)
    assert _estimate(row).text == "94 in 100 (85–98), 62 of 66"
    other = estimate_of(STUDY, ShownCombination((1, 3), ("a", "x"), 3, 90, "fine"))
    assert held_out_estimate(scores, (2, 3)) is None and other is not None
    assert _estimate(replace(row, estimate=other)).text.endswith("), overall")


def test_the_run_that_is_named_is_the_one_compared_with() -> None:
    with open_project(make_project(each=2)) as project:
        ids = list_image_ids(project)
        assign_splits(project, {i: "train" if i % 4 else "validation" for i in ids})
        first, second = pretend_run(project), pretend_run(project)
        classify(project, ("red", "tall"), ("blue", "tall"))
        for wanted, expected in (("", second), (first.run_id, first), ("x", second)):
            found = drift_of(project, run_id=wanted).run
            assert found is not None and found.run_id == expected.run_id


@pytest.mark.parametrize(
    ("tier", "label_ids", "expected"),
    [
        ("missing", (1, 3), (0.8, 0.49)),
        ("missing", (2, 4), (0.8, 0.31)),
        ("missing", (9, 3), None),
        ("missing", (8, 9), None),
        ("thin", (2, 4), (None, 0.31)),
        ("thin", (9, 3), None),
        ("fine", (9, 3), None),
        ("fine", (1, 3), (0.95, 0.888)),
    ],
)
def test_estimates_say_no_more_than_the_study_does(
    tier: str,
    label_ids: tuple[int, ...],
    expected: tuple[float | None, float] | None,
) -> None:
    shown = ShownCombination(label_ids, ("one", "two"), 3, 0, tier)
    found = estimate_of(STUDY, shown)
    assert estimate_of(None, shown) is None
    if expected is None:
        assert found is None
        return
    assert isinstance(found, Estimate)
    share, low = expected
    assert found.share == (None if share is None else pytest.approx(share))
    assert found.low <= (found.share or found.high) <= found.high
    assert found.low == pytest.approx(low, abs=0.01)
