"""How long a search will roughly take, said before it is queued."""

from collections.abc import Sequence

from mlcore import durations
from mlcore.config import TrainConfig
from mlcore.run_search import Search, apply_changes
from storage.projects import Project
from storage.records import Run

# What decides which features are computed; other settings find them there.
FEATURES_OF = ("backbone", "image_size_px", "feature_depths", "colour")


def search_seconds(
    project: Project, search: Search, labelled: int, runs: Sequence[Run]
) -> float:
    """Rough seconds of every run, the whole ones of a second round included."""

    def seconds(config: TrainConfig) -> float:
        return durations.estimate(project, config, labelled, runs).seconds

    tries = [apply_changes(search.config, changes) for changes in search.tries]
    if search.config.network == "features":
        return _seconds_of_features(tries, [seconds(config) for config in tries])
    if not search.short_epochs:
        return sum(seconds(config) for config in tries)
    short = sum(seconds(c.with_changes(epochs=search.short_epochs)) for c in tries)
    # Nobody knows which will be whole: as many as that of the usual length.
    return short + search.whole * sum(seconds(c) for c in tries) / len(tries)


def _seconds_of_features(
    tries: Sequence[TrainConfig], seconds: Sequence[float]
) -> float:
    known: set[tuple[object, ...]] = set()
    total = 0.0
    for config, whole_s in zip(tries, seconds, strict=True):
        features = tuple(getattr(config, name) for name in FEATURES_OF)
        total += durations.START_OF_FEATURES_S if features in known else whole_s
        known.add(features)
    return total
