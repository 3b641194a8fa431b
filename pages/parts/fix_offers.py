"""What a card offers to mend: each contradiction by itself, and all of them at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pages.parts.judge_cards import FIX, KEEP
from storage.groups import list_groups
from storage.implication_rows import implied_closure, reverse_implications
from storage.implications import list_implications

if TYPE_CHECKING:
    from storage.projects import Project

NOTHING = "none of the labels"
AS_LABELLED = "It is right as labelled"
Answers = Mapping[int, bool]


@dataclass(frozen=True, slots=True)
class Rules:
    """What an answer brings along: labels that exclude each other, implied ones."""

    exclusive: tuple[frozenset[int], ...] = ()
    implications: Mapping[int, tuple[int, ...]] | None = None

    @classmethod
    def of(cls, project: Project) -> Rules:
        """Read the rules of a project."""
        groups = [group for group in list_groups(project) if group.rule != "any"]
        members = (frozenset(x.label_id for x in group.labels) for group in groups)
        return cls(tuple(members), list_implications(project))

    def after(self, now: Collection[int], answers: Answers) -> frozenset[int] | None:
        """Return the labels once the answers are given; None: they contradict."""
        implied = self.implications or {}
        yes = implied_closure(implied, _said(answers, True))
        no = _said(answers, False)
        if yes & no:
            return None
        for group in self.exclusive:
            if len(group & yes) > 1:
                return None
            no |= group - yes if group & yes else set()
        return (frozenset(now) | yes) - implied_closure(
            reverse_implications(implied), no
        )


def open_answers(
    wanted: Answers, now: Collection[int], names: Collection[int]
) -> dict[int, bool]:
    """Return what still differs from the labels of now, of labels there are."""
    return {
        label_id: is_yes
        for label_id, is_yes in wanted.items()
        if label_id in names and (label_id in now) is not is_yes
    }


def split_answers(
    answers: Answers, exclusive: Iterable[frozenset[int]]
) -> list[dict[int, bool]]:
    """Return the answers that can be given apart; a group's new choice is one."""
    part_of = {
        label_id: group
        for group in exclusive
        if any(answers.get(label_id) for label_id in group)
        for label_id in group
    }
    found: dict[object, dict[int, bool]] = {}
    for label_id, is_yes in answers.items():
        found.setdefault(part_of.get(label_id, label_id), {})[label_id] = is_yes
    return list(found.values())


def list_offers(
    answers: Answers, now: Collection[int], rules: Rules, names: Mapping[int, str]
) -> list[tuple[str, str]]:
    """Return (act, words) of every change; the last makes all, and names the result.

    `answers` are what still differs, `names` all labels of the project in order.
    """
    parts = split_answers(answers, rules.exclusive)
    offers = [(write_act(part), fix_words(part, names)) for part in parts]
    after = rules.after(now, answers)
    if len(offers) > 1 and after is not None:
        words = join_names([i for i in names if i in after], names)
        offers.append((write_act(answers), f"All as the model reads: {words}"))
    return offers


def add_keep(
    offers: Sequence[tuple[str, str]], *, is_mended: bool
) -> list[tuple[str, str]]:
    """Return the offers, and that what is left of them is right as it is."""
    return [*offers, (KEEP, "The rest is right" if is_mended else AS_LABELLED)]


def write_act(answers: Answers) -> str:
    """Return what a button that gives these answers reports."""
    return f"{FIX}:{','.join(map(str, sorted(answers)))}"


def read_answers(act: str, wanted: Answers) -> dict[int, bool]:
    """Return the answers that an act gives; none where it gives no answers."""
    kind, _, ids = act.partition(":")
    named = ids.split(",") if kind == FIX else []
    return {i: is_yes for i, is_yes in wanted.items() if str(i) in named}


def fix_words(answers: Answers, names: Mapping[int, str]) -> str:
    """Return "It is blue", or "It is not striped" where nothing takes over."""
    yes = [i for i, is_yes in answers.items() if is_yes]
    if yes:
        return f"It is {join_names(yes, names)}"
    return f"It is not {join_names(list(answers), names)}"


def change_words(
    before: Collection[int], after: Collection[int], names: Mapping[int, str]
) -> str:
    """Return what changed: "trees added, sand and water taken away"."""
    added = [names[i] for i in names if i in after and i not in before]
    gone = [names[i] for i in names if i in before and i not in after]
    parts = [f"{' and '.join(added)} added"] if added else []
    if gone:
        parts.append(f"{' and '.join(gone)} taken away")
    return ", ".join(parts) or "Labelled so already"


def join_names(label_ids: Collection[int], names: Mapping[int, str]) -> str:
    """Return label names as one piece of text."""
    return " + ".join(names[label_id] for label_id in label_ids) or NOTHING


def _said(answers: Answers, what: bool) -> set[int]:
    return {label_id for label_id, is_yes in answers.items() if is_yes is what}
