"""Coverage: what leaving combinations out taught, and what each part lacks."""

from dataclasses import replace

import pytest
from covered_clothes import (
    SIX,
    Counts,
    MakeImage,
    clothes,
    fill,
    ids_of,
    open_coverage,
    words,
)

from mlcore.coverage import coverage_of, pair_map_of
from mlcore.coverage_growth import Growth, grow
from mlcore.left_out import (
    LeftOutCombination,
    LeftOutStudy,
    keep_studies,
    newest_studies,
)
from mlcore.left_out_like import expect_like
from pages.parts.coverage_headline import list_gaps
from pages.parts.coverage_left_out import left_out_rows, left_out_sentence
from pages.parts.coverage_likeness import likeness_note, likeness_words, model_words
from storage.groups import set_group
from storage.image_marks import move_to_split
from storage.images import list_images
from storage.label_sets import (
    images_of_combination,
)
from storage.label_times import read_arrivals
from storage.labels import list_groups
from storage.projects import Project
from storage.run_states import claim_next, finish_run
from storage.runs import create_run
from storage.saved_views import save_view

__all__ = ["clothes"]


def study_of(clothes: Project, head: str, right: int) -> LeftOutStudy:
    ids = ids_of(clothes, "blue", "dress")
    black = ids_of(clothes, "black", "jeans")
    combinations = (
        LeftOutCombination(ids, ("blue", "dress"), 100, right),
        LeftOutCombination(
            ids_of(clothes, "red", "dress"), ("red", "dress"), 50, right // 4
        ),
        LeftOutCombination(
            black, ("black", "jeans"), 31, reason="“black” is on no other picture."
        ),
    )
    return LeftOutStudy(head, combinations, 95, 100, 4.0, "a" * 64, "lite0")


def test_what_leaving_combinations_out_taught_is_said_and_carried_to_the_gaps(
    clothes: Project,
) -> None:
    assert "never saw" not in left_out_words(clothes)
    studies = [study_of(clothes, "plain", 40), study_of(clothes, "compositional", 88)]
    keep_studies(clothes, studies)
    found = newest_studies(clothes)
    assert left_out_sentence(found) == (
        "On combinations left out of training, “Unseen combinations” (recipe) is right "
        "**66 times in 100** (58–74); a plain one 30."
    )
    rows = left_out_rows(found["compositional"], found["plain"])
    assert [row["names"][0] for row in rows] == ["red", "blue", "black"]
    assert rows[-1]["reason"] == "“black” is on no other picture."
    assert rows[1]["plain"] == 0.4
    said = words(open_coverage())
    assert "66 times in 100" in said
    # black never left its only partner: no figure stands for it
    assert "nobody can tell, none with black was tried" in said.replace("\\", "")
    red_jeans = ids_of(clothes, "red", "jeans")
    assert likeness_words(found["compositional"], red_jeans, ("red", "jeans")) == (
        "a model without them: nobody can tell, none with jeans was tried"
    )
    red_dress = ids_of(clothes, "red", "dress")
    assert likeness_note(found["compositional"], red_dress) == (
        "a model: right about 44 in 100 (31–58)"
    )

    assert model_words(found, red_dress, ("red", "dress")) == (
        "A plain model has no reason to answer it (right 20 in 100 of such); “Unseen "
        "combinations” (recipe) is right about 44 in 100; pictures make it sure."
    )


def test_where_no_two_groups_combine_nothing_is_measured(
    clothes: Project,
) -> None:
    assert "Measure it" in [b.label for b in open_coverage().button]
    set_group(clothes, "garment", ["dress", "jeans", "shirt"], "any", who="")
    page = open_coverage()
    assert "Measure it" not in [b.label for b in page.button]
    assert "It takes two label groups" in words(page)


def test_a_run_that_measured_nothing_says_why(clothes: Project) -> None:
    create_run(clothes, recipe="compositional", config={}, epochs_total=1)
    run = claim_next(clothes)
    assert run is not None
    finish_run(clothes, run.run_id, run.attempt, "finished", seconds=22)
    assert "Run 1 measured nothing." in words(open_coverage())


def left_out_words(project: Project) -> str:
    return left_out_sentence(newest_studies(project))


def test_a_combination_nobody_saw_is_expected_to_do_like_those_that_share_a_label() -> (
    None
):
    rows = (
        LeftOutCombination((1, 4), ("red", "dress"), 100, 60),
        LeftOutCombination((1, 5), ("red", "shirt"), 100, 90),
        LeftOutCombination((2, 6), ("blue", "hat"), 100, 10),
    )
    study = LeftOutStudy("plain", rows, 0, 0, 0.0, "", "")
    found = expect_like(study, (1, 6))
    assert found is not None
    assert found.share == pytest.approx((0.6 + 0.9 + 0.1) / 3)
    assert (round(found.low, 2), round(found.high, 2)) == (0.06, 0.94)
    assert found.untried == ()
    alone = expect_like(study, (2, 4))
    assert alone is not None
    assert len(alone.combinations) == 2
    never = LeftOutCombination((3, 6), ("black", "hat"), 0)
    kept = replace(study, combinations=(*rows, never))
    black_dress = expect_like(kept, (3, 4))
    assert black_dress is not None
    assert black_dress.untried == (3,)
    itself = expect_like(study, (1, 4))
    assert itself is not None
    assert found.is_too_wide and not itself.is_too_wide
    assert "anything between 6 and 94 in 100" in likeness_note(study, (1, 6))
    assert expect_like(study, (7, 8)) is None
    # added since: a label it shares with others lends it no figure
    assert expect_like(study, (1, 7)) is None
    assert "no figure" in likeness_note(study, (1, 7))
    assert likeness_words(study, (1, 7), ("red", "cape")) == (
        "a model without them: no figure, cape was added since it was measured, or "
        "has no group: measure again"
    )


def test_each_part_says_what_training_never_shows(clothes: Project) -> None:
    everything = list_images(clothes, limit=100)
    shirts = images_of_combination(clothes, ids_of(clothes, "blue", "shirt"))
    test_ids = [image.image_id for image in shirts]
    training = [i.image_id for i in everything if i.image_id not in test_ids]
    move_to_split(clothes, training, "train", who="", batch_id="a")
    move_to_split(clothes, test_ids, "test", who="", batch_id="b")
    said = words(open_coverage())
    assert "**100 %** of the combinations on test pictures are never shown" in said
    assert "blue shirt; 3 pictures" in said
    assert "**4 labels** have no held-out picture: their figures are unknown" in said
    save_view(clothes, "red ones", "label=" + str(ids_of(clothes, "red")[0]), who="")
    page = open_coverage()
    assert page.selectbox(key="coverage_compare_shown").value == "view:red ones"
    page.selectbox(key="coverage_compare_trained").set_value("test").run()
    assert "**100 %** of the combinations (2 of 2), on 15 pictures:" in words(page)


def test_the_line_over_time_counts_what_was_present_when_answers_arrived(
    clothes: Project,
) -> None:
    groups = list_groups(clothes)
    black_jeans = ids_of(clothes, "black", "jeans")
    red_dress = ids_of(clothes, "red", "dress")
    red_jeans = ids_of(clothes, "red", "jeans")
    arrivals = [
        ("1st", black_jeans, 20),
        ("1st", red_dress, 4),
        ("2nd", black_jeans, 10),
        ("3rd", red_jeans, 1),
    ]
    assert grow(arrivals, groups, impossible=[red_jeans]) == [
        Growth("1st", 24, 2, 0),
        Growth("2nd", 34, 2, 1),
        Growth("3rd", 35, 2, 1),
    ]
    [(_, label_ids, count), *_] = read_arrivals(clothes)
    assert sum(row[2] for row in read_arrivals(clothes)) == 71
    assert count in SIX.values()
    assert label_ids in [ids_of(clothes, *names) for names in SIX]


def test_triples_are_listed_only_where_all_their_pairs_are_shown(
    project: Project, make_image: MakeImage
) -> None:
    counts: Counts = {
        ("black", "jeans", "plain"): 3,
        ("black", "dress", "dotted"): 3,
        ("blue", "jeans", "dotted"): 3,
    }
    groups = {
        "colour": ["black", "blue"],
        "garment": ["dress", "jeans"],
        "pattern": ["plain", "dotted"],
    }
    fill(project, make_image, counts, groups)
    found = coverage_of(project, 3)
    assert len(found.missing) == 5
    whole = list_gaps(found, pair_map_of(project))
    assert [gap.names for gap in whole] == [("black", "jeans", "dotted")]


def test_a_label_never_seen_without_another_is_named(
    project: Project, make_image: MakeImage
) -> None:
    counts: Counts = {("sea_1", "sand"): 12, ("sand",): 9, ("wood",): 9}
    fill(project, make_image, counts, {})
    said = words(open_coverage())
    assert "## Never one without the other · " in said
    assert r"**sea\_1** was never seen without **sand**." in said
