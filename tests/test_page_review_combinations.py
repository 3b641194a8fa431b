"""Review's combinations: those that enough pictures judge first, the rest folded."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from streamlit.testing.v1 import AppTest

from mlcore.scores import CombinationScore, Evaluation
from pages.parts.review_figures import combination_meaning

NOTHING = dict.fromkeys(
    ("binary_accuracy", "exact_match", "micro_f1", "macro_f1", "f2")
)
THIN = CombinationScore((), images=1, right=0, labels=("sea", "ship"), seen_count=3)


def evaluation_of(*scores: CombinationScore) -> Evaluation:
    return Evaluation(
        images=9,
        **NOTHING,
        mean_average_precision=None,
        labels=(),
        combinations=scores,
        split="validation",
    )


def draw(evaluation: Evaluation) -> AppTest:
    # only the body travels: names of this file are unknown there
    def page(evaluation: "Any") -> None:
        from pages.parts.review_figures import show_combinations

        show_combinations(evaluation)

    at = AppTest.from_function(page, args=(evaluation,)).run()
    assert not at.exception
    return at


def test_combinations_on_few_pictures_are_folded() -> None:
    enough = replace(THIN, images=3, labels=("trees",))
    at = draw(evaluation_of(THIN, enough, replace(THIN, images=2)))
    assert [box.label for box in at.expander] == [
        "2 combinations on 1 or 2 pictures only"
    ]
    assert not at.caption
    at = draw(evaluation_of(THIN))
    assert "too few to chart" in at.caption[0].value
    assert at.expander[0].label == "1 combination on 1 or 2 pictures only"
    assert not draw(evaluation_of(replace(THIN, images=3))).expander


def test_what_a_combination_is_depends_on_the_groups() -> None:
    labels = [SimpleNamespace(label_id=n, name=str(n)) for n in (1, 2)]
    group = SimpleNamespace(name="g", rule="exactly-one", label_ids=(1, 2))
    free: Any = SimpleNamespace(labels=labels, groups=())
    ruled: Any = SimpleNamespace(labels=labels, groups=(group,))
    assert "all labels of a picture" in combination_meaning(
        free, has_labels_beside=False
    )
    assert combination_meaning(ruled, has_labels_beside=False) == ""
    assert "not counted here" in combination_meaning(ruled, has_labels_beside=True)
