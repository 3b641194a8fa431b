"""What a run says about one picture. Plain values that travel as JSON."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

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

    `labels` are those above their threshold (the strongest one for softmax);
    `combination` is the best label of each exclusive group, which can be saved as
    answers. `seen_count` is how many training images show that combination.
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
    error: str | None = None

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


def refuse(path: str, name: str, reason: str) -> Prediction:
    """Return the prediction of a picture that cannot be read."""
    return Prediction(path=path, name=name, error=reason)
