"""Whether a reading agrees with what people answered, where they answered."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from storage.labels import free_labels, list_groups
from storage.projects import Project


@dataclass(frozen=True, slots=True)
class Question:
    """Labels that are answered together; `rule` is that of their group."""

    label_ids: frozenset[int]
    rule: str

    def expect(self, answers: Mapping[int, bool]) -> dict[int, bool]:
        """What a run should say of which labels; nothing where people left it open."""
        said = {i: answers[i] for i in self.label_ids if i in answers}
        if any(said.values()):
            # one yes in an exclusive group answers all of it
            return (
                said
                if self.rule == "any"
                else dict.fromkeys(self.label_ids, False) | said
            )
        allows_none = self.rule != "exactly-one"
        return said if allows_none and len(said) == len(self.label_ids) else {}


def questions_of(project: Project) -> list[Question]:
    """The groups of a project as they are now; its free labels are one more."""
    groups = [(group.labels, group.rule) for group in list_groups(project)]
    return [
        Question(frozenset(label.label_id for label in labels), rule)
        for labels, rule in (*groups, (free_labels(project), "any"))
        if labels
    ]


def expected_answers(
    answers: Mapping[int, bool], questions: Iterable[Question]
) -> dict[int, bool]:
    """What a run should say of which labels, as far as people answered questions."""
    return {i: yes for one in questions for i, yes in one.expect(answers).items()}


def is_right(reading: frozenset[int], expected: Mapping[int, bool]) -> bool | None:
    """Whether a run reads what is expected; None where nothing is."""
    if not expected:
        return None
    return all((i in reading) == is_yes for i, is_yes in expected.items())
