"""Facts measured of images, look-alikes, and findings a person dismissed."""

from dataclasses import replace

from drawn_photos import add_photo, draw_photo

from storage import dismissals, health_rows
from storage.facts import (
    ImageFacts,
    count_measured,
    facts_of,
    facts_stamp,
    known_pixel_hashes,
    near_duplicate_pairs,
    pixel_copies,
    put_facts,
    put_near_duplicates,
    unmeasured_ids,
)
from storage.images import delete_images, get_image
from storage.projects import Project
from storage.splits import assign_splits
from storage.undo import undo


def fill(project: Project, count: int) -> list[int]:
    return [add_photo(project, draw_photo(i), f"{i}.png") for i in range(count)]


def facts(image_id: int, **known: object) -> ImageFacts:
    plain = ImageFacts(image_id, "ab", f"p{image_id}", 0.5, 0.2, 0.01, b"\x01\x02")
    return replace(plain, **known)


def test_facts_come_back_as_they_were_put(project: Project) -> None:
    ids = fill(project, 2)
    put_facts(project, 1, [facts(i) for i in ids])
    assert facts_of(project, [*ids, 99]) == {i: facts(i) for i in ids}


def test_an_older_version_counts_as_not_measured(project: Project) -> None:
    first, second = fill(project, 2)
    put_facts(project, 1, [facts(first)])
    assert unmeasured_ids(project, 1) == [second]
    assert unmeasured_ids(project, 2) == [first, second]
    assert (count_measured(project, 1), count_measured(project, 2)) == (1, 0)


def test_a_deleted_image_keeps_its_facts_and_pairs_for_an_undo(
    project: Project,
) -> None:
    one, other = fill(project, 2)
    put_facts(project, 1, [facts(i, pixel_hash="same") for i in (one, other)])
    put_near_duplicates(project, [(other, one, 3)])
    delete_images(project, [other], who="t", batch_id="gone")
    assert near_duplicate_pairs(project) == []
    assert [i for _, i in pixel_copies(project)] == [one]
    undo(project, who="t", batch_id="gone")
    assert unmeasured_ids(project, 1) == []
    assert near_duplicate_pairs(project) == [(one, other, 3)]


def test_pairs_are_replaced_and_come_closest_first(project: Project) -> None:
    a, b, c = fill(project, 3)
    put_near_duplicates(project, [(a, b, 1)])
    put_near_duplicates(project, [(a, c, 9), (c, b, 2)])
    assert near_duplicate_pairs(project) == [(b, c, 2), (a, c, 9)]
    assert near_duplicate_pairs(project, max_distance=5) == [(b, c, 2)]


def test_the_stamp_changes_when_an_image_is_measured(project: Project) -> None:
    (only,) = fill(project, 1)
    before = facts_stamp(project)
    put_facts(project, 1, [facts(only)])
    assert facts_stamp(project) != before


def test_unreadable_images_have_no_pixel_hash(project: Project) -> None:
    good, bad = fill(project, 2)
    broken = ImageFacts(bad, "", "", 0, 0, 0, b"", "It is damaged.")
    put_facts(project, 1, [facts(good), broken])
    known = known_pixel_hashes(project)
    assert known == {get_image(project, good).sha256: f"p{good}"}
    assert health_rows.unreadable_images(project) == [(bad, "It is damaged.")]
    assert pixel_copies(project) == []


def test_a_finding_is_dismissed_once_and_can_be_shown_again(project: Project) -> None:
    a, b = fill(project, 2)
    dismissals.dismiss(project, "near", [a, b], who="t")
    dismissals.dismiss(project, "near", [a], who="somebody else")
    dismissals.dismiss(project, "dark", [a], who="t")
    assert dismissals.dismissals(project) == {"near": {a, b}, "dark": {a}}
    assert dismissals.restore(project, "near", [a]) == 1
    assert dismissals.restore(project, "dark") == 1
    assert dismissals.dismissals(project) == {"near": {b}}


def test_leaks_are_counted_without_dismissed_ones(project: Project) -> None:
    a, b, c, d = fill(project, 4)
    put_near_duplicates(project, [(a, b, 1), (c, d, 1)])
    assert health_rows.count_leaking(project, "leaks") == 0
    assign_splits(project, {a: "train", b: "test", c: "train", d: "train"})
    assert health_rows.count_leaking(project, "leaks") == 2
    dismissals.dismiss(project, "leaks", [a, b], who="t")
    assert health_rows.count_leaking(project, "leaks") == 0


def test_splits_are_tallied_with_their_labelled_images(project: Project) -> None:
    a, _ = fill(project, 2)
    assign_splits(project, {a: "train"})
    assert health_rows.split_tallies(project) == {"train": (1, 0), None: (1, 0)}
