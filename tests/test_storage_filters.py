"""Every field of a filter against a plain Python reading of the same images."""

import hashlib
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.answers import answer_many, answers_of
from storage.database import immediate, run_sql
from storage.errors import ExpressionError, ImageError
from storage.image_marks import mark_reviewed
from storage.images import (
    add_images,
    count_images,
    get_images,
    list_folders,
    list_image_ids,
    list_images,
)
from storage.label_expressions import compile_expression
from storage.labels import create_labels, list_labels, set_group
from storage.projects import Project, create_project
from storage.records import Filter, Image, Label, NewImage
from storage.scores import ImageScore, put_scores, scores_of
from storage.splits import assign_splits

NAMES = ("black", "blue", "jeans", "t-shirt", "black and white", "no logo (small)")
COUNT = 120


@dataclass(frozen=True)
class Seen:
    """One image as the oracle sees it."""

    image: Image
    answers: dict[int, bool]
    score: ImageScore | None

    def says(self, label_id: int) -> bool | None:
        return self.answers.get(label_id)

    @property
    def day(self) -> str:
        return self.image.added_at[:10]

    @property
    def disagrees(self) -> bool | None:
        if self.score is None or not self.score.probabilities or not self.answers:
            return None
        known = [i for i in self.answers if i in self.score.probabilities]
        return any(self.answers[i] != (i in self.score.reading) for i in known)


@dataclass(frozen=True)
class World:
    """A project with everything a filter can ask about, and the same in Python."""

    project: Project
    labels: dict[str, Label]
    seen: list[Seen]

    def ids(self, passes: Callable[[Seen], bool]) -> list[int]:
        return [seen.image.image_id for seen in self.seen if passes(seen)]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    home: Path = tmp_path_factory.mktemp("filters")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("UNSEEN_HOME", str(home))
        with create_project("filters") as project:
            fill(project)
            yield read_world(project)


def fill(project: Project) -> None:
    chance = random.Random(7)
    set_group(project, "colour", ["black", "blue"], "at-most-one", who="")
    create_labels(project, NAMES[2:], who="")
    new = [new_image(number, chance) for number in range(COUNT)]
    ids = list(add_images(project, new).added.values())
    label_ids = [label.label_id for label in list_labels(project)]
    for image_id in ids:
        said = {i: chance.choice([True, False, None]) for i in label_ids}
        if said[label_ids[0]]:
            said[label_ids[1]] = False
        if chance.random() < 0.8:
            answer_many(project, [image_id], said, who="", batch_id=f"a-{image_id}")
    splits = ("train", "validation", "test")
    assign_splits(project, {i: chance.choice(splits) for i in ids if i % 3})
    mark_reviewed(project, ids[::4], True, who="", batch_id="look")
    put_scores(project, "run", [draw_score(i, label_ids, chance) for i in ids[::2]])
    unread = [ImageScore(i, "run", (), False, 0.0, 0.0, {}) for i in ids[1:20:2]]
    put_scores(project, "run", unread)
    with immediate(project.db) as db:
        sql = "UPDATE images SET added_at = ? WHERE image_id = ?"
        for number, image_id in enumerate(ids):
            run_sql(db, sql, [f"2026-01-{1 + number % 28:02}T23:59:59.999Z", image_id])


def new_image(number: int, chance: random.Random) -> tuple[NewImage, bytes]:
    data = f"picture {number}".encode()
    sha256 = hashlib.sha256(data).hexdigest()
    folder = chance.choice(["red_dress", "Red_dress", "other/red_dress", "100%_"])
    name = f"{number:03}.png"
    return NewImage(sha256, name, "png", 1, 1, 1, f"{folder}/{name}"), data


def draw_score(
    image_id: int, label_ids: list[int], chance: random.Random
) -> ImageScore:
    # The newest label is unknown to the run; label 1 must not match label 11.
    known = label_ids[:-1]
    return ImageScore(
        image_id=image_id,
        run_id="run",
        reading=tuple(i for i in known if chance.random() < 0.5),
        is_seen=True,
        confidence=chance.random(),
        uncertainty=round(chance.random(), 1),
        probabilities={i: chance.random() for i in known},
    )


def read_world(project: Project) -> World:
    ids = list_image_ids(project)
    answers, scores = answers_of(project, ids), scores_of(project, ids)
    seen = [
        Seen(image, answers[image.image_id], scores.get(image.image_id))
        for image in get_images(project, ids)
    ]
    return World(project, {x.name: x for x in list_labels(project)}, seen)


def test_every_field_passes_what_a_plain_reading_passes(world: World) -> None:
    black, jeans = world.labels["black"].label_id, world.labels["jeans"].label_id
    many = len(world.labels)
    cases: dict[Filter, Callable[[Seen], bool]] = {
        Filter(): lambda s: True,
        Filter(state="unlabelled"): lambda s: not s.answers,
        Filter(state="labelled"): lambda s: bool(s.answers),
        Filter(state="incomplete"): lambda s: 0 < len(s.answers) < many,
        Filter(label_ids=(black,)): lambda s: s.says(black) is True,
        Filter(without_ids=(black, jeans)): lambda s: (
            not (s.says(black) or s.says(jeans))
        ),
        Filter(unknown_ids=(jeans,)): lambda s: s.says(jeans) is None,
        Filter(set_key=str(jeans)): lambda s: s.image.set_key == str(jeans),
        Filter(set_key=""): lambda s: s.image.set_key == "" and bool(s.answers),
        Filter(split="train"): lambda s: s.image.split == "train",
        Filter(split="none"): lambda s: s.image.split is None,
        Filter(source="red_"): lambda s: s.image.source.startswith("red_"),
        Filter(source="100%_/"): lambda s: s.image.source.startswith("100%_/"),
        Filter(text="RED"): lambda s: "red" in s.image.source.lower(),
        Filter(text="_/00"): lambda s: "_/00" in s.image.source,
        Filter(added_from="2026-01-20"): lambda s: (
            s.image.added_at[:10] >= "2026-01-20"
        ),
        Filter(added_to="2026-01-20"): lambda s: s.image.added_at[:10] <= "2026-01-20",
        Filter(added_to=date.max.isoformat()): lambda s: True,
        Filter(reviewed=True): lambda s: s.image.reviewed,
        Filter(reviewed=False): lambda s: not s.image.reviewed,
        Filter(disagrees=True): lambda s: s.disagrees is True,
        Filter(disagrees=False): lambda s: s.disagrees is False,
        Filter(expression="black | ?jeans"): lambda s: (
            s.says(black) is True or s.says(jeans) is None
        ),
    }
    for wanted, passes in cases.items():
        expected = world.ids(passes)
        assert list_image_ids(world.project, wanted) == expected, wanted
        assert count_images(world.project, wanted) == len(expected)
        assert expected, f"{wanted} tests nothing"
        # Two conditions together pass what both pass.
        both = replace(wanted, split=wanted.split or "test", without_ids=(jeans,))
        if wanted.split is None and not wanted.without_ids:
            assert list_image_ids(world.project, both) == world.ids(
                lambda s, passes=passes: (
                    passes(s) and s.image.split == "test" and not s.says(jeans)
                )
            )


def test_uncertainty_puts_the_least_certain_first_and_unscored_last(
    world: World,
) -> None:
    def rank(seen: Seen) -> tuple[float, int]:
        doubt = seen.score.uncertainty if seen.score else -1
        return -doubt, seen.image.image_id

    expected = [seen.image.image_id for seen in sorted(world.seen, key=rank)]
    assert list_image_ids(world.project, Filter(), "uncertainty") == expected
    page = list_images(world.project, order="uncertainty", offset=50, limit=20)
    assert [image.image_id for image in page] == expected[50:70]


def test_folders_are_listed_the_largest_first(world: World) -> None:
    sources = [seen.image.source for seen in world.seen]
    tops = [source[: source.index("/") + 1] for source in sources]
    ranked = sorted(set(tops), key=lambda top: (-tops.count(top), top))
    assert list_folders(world.project) == ranked
    assert list_folders(world.project, 1) == ranked[:1]


@pytest.mark.parametrize(
    "wrong",
    [Filter(split="dev"), Filter(added_from="tomorrow"), Filter(added_to="2026-02-30")],
    ids=str,
)
def test_a_wrong_field_is_told_in_words(world: World, wrong: Filter) -> None:
    with pytest.raises(ImageError, match=r"not '.*'\.$"):
        list_image_ids(world.project, wrong)


# A condition as a tree: how it is written, and what it passes in plain Python.
Condition = tuple[str, Callable[[Callable[[str], bool | None]], bool]]


def written(name: str) -> str:
    return f'"{name}"'


def leaves() -> st.SearchStrategy[Condition]:
    name = st.sampled_from(NAMES)
    casing = st.sampled_from([str, str.upper, written, lambda n: n.replace(" ", "  ")])
    form = st.sampled_from(["{}", "no({})", "unknown( {} )", "?{}", "({})"])
    return st.builds(make_leaf, name, casing, form)


def make_leaf(name: str, casing: Callable[[str], str], form: str) -> Condition:
    wanted = {"no({})": False, "unknown( {} )": None, "?{}": None}.get(form, True)
    return form.format(casing(name)), lambda says: says(name) is wanted


def branches(inner: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    return st.one_of(
        st.builds(make_not, inner, st.sampled_from(["not ", "NOT ", "!", "- "])),
        st.builds(make_and, inner, inner, st.sampled_from([" and ", " & ", " && "])),
        st.builds(make_or, inner, inner, st.sampled_from([" or ", " | ", " OR "])),
    )


def make_not(inner: Condition, sign: str) -> Condition:
    text, passes = inner
    return f"{sign}({text})", lambda says: not passes(says)


def make_and(one: Condition, other: Condition, sign: str) -> Condition:
    return (
        f"({one[0]}){sign}({other[0]})",
        lambda says: one[1](says) and other[1](says),
    )


def make_or(one: Condition, other: Condition, sign: str) -> Condition:
    return f"({one[0]}{sign}{other[0]})", lambda says: one[1](says) or other[1](says)


@settings(max_examples=120, deadline=None)
@given(condition=st.recursive(leaves(), branches, max_leaves=6))
def test_a_condition_passes_what_its_tree_passes(
    world: World, condition: Condition
) -> None:
    text, passes = condition
    expected = world.ids(
        lambda seen: passes(lambda name: seen.says(world.labels[name].label_id))
    )
    assert list_image_ids(world.project, Filter(expression=text)) == expected, text


@settings(max_examples=300, deadline=None)
@given(
    text=st.one_of(
        st.text(max_size=40),
        st.lists(
            st.sampled_from([*NAMES, "and", "or", "not", "(", ")", "?", '"', "-", "x"])
        ).map(" ".join),
    )
)
def test_whatever_is_typed_gives_a_list_or_a_sentence(world: World, text: str) -> None:
    try:
        list_image_ids(world.project, Filter(expression=text))
    except ExpressionError as error:
        assert str(error).endswith((".", "?"))


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("not black or blue", "(not black) or blue"),
        ("black or blue and jeans", "black or (blue and jeans)"),
        ("black -jeans", "black and not jeans"),
        ("black - jeans", "black and not jeans"),
        ("black not jeans", "black and not jeans"),
        ("not not black", "black"),
        ("t-shirt", '"t-shirt"'),
        ("black and white", '"black and white"'),
        ("not no logo (small) & blue", '(not "no logo (small)") and blue'),
        ("“black” & „blue“", '"black" and "blue"'),
    ],
)
def test_short_forms_mean_what_people_expect(
    world: World, short: str, long: str
) -> None:
    found = [Filter(expression=text) for text in (short, long)]
    assert len({tuple(list_image_ids(world.project, f)) for f in found}) == 1


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("blak", "At character 1: there is no label “blak”; did you mean “black”?"),
        ("black and", "At the end: expected a label name."),
        ("black and or blue", "At character 11 (“or”): expected a label name."),
        ("black blue", "At character 7 (“blue”): expected “and”, “or” or the end."),
        ("(black or blue", "At the end: expected “)” for the “(” at character 1."),
        ("black)", "At character 6 (“)”): expected a “(” before it."),
        ("unknown(black", "At the end: expected “)” for the “(” at character 8."),
        ('"black', 'At character 1 (“"”): this quote is never closed.'),
        ("no(xyz)", "At character 4: there is no label “xyz”."),
        ("(" * 60 + "black", "At character 51 (“(”): parentheses are nested at most"),
        ("black " * 200, "The expression has 1,200 characters"),
    ],
)
def test_a_mistake_is_named_with_its_place(
    world: World, text: str, sentence: str
) -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_expression(text, list(world.labels.values()))
    assert str(caught.value).startswith(sentence)


def test_a_label_may_be_called_like_a_word_of_the_language() -> None:
    names = ("unknown", "no", "not visible", "or")
    labels = [Label(i, name, None, i) for i, name in enumerate(names)]
    yes = {name: compile_expression(f'"{name}"', labels) for name in names}
    for name in ("unknown", "no", "not visible"):
        assert compile_expression(name, labels) == yes[name]
    asked, _ = compile_expression("unknown(no)", labels)
    assert "NOT IN" in asked


def test_the_longest_condition_that_can_be_written_is_answered(world: World) -> None:
    text = "|".join(['"blue"'] * 142)
    assert len(text) <= 1000
    blue = world.labels["blue"].label_id
    expected = world.ids(lambda seen: seen.says(blue) is True)
    assert list_image_ids(world.project, Filter(expression=text)) == expected
