"""By which features a project's pictures are compared, and how many have them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mlcore.config import TrainConfig
from mlcore.errors import ConfigError
from mlcore.feature_model import spec_of
from mlcore.feature_spec import FeatureSpec
from mlcore.feature_store import FeatureStore
from mlcore.recipes import QUICK
from storage.projects import Project
from storage.runs import list_runs
from storage.similar_items import image_hashes, images_mark

# How many pictures of a store's project it knows: 100,000 are not counted each time.
_counted: dict[Path, tuple[object, int]] = {}


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
    found = [_space(project, config) for config in _configs(project)]
    # Of equals the first: what the newest run looked at.
    return max(found, key=lambda space: space.known)


def _space(project: Project, config: TrainConfig) -> Space:
    spec = spec_of(config)
    store = FeatureStore(project, spec)
    total, newest = images_mark(project)
    mark = (store.mark, total, newest)
    known_mark, known = _counted.get(store.folder, (None, 0))
    if known_mark != mark:
        hashes = image_hashes(project)
        known = len(hashes) - len(store.missing(hashes))
        _counted[store.folder] = mark, known
    return Space(spec, config.weights_file, store, known, total)


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
