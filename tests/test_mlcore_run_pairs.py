"""Two runs on the pictures both kept out: what got better, what got worse."""

import json
from collections.abc import Iterator

import pytest
from pretended_runs import pretend_run
from scipy.stats import binomtest
from streamlit.testing.v1 import AppTest
from tiny_training import make_project

from mlcore import jobs, run_pairs_left_out
from mlcore.cli import main
from mlcore.errors import PredictionError
from mlcore.left_out import LeftOutCombination, LeftOutStudy
from mlcore.run_pairs import compare_exact, compare_pair
from mlcore.run_pairs_left_out import LeftOutShares
from pages.parts.best_run import best_words
from storage.images import list_image_ids
from storage.labels import list_labels, rename_label
from storage.projects import Project, open_project
from storage.records import Run
from storage.runs import list_runs
from storage.splits import assign_splits

WHO = "tester"


@pytest.fixture
def halved(monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    """A project of which every other picture is held out."""
    monkeypatch.setattr(jobs, "supervise", lambda name, start_process=None: None)
    with open_project(make_project(each=6)) as project:
        ids = list_image_ids(project)
        parts = ("train", "validation")
        assign_splits(project, {i: parts[n % 2] for n, i in enumerate(ids)})
        yield project


def test_the_same_pictures_are_counted_and_the_difference_is_tested(
    halved: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    bad, good = pretend_run(halved, wrong=9), pretend_run(halved, wrong=1)
    pair = compare_pair(halved, bad.run_id, good.run_id)
    exact = pair.exact
    assert exact.images == pair.images == len(list_image_ids(halved)) // 2
    right = pair.images - 9, pair.images - 1
    assert (exact.old_right, exact.new_right) == right
    assert (exact.gained, exact.lost, exact.verdict) == (8, 0, "better")
    assert exact.p == pytest.approx(binomtest(8, 8, 0.5).pvalue)
    assert len(pair.mended) == 8 and pair.broken == () == pair.notes
    flip = pair.mended[0]
    assert flip.new_said == flip.labelled and set(flip.old_said).isdisjoint(
        flip.labelled
    )
    for tally in pair.labels:
        assert tally.p == pytest.approx(min(1, tally.p_alone * len(pair.labels)))
        low, high = tally.interval(of_new=True)
        assert low < tally.new_right / tally.images <= high
    back = compare_pair(halved, good.run_id, bad.run_id)
    assert back.exact.verdict == "worse" and len(back.broken) == 8
    same = compare_pair(halved, good.run_id, pretend_run(halved, wrong=3).run_id)
    assert same.exact.verdict == "same" and same.exact.lost == 2
    assert compare_exact(halved, bad.run_id, good.run_id) == exact
    runs = list_runs(halved)
    # the third run is as good as the second, the first is not
    assert best_words(halved, runs, good) == (
        "best so far, as good as run 3 as far as these pictures can tell"
    )

    assert main(["compare", halved.name, bad.run_id, good.run_id, "--json"]) == 0
    (said,) = json.loads(capsys.readouterr().out)["pairs"]
    assert said == json.loads(json.dumps(pair.as_json()))
    assert main(["compare", halved.name, bad.run_id, good.run_id]) == 0
    assert "McNemar" in capsys.readouterr().out


def test_what_left_out_combinations_tell_of_both_is_said_beside(
    halved: Project,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    old, new = pretend_run(halved), pretend_run(halved)
    assert compare_pair(halved, old.run_id, new.run_id).left_out.sentence() == ""
    shares = {old.run_id: 94, new.run_id: 59}

    def study_of(project: Project, run: Run) -> LeftOutStudy:
        one = LeftOutCombination((1, 2), ("a", "b"), 100, shares[run.run_id])
        return LeftOutStudy("plain", (one,), 1, 1, 1.0, "", "")

    monkeypatch.setattr(run_pairs_left_out, "study_of_run", study_of)
    said = "On combinations left out of training: 94 % right → 59 % right. So it is "
    said += "clearly worse now"
    left_out = compare_pair(halved, old.run_id, new.run_id).left_out
    assert left_out.sentence().startswith(said) and left_out.are_far_apart
    assert main(["compare", halved.name, old.run_id, new.run_id]) == 0
    assert said in capsys.readouterr().out
    assert main(["compare", halved.name, old.run_id, new.run_id, "--json"]) == 0
    (pair,) = json.loads(capsys.readouterr().out)["pairs"]
    assert (pair["left_out"]["old"], pair["left_out"]["new"]) == (0.94, 0.59)
    assert not LeftOutShares(0.9, 0.8).are_far_apart
    assert LeftOutShares(None, 0.8).sentence().endswith("not measured → 80 % right.")


def test_with_other_splits_only_shared_pictures_are_compared(halved: Project) -> None:
    first = pretend_run(halved)
    ids = list_image_ids(halved)
    moved = ids[1::2][:3]
    assign_splits(halved, dict.fromkeys(moved, "train") | {ids[0]: "validation"})
    label = list_labels(halved)[0]
    rename_label(halved, label.label_id, f"{label.name} again", who=WHO)
    second = pretend_run(halved)
    pair = compare_pair(halved, first.run_id, second.run_id)
    assert pair.images == len(ids) // 2 - 3
    assert f"only the {pair.images} that neither trained on" in pair.notes[0]
    assert len(pair.labels) == len(list_labels(halved))
    assert "cannot be compared with itself" in refusal(halved, first, first)
    swapped = {i: ("validation", "train")[n % 2] for n, i in enumerate(ids)}
    assign_splits(halved, swapped)
    assert "kept out different pictures" in refusal(halved, first, pretend_run(halved))


def refusal(project, old, new) -> str:
    with pytest.raises(PredictionError) as found:
        compare_pair(project, old.run_id, new.run_id)
    return str(found.value)


def test_review_shows_what_flipped_both_ways(halved: Project) -> None:
    good, bad = pretend_run(halved, wrong=1), pretend_run(halved, wrong=9)
    page = AppTest.from_file("../pages/main.py", default_timeout=30)
    page.session_state["review_tab"] = "Another run"
    page.switch_page("review.py").run()
    assert not page.exception
    text = "\n".join(m.value for m in page.markdown)
    total = len(list_image_ids(halved)) // 2
    assert f"**{total - 1} → {total - 9}** of {total} pictures" in text
    assert "**Worse**" in text and "Right before, wrong now (8)" in text
    assert page.selectbox(key="review_other").value == good.run_id
    keys = [
        json.loads(c.proto.json) for c in page.get("bidi_component") if c.proto.json
    ]
    flipped = [one["items"] for one in keys if "items" in one]
    assert [len(items) for items in flipped] == [8]
    assert bad.run_id != good.run_id
