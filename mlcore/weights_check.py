"""Whether the pretrained weights a run needs are here, said before it starts."""

from collections.abc import Iterator

from mlcore.backbones import find_backbone, find_backbone_weights
from mlcore.backbones import missing_sentence as missing_backbone
from mlcore.config import TrainConfig
from mlcore.errors import WeightsError
from mlcore.findings import Finding
from mlcore.weights import find_weights, missing_sentence


def check_weights(config: TrainConfig) -> Iterator[Finding]:
    """Yield what is missing: a reason to stop, or a download to expect."""
    if config.network == "features":
        yield from _check_backbone(config)
        return
    if config.network != "vgg16":
        return
    if not config.pretrained:
        yield Finding("warn", "VGG16 starts from random numbers, not from ImageNet.")
        return
    try:
        found = find_weights(config)
    except WeightsError as error:
        yield Finding("stop", str(error), missing_sentence())
        return
    if found is None:
        yield Finding(
            "warn",
            "The VGG16 weights are not here; the run will try to download 59 MB.",
            "Without a network: " + missing_sentence(),
        )


def _check_backbone(config: TrainConfig) -> Iterator[Finding]:
    backbone = find_backbone(config.backbone)
    advice = missing_backbone(config.backbone)
    try:
        found = find_backbone_weights(config.backbone, config.weights_file)
    except WeightsError as error:
        yield Finding("stop", str(error), advice)
        return
    if found is None and backbone.download is None:
        yield Finding("stop", f"The weights of {backbone.title} are not here.", advice)
    elif found is None:
        yield Finding(
            "warn",
            f"The weights of {backbone.title} are not here; the run will try to "
            f"download {backbone.download_mb} MB.",
            "Without a network: " + advice,
        )
