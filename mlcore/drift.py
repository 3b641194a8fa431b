"""Which combinations arrive in use, and which of them training lacks. No tensorflow.

Arriving is what was classified and is remembered, each picture once: as people
labelled it where they did, else as it was read; what was read doubtfully and nobody
has checked is no arrival, only counted. What training lacks is asked of the run
named, else of the newest usable one; without any, of the labelled images.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from mlcore.classified import view_of_run
from mlcore.coverage_difference import (
    Difference,
    ShownCombination,
    coverage_difference,
)
from mlcore.errors import PredictionError
from mlcore.left_out import LeftOutStudy, study_of_run
from mlcore.left_out_like import expect_like, not_in_study
from mlcore.scores import CombinationScore, wilson
from storage.classified import classified_sets, count_doubtful
from storage.label_sets import label_sets, list_impossible
from storage.labels import free_labels, list_groups
from storage.projects import Project
from storage.records import Group, Label, LabelSet, Run
from storage.runs import list_runs

GROUPS_AT_LEAST = 2


@dataclass(frozen=True, slots=True)
class Estimate:
    """How often a combination is read entirely right, as far as studies can tell.

    `share` is None where only a range is known. `images` are the held-out pictures of
    the combination itself that it stands on, `right` of them read entirely right; with
    none it stands on others, and `is_overall` says: on all seen combinations together.
    """

    share: float | None
    low: float
    high: float
    right: int = 0
    images: int = 0
    is_overall: bool = False


@dataclass(frozen=True, slots=True)
class Arrival:
    """A combination in use: pictures of the last 7 and 30 days, and of all times.

    `trained` is how many images taught it, `labelled` how many show it in the project
    by now. `estimate` is None where nothing was measured; then `untried` are labels
    that no combination had that could be left out.
    """

    label_ids: tuple[int, ...]
    names: tuple[str, ...]
    days_7: int
    days_30: int
    ever: int
    trained: int
    labelled: int
    tier: str
    estimate: Estimate | None
    untried: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Drift:
    """What arrives: `shown` combinations, `unseen` of them never trained by `run`.

    `unseen_images` of `images` pictures show one of these; `doubtful` ones, which
    nobody has labelled, are not among them and may show others. Arrivals that were
    never trained come first, then the rarest trained.
    """

    run: Run | None
    images: int
    shown: int
    unseen: int
    unseen_images: int
    doubtful: int
    arrivals: tuple[Arrival, ...]

    @property
    def share(self) -> float | None:
        """SDCC: the part of the combinations shown that training never had."""
        return self.unseen / self.shown if self.shown else None

    def as_json(self) -> dict[str, object]:
        """Return the JSON of `coverage --drift`."""
        rows = [asdict(arrival) for arrival in self.arrivals]
        for row in rows:
            row["labels"] = list(row.pop("names"))
            del row["label_ids"]
        return {
            "run": self.run.run_id if self.run else None,
            "images": self.images,
            "shown": self.shown,
            "unseen": self.unseen,
            "share": self.share,
            "unseen_images": self.unseen_images,
            "doubtful": self.doubtful,
            "combinations": rows,
        }


@dataclass(frozen=True, slots=True)
class _Ruler:
    """Compares label sets of a project by one kind of combination."""

    groups: Sequence[Group]
    free: Sequence[Label]
    impossible: set[tuple[int, ...]]

    def compare(
        self, trained: Sequence[LabelSet], shown: Sequence[LabelSet]
    ) -> Difference:
        return coverage_difference(
            trained, shown, self.groups, self.free, impossible=self.impossible
        )


def drift_of(
    project: Project, now: datetime | None = None, *, run_id: str = ""
) -> Drift:
    """Return what arrived in use up to now, against what a run learned.

    Without `run_id`, or where that run cannot be used, it is the newest that can.
    """
    run, trained = _what_trained(project, run_id)
    ruler, moment = _ruler_of(project), now or datetime.now(UTC)
    shown = classified_sets(project)
    found = ruler.compare(trained, shown)

    def lately(days: int) -> dict[str, int]:
        since = classified_sets(project, _days_ago(moment, days))
        return {
            one.key: one.shown for one in ruler.compare(trained, since).combinations
        }

    by_now = ruler.compare(label_sets(project), shown).combinations
    lists = _Lists(
        days_7=lately(7),
        days_30=lately(30),
        labelled={one.key: one.trained for one in by_now},
        study=study_of_run(project, run) if run else None,
        held_out=_held_out_scores(project, run.run_id) if run else (),
    )
    return Drift(
        run,
        found.shown_images,
        found.shown,
        found.unseen,
        found.unseen_images,
        count_doubtful(project),
        tuple(lists.arrival(one) for one in found.combinations),
    )


@dataclass(frozen=True, slots=True)
class _Lists:
    """What is known of combinations, by key."""

    days_7: dict[str, int]
    days_30: dict[str, int]
    labelled: dict[str, int]
    study: LeftOutStudy | None
    held_out: Sequence[CombinationScore]

    def arrival(self, one: ShownCombination) -> Arrival:
        own = held_out_estimate(self.held_out, one.label_ids)
        return Arrival(
            label_ids=one.label_ids,
            names=one.names,
            days_7=self.days_7.get(one.key, 0),
            days_30=self.days_30.get(one.key, 0),
            ever=one.shown,
            trained=one.trained,
            labelled=self.labelled.get(one.key, 0),
            tier=one.tier,
            estimate=own or estimate_of(self.study, one),
            untried=() if own else _untried(self.study, one),
        )


def _what_trained(
    project: Project, wanted: str
) -> tuple[Run | None, Sequence[LabelSet]]:
    for run in sorted(list_runs(project), key=lambda run: run.run_id != wanted):
        if run.is_usable:
            try:
                return run, view_of_run(project, run.run_id).sets
            except PredictionError:  # its folder is damaged; an older one may do
                continue
    return None, label_sets(project)


def _ruler_of(project: Project) -> _Ruler:
    """With two groups or more, combinations are between groups only.

    Beside groups, pairs with a free label that never met tell nothing.
    """
    groups = list_groups(project)
    exclusive = [group for group in groups if group.rule != "any" and group.labels]
    impossible = list_impossible(project)
    if len(exclusive) >= GROUPS_AT_LEAST:
        return _Ruler(exclusive, (), impossible)
    return _Ruler(groups, free_labels(project), impossible)


def _days_ago(moment: datetime, days: int) -> str:
    text = (moment - timedelta(days=days)).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def _held_out_scores(project: Project, run_id: str) -> Sequence[CombinationScore]:
    """Those of Review; none where the run kept no pictures out."""
    # Not at the top: pandas would load with every page that shows what arrives.
    from mlcore.evaluation import evaluate_run

    try:
        return evaluate_run(project, run_id).combinations
    except PredictionError:
        return ()


def held_out_estimate(
    scores: Sequence[CombinationScore], label_ids: Sequence[int]
) -> Estimate | None:
    """Return how right a run was on held-out pictures of this very combination.

    With three groups or more these are all that show it, whatever else they show.
    """
    wanted = set(label_ids)
    own = [one for one in scores if wanted <= set(one.label_ids)]
    right, images = sum(one.right for one in own), sum(one.images for one in own)
    if not images:
        return None
    low, high = wilson(right, images)
    return Estimate(right / images, low, high, right, images)


def estimate_of(study: LeftOutStudy | None, one: ShownCombination) -> Estimate | None:
    """Return how right a model is on a combination it has no held-out pictures of.

    Never trained: as those like it did when left out. Trained enough: as held-out
    pictures. In between: something from the one to the other.
    Of a label that is not in the study nothing is known.
    """
    if study is None or not_in_study(study, one.label_ids):
        return None
    if one.tier == "missing":
        return _left_out_like(study, one.label_ids)
    if study.seen_share is None:
        return None
    low, high = wilson(study.seen_right, study.seen_images)
    if one.tier != "fine":
        like = _left_out_like(study, one.label_ids)
        low = min(low, like.low) if like else low
        return Estimate(None, low, high)
    return Estimate(study.seen_share, low, high, is_overall=True)


def _left_out_like(study: LeftOutStudy, label_ids: Sequence[int]) -> Estimate | None:
    """A label that could never be left out tells nothing of what it does."""
    like = expect_like(study, label_ids)
    if like is None or like.untried:
        return None
    return Estimate(like.share, like.low, like.high)


def _untried(study: LeftOutStudy | None, one: ShownCombination) -> tuple[str, ...]:
    if study is None or one.tier == "fine":
        return ()
    tried = {label_id for found in study.tried for label_id in found.label_ids}
    pairs = zip(one.label_ids, one.names, strict=True)
    return tuple(name for label_id, name in pairs if label_id not in tried)
