"""What an evaluation found: figures per label, per combination and in total. Pure."""

import math
from dataclasses import dataclass

Z_95 = 1.959964
Interval = tuple[float, float]
TOTALS = (
    "run",
    "images",
    "binary_accuracy",
    "exact_match",
    "micro_f1",
    "macro_f1",
    "f2",
    "mean_average_precision",
)


@dataclass(frozen=True, slots=True)
class LabelScore:
    """One label's figures; `note` says why figures are None.

    A `threshold` of None says that none counts: the strongest label is the answer.
    `hits` pictures were rightly said to show it, `false` ones wrongly.
    """

    label_id: int
    label: str
    support: int
    precision: float | None
    recall: float | None
    f1: float | None
    average_precision: float | None
    threshold: float | None
    note: str | None = None
    hits: int = 0
    false: int = 0

    def as_json(self) -> dict[str, object]:
        """Return the figures; `note` only where there is one."""
        keys = ("label", "support", "precision", "recall", "f1")
        found = {key: getattr(self, key) for key in keys}
        found["average_precision"] = self.average_precision
        found["threshold"] = self.threshold
        return found | ({"note": self.note} if self.note else {})


@dataclass(frozen=True, slots=True)
class CombinationScore:
    """How often images of one true combination are entirely right.

    `seen_count` is how many training images show exactly this combination.
    """

    label_ids: tuple[int, ...]
    labels: tuple[str, ...]
    images: int
    right: int
    seen_count: int = 0

    @property
    def exact_match(self) -> float:
        """Share of the images whose labels are all right."""
        return self.right / self.images

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson interval of `exact_match` at 95 %."""
        return wilson(self.right, self.images)

    def as_json(self) -> dict[str, object]:
        """Return the row of the `evaluate` command."""
        return {
            "labels": list(self.labels),
            "images": self.images,
            "exact_match": self.exact_match,
            "seen_in_training": self.seen_count > 0,
        }


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Figures of one run on one set of images; None where undefined.

    `unasked` are labels on which a labelled folder says nothing at all. `rule` is how
    it was set what counts as yes; `is_flattered` says that these very images decided.
    """

    images: int
    binary_accuracy: float | None
    exact_match: float | None
    micro_f1: float | None
    macro_f1: float | None
    f2: float | None
    mean_average_precision: float | None
    labels: tuple[LabelScore, ...]
    combinations: tuple[CombinationScore, ...]
    run: str = ""
    refused: tuple[tuple[str, str], ...] = ()
    unasked: tuple[str, ...] = ()
    split: str = ""
    rule: str = ""
    is_flattered: bool = False

    def as_json(self) -> dict[str, object]:
        """Return the JSON of `evaluate`; `refused` and `unasked` only where there
        are any."""
        found: dict[str, object] = {key: getattr(self, key) for key in TOTALS}
        found |= {"split": self.split, "threshold_rule": self.rule or None}
        found["thresholds_chosen_here"] = self.is_flattered
        found["labels"] = [label.as_json() for label in self.labels]
        found["combinations"] = [c.as_json() for c in self.combinations]
        refused = [{"path": path, "reason": reason} for path, reason in self.refused]
        found |= {"refused": refused} if refused else {}
        return found | ({"unasked": list(self.unasked)} if self.unasked else {})


def wilson(right: int, images: int) -> Interval:
    """Return the 95 % Wilson interval of a share; (0, 1) without images."""
    if not images:
        return 0.0, 1.0
    share, square = right / images, Z_95**2
    centre = share + square / (2 * images)
    spread = Z_95 * math.sqrt(
        share * (1 - share) / images + square / (4 * images * images)
    )
    scale = 1 + square / images
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)
