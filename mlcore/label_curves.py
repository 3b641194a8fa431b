"""One label's scores by runs of different sizes: the verdict and its sentence."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from mlcore.learning_curves import Forecast, Mask, forecast_doubling

EXAMPLES_AT_LEAST = 5
# A count clearly differs from another when it is so many times as large.
CLEARLY_MORE = 1.5
# A gain in F1 under this is not worth anybody's evening.
WORTH_IT = 0.01


@dataclass(frozen=True, slots=True)
class Point:
    """F1 of a label by a run that trained on `count` images with it."""

    count: int
    score: float


@dataclass(frozen=True, slots=True)
class LabelCurve:
    """How a label's F1 grew, and whether more pictures are worth it.

    `verdict` is more, enough, perfect (no mistake left to learn from), worse (more did
    not help), unclear (chance) or unknown (the reason is in `why`). `support` counts
    its shared held-out examples.
    """

    label_id: int
    label: str
    points: tuple[Point, ...]
    support: int
    verdict: str = "unknown"
    why: str = ""
    forecast: Forecast | None = None

    @property
    def more(self) -> int:
        """How many more pictures the forecast is about: as many as there are."""
        return self.points[-1].count if self.points else 0

    def sentence(self, show: Callable[[str], str] = str) -> str:
        """Return one plain sentence; the label's name goes through `show`."""
        scores = [
            f"{write_score(point.score)} with {point.count:,}"
            for point in reversed(self.points)
        ]
        start = f"{show(self.label)}: {', '.join(scores) or 'no run trained on it'}"
        return f"{start}; {self._verdict_words()}."

    def _verdict_words(self) -> str:
        more = f"{self.more:,} more would bring"
        gain = self.forecast.gain if self.forecast else 0.0
        return {
            "more": f"{more} about {write_gain(gain)}",
            "enough": f"{more} less than {write_gain(WORTH_IT)}: enough for now",
            "perfect": f"no mistake left on {self.support:,} held-out pictures, so they"
            " cannot show what more would bring",
            "worse": "more pictures have not helped",
            "unclear": f"on {self.support:,} held-out pictures the difference may be"
            " chance, so nobody can tell yet",
            "unknown": f"cannot tell: {self.why}",
        }[self.verdict]


def write_score(score: float) -> str:
    """Return .914 as "91 %", and 100 % only for 1."""
    whole = f"{score * 100:.0f}"
    return f"{score * 100:.1f} %" if whole == "100" and score < 1 else f"{whole} %"


def write_gain(gain: float) -> str:
    """Return .03 as "3 points"."""
    count = round(gain * 100)
    return f"{count} point" if count == 1 else f"{count} points"


def clearly_differ(one: int, other: int) -> bool:
    """Whether two counts are far enough apart to compare what they brought."""
    return max(one, other) >= CLEARLY_MORE * min(one, other)


def judge_label(counts: Sequence[int], yes: Mask, said: Sequence[Mask]) -> LabelCurve:
    """Return the nameless curve of runs with ascending `counts` of training images.

    `yes` (n,) is the truth on the held-out images, `said` what each run answered.
    """
    points = tuple(
        Point(count, f1_of(yes, answers))
        for count, answers in zip(counts, said, strict=True)
    )
    curve = LabelCurve(0, "", points, int(yes.sum()))
    if curve.support < EXAMPLES_AT_LEAST:
        why = f"{curve.support} of the held-out pictures show it, too few"
        return replace(curve, why=why)
    if len(counts) < 2 or not clearly_differ(counts[0], counts[-1]):
        return replace(curve, why="the runs trained on about as many of it")
    if points[-1].score == 1.0:
        return replace(curve, verdict="perfect")
    forecast = forecast_doubling(counts, yes, said)
    return replace(curve, forecast=forecast, verdict=_verdict(forecast))


def _verdict(forecast: Forecast) -> str:
    if abs(forecast.low) < WORTH_IT and forecast.high < WORTH_IT:
        return "enough"
    if not forecast.is_clear:
        return "unclear"
    if forecast.gain <= 0:
        return "worse"
    return "more" if forecast.gain >= WORTH_IT else "enough"


def f1_of(yes: Mask, said: Mask) -> float:
    """Return F1, 0 where nothing is yes."""
    hits, wrong = int((yes & said).sum()), int((yes ^ said).sum())
    return 2 * hits / (2 * hits + wrong) if hits or wrong else 0.0
