"""Groups found in the answers: what is proposed, and what merely looks like it."""

import random
import time

import pytest
from counted_sets import FASHION
from filled_project import HOSTILE, MakeImage, fill

from mlcore.group_naming import name_columns
from mlcore.group_offers import (
    dismiss_offer,
    folder_columns,
    is_dismissed,
    make_groups,
    offer_again,
    offer_groups,
)
from mlcore.group_proposals import (
    Fit,
    breaking_sets,
    find_twins,
    measure_fit,
    propose_groups,
)
from mlcore.rule_repairs import find_repairs, settle
from storage.answers import answer_many, answers_of, set_many, undo
from storage.errors import LabelError
from storage.images import delete_images
from storage.labels import (
    create_labels,
    free_labels,
    list_groups,
    rule_violations,
    set_group,
)
from storage.projects import Project
from storage.records import Label, LabelSet
from storage.scores import ImageScore, put_scores

Sets = dict[tuple[str, ...], int]


def propose(sets: Sets) -> list[set[str]]:
    names = dict(enumerate(sorted({name for row in sets for name in row}), start=1))
    groups = propose_groups(as_sets(sets), names)
    return [{names[i] for i in group} for group in groups]


def as_sets(sets: Sets) -> list[LabelSet]:
    numbers = {x: i for i, x in enumerate(sorted({n for r in sets for n in r}), 1)}
    rows = [(tuple(sorted(numbers[n] for n in row)), c) for row, c in sets.items()]
    return [LabelSet(",".join(map(str, ids)), ids, count) for ids, count in rows]


def test_missing_combinations_make_no_groups_of_their_labels() -> None:
    # Black and dress never meet either; only these two groups add up.
    assert propose(FASHION) == [{"black", "blue", "red"}, {"dress", "jeans", "shirt"}]


def test_free_labels_beside_the_groups_stay_out() -> None:
    spotted = {(*row, "spotted"): 40 for row in FASHION}
    assert propose(FASHION | spotted | {("blue", "dress", "new"): 9}) == [
        {"black", "blue", "red"},
        {"dress", "jeans", "shirt"},
    ]


def test_a_few_images_may_break_a_group_and_are_named() -> None:
    broken: Sets = {("black", "blue", "jeans"): 12, ("dress",): 9, (): 3}
    assert propose(FASHION | broken) == [
        {"black", "blue", "red"},
        {"dress", "jeans", "shirt"},
    ]
    sets = as_sets(FASHION | broken)
    assert measure_fit(sets, (1, 2, 5)) == Fit(one=2167, none=12, several=12)
    assert [s.count for s in breaking_sets(sets, (1, 2, 5))] == [12, 9, 3]


def test_more_than_a_few_are_no_group() -> None:
    assert propose({("a", "x"): 50, ("b", "x"): 45, ("a", "b", "x"): 5}) == []
    assert propose({("a",): 1, ("b",): 2}) == []
    assert propose({("only",): 500}) == propose({}) == []


def test_where_counts_leave_it_open_words_decide() -> None:
    sets: Sets = {("dress", "red"): 100, ("jeans", "blue"): 90}
    assert propose(sets) == [{"red", "blue"}, {"dress", "jeans"}]


def test_labels_that_always_come_together_are_named_as_such() -> None:
    sets: Sets = {("ash", "orb"): 40, ("elm", "long"): 30, ("elm", "thin"): 20}
    names = dict(enumerate(("ash", "elm", "long", "orb", "thin"), start=1))
    groups = propose_groups(as_sets(sets), names)
    assert sorted(map(len, groups)) == [2, 3]
    assert find_twins(as_sets(sets), groups, names) == [(1, 4)]
    told_apart = names | {1: "red", 4: "cat"}
    assert find_twins(as_sets(sets), groups, told_apart) == []


def test_words_alone_found_a_group_that_many_images_lack() -> None:
    sets: Sets = {
        ("red",): 30,
        ("green", "big"): 40,
        ("big",): 50,
        ("blue",): 20,
        (): 30,
    }
    assert propose(sets) == [{"red", "green", "blue"}]
    # A ship and an airplane may be on one picture; two rare colours may never meet.
    ships: Sets = {("ship", "big"): 400, ("car",): 300, ("big",): 200, (): 300}
    assert propose(ships) == [{"ship", "car"}]
    assert propose({("ship",): 30, ("car", "big"): 40, ("big",): 50, (): 50}) == []
    assert propose({("red",): 9, ("green",): 9, (): 800}) == []


@pytest.mark.parametrize(
    "kind", ["one each", "pairs", "random", "nearly", "equal sets"]
)
def test_sixty_labels_of_equal_counts_do_not_take_long(kind: str) -> None:
    dice = random.Random(3)
    labels = [f"t{number:02}" for number in range(60)]
    sets: Sets = {
        "one each": {(label,): 20 for label in labels},
        "pairs": dict.fromkeys(zip(labels[:30], labels[30:], strict=True), 20),
        "random": {tuple(sorted(dice.sample(labels, 6))): 1 for _ in range(3000)},
        "nearly": {
            tuple(sorted({*dice.sample(labels[:8], 1), *dice.sample(labels[8:], 3)})): 1
            for _ in range(3000)
        },
        "equal sets": {(*labels[at::30], labels[0]): 9 for at in range(1, 30)},
    }[kind]
    start = time.process_time()
    found = propose(sets)
    assert time.process_time() - start < 4
    assert len(found) == {"one each": 1, "pairs": 2, "nearly": 1}.get(kind, len(found))


def test_two_thousand_labels_are_one_group_or_none() -> None:
    sets: Sets = {(f"t{number}",): 3 for number in range(2000)}
    start = time.process_time()
    assert [len(group) for group in propose(sets)] == [2000]
    assert propose(sets | {("t1", "t2", "t3"): 900}) == []
    assert time.process_time() - start < 4


def test_names_are_of_the_words_and_never_given_twice() -> None:
    columns = [["red", "mauve", "blue"], ["cat", "dog"], ["tic", "tac"], ["lime"]]
    assert name_columns(columns, "combinations", ["animal", "Group 3"]) == [
        *("colour", "animal 2", "group 4", "colour 4"),
    ]
    assert name_columns([["red"], ["clear", "partly_cloudy"]], "combinations") == [
        *("colour", "weather"),
    ]


def test_folders_say_which_labels_stand_at_one_place() -> None:
    labels = [Label(i, x, None, i) for i, x in enumerate(("red", "blue", "cap"), 1)]
    names = ["a/red_cap/", "a/Blue_cap/", "odd/"]
    assert folder_columns(names, labels) == [(2, 1), (3,)]
    assert folder_columns(["x/red/cap/", "x/blue/cap/"], labels) == [(2, 1), (3,)]
    assert folder_columns(["red/", "blue/"], labels) == []


@pytest.fixture
def flat(project: Project, make_image: MakeImage) -> Project:
    """Forty pictures with flat tags: a hostile name or “plain”, and one of two."""
    ids = fill(project, make_image, 40)
    made = create_labels(project, [HOSTILE, "plain", "near", "far"], who="")
    number = [label.label_id for label in made]
    rows = [
        (image_id, frozenset({number[at % 2], number[2 + (at % 4 > 1)]}))
        for at, image_id in enumerate(ids)
    ]
    set_many(project, rows, who="", batch_id="tags")
    return project


def test_groups_are_offered_made_and_taken_back(flat: Project) -> None:
    offers = offer_groups(flat)
    names = {label.label_id: label.name for label in free_labels(flat)}
    assert [{names[i] for i in offer.label_ids} for offer in offers] == [
        {HOSTILE, "plain"},
        {"near", "far"},
    ]
    assert {offer.rule for offer in offers} == {"exactly-one"}
    assert [offer.fit.one for offer in offers] == [40, 40]
    make_groups(flat, [("look", "exactly-one", offers[0].label_ids)], who="me")
    assert [group.name for group in list_groups(flat)] == ["look"]
    [rest] = offer_groups(flat)
    assert rest.label_ids == offers[1].label_ids
    undo(flat, who="me")
    assert offer_groups(flat) == offers


def test_a_name_twice_makes_nothing(flat: Project) -> None:
    first, second = (offer.label_ids for offer in offer_groups(flat))
    wanted = [("Look", "any", first), ("look", "any", second)]
    with pytest.raises(LabelError, match="name of its own"):
        make_groups(flat, wanted, who="")
    assert list_groups(flat) == []
    with pytest.raises(LabelError, match="gone"):
        make_groups(flat, [("look", "any", (99,))], who="")


def test_a_no_to_all_makes_the_rule_at_most_one(
    flat: Project, make_image: MakeImage
) -> None:
    ids = fill(flat, make_image, 80)
    plain, near = (x.label_id for x in free_labels(flat) if x.name in ("plain", "near"))
    rows = [(image_id, frozenset({plain, near})) for image_id in ids[40:79]]
    set_many(flat, rows, who="", batch_id="more")
    answer_many(flat, ids[79:], {near: True}, who="", batch_id="open")
    first = offer_groups(flat)[0]
    assert (first.fit, first.rule) == (Fit(one=79, none=1), "exactly-one")
    set_many(flat, [(ids[79], frozenset({near}))], who="", batch_id="said")
    assert offer_groups(flat)[0].rule == "at-most-one"


def test_what_was_dismissed_is_not_offered_again_until_it_is_wanted(
    flat: Project,
) -> None:
    offers = offer_groups(flat)
    dismiss_offer(flat, offers)
    assert is_dismissed(flat, offers)
    assert not is_dismissed(flat, offers[:1])
    offer_again(flat)
    assert not is_dismissed(flat, offers)


@pytest.fixture
def broken(project: Project, make_image: MakeImage) -> Project:
    """Images 1 and 2 are black and blue, 3 is no colour at all, 4 is as it should be.

    Image 1 got blue later than black; image 2 got both at once.
    """
    fill(project, make_image, 5)
    labels = create_labels(project, ["black", "blue"], who="")
    black, blue = (label.label_id for label in labels)
    rows = [(1, {black}), (2, {black, blue}), (3, set[int]()), (4, {blue})]
    said = [(image_id, frozenset(yes)) for image_id, yes in rows]
    set_many(project, said, who="", batch_id="import")
    answer_many(project, [1], {blue: True}, who="", batch_id="later")
    set_group(project, "colour", ["black", "blue"], "exactly-one", who="")
    return project


def test_what_would_settle_an_image_is_the_newest_answer_or_a_sure_model(
    broken: Project,
) -> None:
    doubtful, sure = {1: 0.6, 2: 0.4}, {1: 0.97, 2: 0.02}
    for image_id, said in ((1, doubtful), (2, sure), (3, sure)):
        score = ImageScore(image_id, "r", (1,), True, 0.9, 0.1, said)
        put_scores(broken, "r", [score])
    found = find_repairs(broken, rule_violations(broken))
    assert [x.image.image_id for x in found] == [1, 2, 3]
    assert [x.is_crowded for x in found] == [True, True, False]
    assert [[c.name for c in x.choices] for x in found] == [["black", "blue"]] * 3
    assert [x.newest for x in found] == [2, None, None]
    assert [x.sure for x in found] == [None, 1, 1]


def test_settled_images_keep_the_rule_and_each_step_can_be_undone(
    broken: Project,
) -> None:
    done = settle(broken, [(1, 2), (2, 1), (3, 1)], who="me")
    assert (done.images, len(done.batch_ids)) == (3, 2)
    assert rule_violations(broken) == []
    assert answers_of(broken, [1, 3]) == {
        1: {1: False, 2: True},
        3: {1: True, 2: False},
    }
    for batch_id in done.batch_ids:
        undo(broken, who="me", batch_id=batch_id)
    assert rule_violations(broken) == [1, 2, 3]
    delete_images(broken, [2], who="me", batch_id="gone")
    assert rule_violations(broken) == [1, 3]
