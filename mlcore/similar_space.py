"""By which features a project's pictures are compared, and how many have them."""

from collections.abc import Iterator
from dataclasses import dataclass

from mlcore.config import TrainConfig
from mlcore.errors import ConfigError
from mlcore.feature_model import spec_of
from mlcore.feature_spec import FeatureSpec
from mlcore.feature_store import FeatureStore
from mlcore.recipes import QUICK
from storage.projects import Project
from storage.runs import list_runs
from storage.similar_items import image_hashes


@dataclass(frozen=True, slots=True)
class Space:
    """Features of one kind; `known` of the project's `total` pictures have them."""

    spec: FeatureSpec
    weights_file: str | None
    store: FeatureStore
    known: int
    total: int


def find_space(project: Project) -> Space:
    """The kind of features that most pictures have; that of `quick` if none has any."""
    hashes = image_hashes(project)
    found = [_space(project, hashes, config) for config in _configs(project)]
    # Of equals the first: what the newest run looked at.
    return max(found, key=lambda space: space.known)


def _space(project: Project, hashes: list[str], config: TrainConfig) -> Space:
    spec = spec_of(config)
    store = FeatureStore(project, spec)
    known = len(hashes) - len(store.missing(hashes))
    return Space(spec, config.weights_file, store, known, len(hashes))


def _configs(project: Project) -> Iterator[TrainConfig]:
    """The settings of runs on frozen features, the newest first, then `quick`'s."""
    seen: set[str] = set()
    for config in (*_of_runs(project), QUICK.config):
        key = spec_of(config).key
        if key not in seen:
            seen.add(key)
            yield config


def _of_runs(project: Project) -> Iterator[TrainConfig]:
    for run in list_runs(project):
        try:
            config = TrainConfig.from_json(run.config)
        except ConfigError:
            continue  # of a version that knew other settings
        if config.network == "features":
            yield config
