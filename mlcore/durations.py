"""How long a run will roughly take, said before it starts. Pure but for one read."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from mlcore.config import TrainConfig
from mlcore.feature_model import spec_of
from mlcore.feature_store import DIGEST_BYTES, DIGESTS_NAME, FeatureStore
from mlcore.network_work import convnet_work
from storage.projects import Project
from storage.records import Epoch, Run
from storage.runs import list_epochs

# Loading TensorFlow, decoding pictures, judging and saving at the end.
START_S = 15.0


@dataclass(frozen=True, slots=True)
class Rate:
    """Training pictures a second; `run_number` is None for a rate of experience."""

    pictures_per_s: float
    run_number: int | None = None


@dataclass(frozen=True, slots=True)
class Estimate:
    """Rough seconds for `pictures` training pictures, shown `epochs` times.

    On frozen features, `pictures` are those nobody has looked at yet.
    """

    seconds: float
    pictures: int
    epochs: int
    rate: Rate


# Heads alone: loading, fitting and saving.
START_OF_FEATURES_S = 12.0
# Leaving combinations out: 5 s for 2,000 pictures of 6, 40 s for 4,000 of 22.
STUDY_S_PER_PICTURE = 0.006

# Measured on two plain processor cores: (picture size in px, pictures a second);
# the convnet is that of the clothes tutorial.
MEASURED = {"convnet": (96, 55.0), "vgg16": (128, 6.0), "features": (160, 120.0)}
# Where the network does little, feeding it takes the time.
MOST_PER_S = 1000.0
# How often the work of efficientnet-lite0 the other backbones do.
WORK = {
    "vgg16": 12.0,
    "mobilenet-v3": 0.8,
    "efficientnet-v2-b0": 2.0,
    "convnext-tiny": 11.0,
    "resnet50": 8.0,
}


def estimate(
    project: Project, config: TrainConfig, labelled: int, runs: Sequence[Run]
) -> Estimate:
    """Return how long a run may take; `runs` newest first, as they are listed."""
    is_quick = config.network == "features"
    # Features are computed for every picture, held out or not, and only once.
    part = 1.0
    if not is_quick:
        part -= config.validation_fraction + config.test_fraction
    pictures = round(labelled * part)
    if is_quick:
        pictures -= min(pictures, known_features(project, config))
    rate = _rate_of_runs(project, config, runs) or usual_rate(config)
    epochs = 1 if is_quick else config.epochs
    start_s = START_OF_FEATURES_S if is_quick else START_S
    seconds = start_s + pictures * epochs / rate.pictures_per_s
    if is_quick and spec_of(config).view == "both":
        seconds += labelled * STUDY_S_PER_PICTURE
    return Estimate(seconds, pictures, epochs, rate)


def known_features(project: Project, config: TrainConfig) -> int:
    """How many pictures have features of this kind, by the length of one file."""
    store = FeatureStore(project, spec_of(config))
    try:
        return (store.folder / DIGESTS_NAME).stat().st_size // DIGEST_BYTES
    except OSError:
        return 0


def usual_rate(config: TrainConfig) -> Rate:
    """Return the rate of two plain cores, by how much the network computes."""
    size_px, pictures_per_s = MEASURED[config.network]
    if config.network == "convnet":
        share = convnet_work(config) / convnet_work(TrainConfig())
        return Rate(min(MOST_PER_S, pictures_per_s / share))
    if config.network == "features":
        pictures_per_s /= WORK.get(config.backbone, 1.0)
        # In colour and in gray.
        pictures_per_s /= 2 if spec_of(config).view == "both" else 1
    return Rate(pictures_per_s * (size_px / config.image_size_px) ** 2)


def _rate_of_runs(
    project: Project, config: TrainConfig, runs: Sequence[Run]
) -> Rate | None:
    """Return the rate of the newest run with this network and size, if there is one."""
    if config.network == "features":
        return None  # its time depends on how many pictures are known already
    for run in runs:
        same = all(
            run.config.get(name) == getattr(config, name)
            for name in ("network", "image_size_px")
        )
        same &= run.config.get("branches", "one") == config.branches
        if same and run.is_usable:
            rate = measured_rate(run, list_epochs(project, run.run_id))
            if rate:
                return rate
    return None


def measured_rate(run: Run, epochs: Sequence[Epoch]) -> Rate | None:
    """Return the rate a run had; the number it trained on follows from its split."""
    held_out, split = run.metrics.get("images"), run.metrics.get("split")
    parts = {
        name: float(run.config.get(f"{name}_fraction") or 0)
        for name in ("validation", "test")
    }
    own = parts.get(str(split), 0.0)
    seconds = median([epoch.seconds for epoch in epochs]) if epochs else 0.0
    if not held_out or not own or seconds <= 0:
        return None
    pictures = held_out * (1 - sum(parts.values())) / own
    return Rate(pictures / seconds, run.number)
