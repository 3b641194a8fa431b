"""Coverage kept up to date while people label equals coverage counted anew."""

import time
from itertools import pairwise

import numpy as np
import pytest

from mlcore.coverage import coverage_of
from mlcore.coverage_live import live_coverage
from storage.answers import answer, set_many
from storage.image_marks import mark_reviewed, move_to_split
from storage.images import NewImage, add_images, delete_images
from storage.label_sets import mark_impossible
from storage.labels import create_labels, delete_label, set_group
from storage.projects import Project
from storage.undo import redo, undo

LABELS = 7


@pytest.fixture
def clothes(project: Project) -> Project:
    """Thirty images, seven labels: two groups of two and three free ones."""
    news = [NewImage(f"{n:064x}", f"{n}", "png", 1, 1, 1, "") for n in range(1, 31)]
    add_images(project, [(new, b"x") for new in news])
    set_group(project, "colour", ["black", "blue"], "exactly-one", who="")
    set_group(project, "kind", ["jeans", "dress"], "at-most-one", who="")
    create_labels(project, ["striped", "torn", "new"], who="")
    return project


def say(project: Project) -> list[tuple[tuple[int, ...], int, float, str]]:
    """Return what is kept, after comparing it with what is counted anew."""
    live, anew = live_coverage(project), coverage_of(project)
    assert list(live.cells) == list(anew.cells)
    assert (live.images, live.possible, live.present) == (
        anew.images,
        anew.possible,
        anew.present,
    )
    assert list(live.gaps) == list(anew.gaps)
    assert list(live.degrees) == list(anew.degrees)
    return [(c.label_ids, c.count, c.expected, c.tier) for c in live.cells]


def test_it_follows_answers_undo_and_redo(clothes: Project) -> None:
    random = np.random.default_rng(5)
    before = say(clothes)
    for turn in range(25):
        image_id = int(random.integers(1, 31))
        said = {int(random.integers(1, LABELS + 1)): bool(random.integers(2))}
        answer(clothes, image_id, said, who="Ada", batch_id=f"a{turn}")
        if turn % 5 == 4:
            undo(clothes, who="Ada")
        if turn % 10 == 9:
            redo(clothes, who="Ada")
        after = say(clothes)
    assert after != before


def test_it_follows_what_happens_to_labels_and_images(clothes: Project) -> None:
    rows = [(n, frozenset({n % 2 + 1, n % 2 + 3, 5 + n % 3})) for n in range(1, 31)]
    set_many(clothes, rows, who="Ada", batch_id="i")
    seen = [say(clothes)]
    mark_impossible(clothes, (1, 4), True, who="Ada")
    seen.append(say(clothes))
    delete_images(clothes, [3, 4, 5], who="Ada", batch_id="d")
    seen.append(say(clothes))
    delete_label(clothes, 6, who="Ada")
    seen.append(say(clothes))
    set_group(clothes, "colour", ["black", "blue", "grey"], "exactly-one", who="Ada")
    seen.append(say(clothes))
    assert all(a != b for a, b in pairwise(seen))
    move_to_split(clothes, [7, 8], "test", who="Ada", batch_id="s")
    mark_reviewed(clothes, [7, 8], True, who="Ada", batch_id="r")
    answer(clothes, 7, {7: True}, who="Ada", batch_id="a")
    assert say(clothes) != seen[-1]


def test_an_answer_costs_milliseconds(clothes: Project) -> None:
    live_coverage(clothes)
    seconds = []
    for turn in range(15):
        answer(clothes, turn + 1, {1: True, 3: True}, who="Ada", batch_id=f"{turn}")
        started = time.perf_counter()
        live_coverage(clothes)
        seconds.append(time.perf_counter() - started)
    assert sorted(seconds)[7] < 0.05, "ten times the target, for busy machines"
