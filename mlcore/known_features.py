"""Features that a project's runs have computed already, for questions beside training.

No TensorFlow: what was never computed is not computed here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mlcore.config import TrainConfig
from mlcore.errors import MLError, WeightsError
from mlcore.feature_model import spec_of
from mlcore.feature_spec import FeatureSpec
from mlcore.feature_store import FeatureStore, Floats
from mlcore.features import fingerprint
from mlcore.joint_views import ALL, select_view
from mlcore.recipes import find_recipe
from storage.projects import Project
from storage.records import Run
from storage.runs import list_runs


@dataclass(frozen=True, slots=True)
class KnownFeatures:
    """A store, what it holds, and settings of a run that looks at pictures so."""

    store: FeatureStore
    spec: FeatureSpec
    config: TrainConfig

    def read(self, sha256s: Sequence[str]) -> Floats:
        """Features (n, d) of the picture and its colours, without those of its gray."""
        found = self.store.read(sha256s)
        return select_view(found, ALL) if self.spec.view == "both" else found

    def has(self, sha256: str) -> bool:
        """Whether this picture was looked at."""
        return not self.store.missing([sha256])


def features_for(
    project: Project, sha256s: Sequence[str], run: Run | None = None
) -> KnownFeatures:
    """The store that lacks fewest of these pictures; of `run`, if it has one.

    The features of the recipe quick, all yet to be computed, where no run has any.
    """
    known = [_open(project, config) for config in _configs(project, run)]
    found = [one for one in known if one is not None]
    if (
        run is not None
        and found
        and TrainConfig.from_json(run.config) == found[0].config
    ):
        return found[0]
    if not found:
        raise WeightsError("The weights that pictures are compared by are not here.")
    return min(found, key=lambda one: len(one.store.missing(sha256s)))


def _configs(project: Project, run: Run | None) -> Iterator[TrainConfig]:
    runs = [one for one in list_runs(project) if one.is_usable]
    for one in ([run] if run else []) + runs:
        try:
            config = TrainConfig.from_json(one.config)
        except MLError:
            continue  # of a newer version
        if config.network == "features":
            yield config
    yield find_recipe("quick").config


def _open(project: Project, config: TrainConfig) -> KnownFeatures | None:
    spec = spec_of(config)
    try:
        made_by = fingerprint(spec, config.weights_file)
    except MLError:
        return None
    return KnownFeatures(FeatureStore(project, spec, made_by), spec, config)
