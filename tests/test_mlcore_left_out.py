"""What leaving combinations out taught is kept beside the project and found again."""

from dataclasses import replace
from pathlib import Path

from mlcore.left_out import (
    FOLDER,
    LeftOutCombination,
    LeftOutStudy,
    keep_studies,
    newest_studies,
    studies_of,
)
from mlcore.scores import wilson
from storage.projects import Project

DRESS = LeftOutCombination((1, 4), ("black", "dress"), 50, 40)
JEANS = LeftOutCombination((1, 5), ("black", "jeans"), 100, 50)
VANISHING = LeftOutCombination((2, 6), ("red", "hat"), 0, 0, "red would vanish")


def make_study(data: str = "a" * 64, head: str = "plain") -> LeftOutStudy:
    return LeftOutStudy(head, (DRESS, JEANS, VANISHING), 95, 100, 3.5, data, "key")


def test_each_combination_counts_the_same_however_many_pictures_show_it() -> None:
    study = make_study()

    assert study.share == (0.8 + 0.5) / 2
    assert (study.right, study.images) == (90, 150)
    assert study.seen_share == 0.95
    assert VANISHING.share is None


def test_the_interval_of_all_holds_the_mean_over_combinations() -> None:
    rare = LeftOutCombination((1, 6), ("black", "hat"), 4, 0)
    study = replace(make_study(), combinations=(DRESS, JEANS, rare))

    low, high = study.interval

    assert study.share is not None and low < study.share < high
    # Nine equal parts of 1/50 + 1/100 + 1/4 are worth 32 pictures.
    assert (low, high) == wilson(14, 32)


def test_the_interval_of_a_combination_holds_its_share_and_is_that_of_wilson() -> None:
    low, high = DRESS.interval

    assert (round(low, 3), round(high, 3)) == (0.670, 0.888)


def test_a_study_is_found_again_by_the_data_it_was_made_of(project: Project) -> None:
    keep_studies(project, [make_study(), make_study(head="compositional")])

    found = studies_of(project, "a" * 64)

    assert found["plain"] == make_study()
    assert set(newest_studies(project)) == {"plain", "compositional"}
    assert studies_of(project, "b" * 64) == {}
    assert found["plain"].of((4, 1)) == DRESS


def test_a_damaged_file_is_as_good_as_none(project: Project) -> None:
    keep_studies(project, [make_study()])
    path = next(Path(project.folder, FOLDER).glob("*.json"))
    path.write_bytes(path.read_bytes()[:40])

    assert newest_studies(project) == {}
