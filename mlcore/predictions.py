"""What a run says about one picture. Plain values that travel as JSON."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from itertools import zip_longest
from typing import Any

from mlcore.left_out_like import WIDE
from mlcore.novelty import Strangeness

# A probability between these is a close call, where yes begins at one half.
CLOSE_CALL = (0.25, 0.75)
# Below this another reading is not worth a person's attention.
PLAUSIBLE = 0.05
SHOWN = (
    *("path", "labels", "probabilities", "combination_seen", "seen_count"),
    *("unseen_share", "doubts", "temperatures"),
)
FAR, UNSEEN, PERHAPS_UNSEEN = "far", "unseen", "perhaps-unseen"
ONE_PARTNER, RARE, EMPTY, UNSURE = "one-partner", "rare", "empty", "unsure"
# What may be doubted about an answer, the gravest first.
DOUBTS = (FAR, UNSEEN, PERHAPS_UNSEEN, ONE_PARTNER, RARE, EMPTY, UNSURE)


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another reading of the picture; `seen` is whether training showed it."""

    labels: list[str]
    probability: float
    seen: bool


@dataclass(frozen=True, slots=True)
class LeftOut:
    """How often such a model was right on combinations it had not been shown.

    `share` is the mean over these combinations, each counting the same, and `low` and
    `high` its range; `right` of `images` counts their pictures. With `like` they are
    combinations like that one only. Of the labels `untried` nothing is known, as `why`
    says; then there is no share.
    """

    right: int = 0
    images: int = 0
    share: float | None = None
    low: float | None = None
    high: float | None = None
    like: list[str] = field(default_factory=list)
    untried: list[str] = field(default_factory=list)
    why: str = ""

    def __str__(self) -> str:
        if self.share is None or self.low is None or self.high is None:
            return f"How sure that is nobody can tell: {self.why}."
        low, high = f"{self.low * 100:.0f}", f"{self.high * 100:.0f}"
        where = "On combinations it never saw"
        if self.like:
            where = f"On combinations like {' '.join(self.like)} that it never saw"
        if self.high - self.low > WIDE:
            ends = f"between {low} and {high} times in 100"
            return f"{where}, this model is right {ends}: too different to tell."
        times = f"{self.share * 100:.0f} times in 100 ({low}–{high})"
        return f"{where}, this model is right {times}."


@dataclass(frozen=True, slots=True)
class Prediction:
    """What one run reads in one picture.

    `combination` is the best label of each exclusive group; `labels` are these and
    the free labels above their threshold, so they can be saved as answers.
    `seen_count` is how many training images show that combination. `headlines` are
    the starts of the `warnings`, one each; `missing` names combinations with a label
    of the answer that training never showed, where one of them may be what is shown.
    `unseen_share` is the probability of all combinations that training never showed,
    together; `doubts` are some of `DOUBTS`; `temperatures` say by what the logits of
    each group were divided. `separator` stands between the labels of a combination.
    `close_calls` name labels close to their threshold, the closest first, and `chance`
    is how likely the whole answer is right.
    What a run cannot know is None.
    A picture that cannot be read has `error`, a sentence, and nothing else.
    """

    path: str
    name: str
    labels: list[str] = field(default_factory=list)
    probabilities: dict[str, float] = field(default_factory=dict)
    combination_seen: bool = False
    seen_count: int = 0
    alternatives: list[Alternative] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    combination: list[str] = field(default_factory=list)
    headlines: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    unseen_share: float = 0.0
    doubts: list[str] = field(default_factory=list)
    novelty: Strangeness | None = None
    left_out: LeftOut | None = None
    temperatures: dict[str, float] = field(default_factory=dict)
    separator: str = " "
    close_calls: list[str] = field(default_factory=list)
    chance: float | None = None
    error: str | None = None

    @property
    def is_doubtful(self) -> bool:
        """True where a person should look: something speaks against the answer."""
        return bool(self.doubts)

    @property
    def doubt(self) -> float:
        """How much there is to doubt, to sort by: the gravest kind, then how unsure."""
        kinds = [len(DOUBTS) - DOUBTS.index(kind) for kind in self.doubts]
        chance = self.chance
        if chance is None:
            shares = [self.probabilities.get(name, 1.0) for name in self.combination]
            chance = min(shares, default=1.0)
        return max(kinds, default=0) + (self.unseen_share + 1 - chance) / 2

    @property
    def may_be_unseen(self) -> bool:
        """True where the answer, or another plausible one, was never shown.

        Never of what is unlike anything in training, as no combination is plausible
        then, nor of a sure answer that training showed.
        """
        if FAR in self.doubts or not self.doubts:
            return False
        is_plausible = bool(self.unseen_combination)
        return is_plausible or not {UNSEEN, PERHAPS_UNSEEN}.isdisjoint(self.doubts)

    @property
    def may_show_new_label(self) -> bool:
        """True where none of the labels there are seems to fit."""
        sure = [self.probabilities.get(name, 1.0) for name in self.combination]
        is_weak = bool(sure) and max(sure) < CLOSE_CALL[1]
        return FAR in self.doubts or (is_weak and self.separator == " ")

    @property
    def unseen_combination(self) -> tuple[str, ...]:
        """The labels, never seen together, that the picture seems to show."""
        if not self.combination_seen and len(self.combination) > 1:
            return tuple(self.combination)
        return next(
            (
                tuple(other.labels)
                for other in self.alternatives
                if not other.seen and other.probability >= PLAUSIBLE
                if len(other.labels) > 1
            ),
            (),
        )

    def reasons(self) -> list[str]:
        """Return what each warning says besides its headline, "" for nothing."""
        pairs = zip_longest(self.warnings, self.headlines, fillvalue="")
        return [whole.removeprefix(start).strip() for whole, start in pairs]

    def as_json(self) -> dict[str, object]:
        """Return the JSON of `classify`; `error` only for an unreadable picture."""
        found: dict[str, object] = {key: getattr(self, key) for key in SHOWN}
        found["alternatives"] = [asdict(other) for other in self.alternatives]
        found["warnings"] = self.warnings
        found["novelty"] = asdict(self.novelty) if self.novelty else None
        found["left_out"] = asdict(self.left_out) if self.left_out else None
        return found | ({"error": self.error} if self.error else {})

    def as_record(self) -> dict[str, Any]:
        """Return every field, for `from_record` in another process."""
        return asdict(self)

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> "Prediction":
        """Return the prediction that `as_record` described."""
        others = [Alternative(**other) for other in record["alternatives"]]
        novelty, left_out = record["novelty"], record["left_out"]
        built = {
            "alternatives": others,
            "novelty": Strangeness(**novelty) if novelty else None,
            "left_out": LeftOut(**left_out) if left_out else None,
        }
        return cls(**{**record, **built})


def write_share(share: float) -> str:
    """Return .773 as "77 %"; no network is ever so sure that 0 or 100 % were true."""
    if share >= 0.995:
        return "> 99 %"
    return "< 1 %" if share < 0.005 else f"{share * 100:.0f} %"


def refuse(path: str, name: str, reason: str) -> Prediction:
    """Return the prediction of a picture that cannot be read."""
    return Prediction(path=path, name=name, error=reason)
