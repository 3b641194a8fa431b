"""What a run says about one picture. Plain values that travel as JSON."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from itertools import zip_longest
from typing import Any

# A probability between these is a close call.
CLOSE_CALL = (0.25, 0.75)
# Below this another reading is not worth a person's attention.
PLAUSIBLE = 0.05
SHOWN = ("path", "labels", "probabilities", "combination_seen")


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another reading of the picture; `seen` is whether training showed it."""

    labels: list[str]
    probability: float
    seen: bool


@dataclass(frozen=True, slots=True)
class Prediction:
    """What one run reads in one picture.

    `combination` is the best label of each exclusive group; `labels` are these and
    the free labels above their threshold, so they can be saved as answers.
    `seen_count` is how many training images show that combination. `headlines` are
    the starts of the `warnings`, one each; `missing` names combinations with a label
    of the answer that training never showed, where one of them may be what is shown.
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
    error: str | None = None

    @property
    def is_doubtful(self) -> bool:
        """True where a person should look: warned about, empty, or a close call."""
        low, high = CLOSE_CALL
        return (
            bool(self.warnings)
            or not self.combination_seen
            or not self.labels
            or any(low < share < high for share in self.probabilities.values())
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
        return found | ({"error": self.error} if self.error else {})

    def as_record(self) -> dict[str, Any]:
        """Return every field, for `from_record` in another process."""
        return asdict(self)

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> "Prediction":
        """Return the prediction that `as_record` described."""
        others = [Alternative(**other) for other in record["alternatives"]]
        return cls(**{**record, "alternatives": others})


def write_share(share: float) -> str:
    """Return .773 as "77 %"; no network is ever so sure that 0 or 100 % were true."""
    if share >= 0.995:
        return "> 99 %"
    return "< 1 %" if share < 0.005 else f"{share * 100:.0f} %"


def refuse(path: str, name: str, reason: str) -> Prediction:
    """Return the prediction of a picture that cannot be read."""
    return Prediction(path=path, name=name, error=reason)
