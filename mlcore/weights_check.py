"""Whether the pretrained weights a run needs are here, said before it starts."""

from collections.abc import Iterator

from mlcore.backbones import DEFAULT, find_backbone, find_backbone_weights
from mlcore.backbones import missing_sentence as missing_backbone
from mlcore.config import TrainConfig
from mlcore.errors import WeightsError
from mlcore.findings import Finding, Remedy
from mlcore.weights import find_weights, missing_sentence

# Its weights come with Unseen.
TO_QUICK = Remedy("Use Frozen EfficientNet-Lite0", recipe="quick")
TO_DEFAULT = Remedy(
    "Use Frozen EfficientNet-Lite0",
    settings=(("backbone", DEFAULT), ("weights_file", None)),
)
TO_PRETRAINED = Remedy("Start from ImageNet", settings=(("pretrained", True),))


def check_weights(config: TrainConfig) -> Iterator[Finding]:
    """Yield what is missing: a reason to stop, or a download to expect."""
    if config.network == "features":
        yield from _check_backbone(config)
        return
    if config.network != "vgg16":
        return
    if not config.pretrained:
        yield Finding(
            "warn",
            "VGG16 starts from random numbers, not from ImageNet.",
            "It then needs far more pictures and epochs.",
            remedy=TO_PRETRAINED,
        )
        return
    try:
        found = find_weights(config)
    except WeightsError as error:
        yield Finding("stop", str(error), missing_sentence(), remedy=TO_QUICK)
        return
    if found is None:
        yield Finding(
            "warn",
            "The VGG16 weights are not here; the run will try to download 59 MB.",
            "Without a network: " + missing_sentence(),
            remedy=TO_QUICK,
        )


def _check_backbone(config: TrainConfig) -> Iterator[Finding]:
    backbone = find_backbone(config.backbone)
    advice = missing_backbone(config.backbone)
    try:
        found = find_backbone_weights(config.backbone, config.weights_file)
    except WeightsError as error:
        yield Finding("stop", str(error), advice, remedy=TO_DEFAULT)
        return
    if found is None and backbone.download is None:
        text = f"The weights of {backbone.title} are not here."
        yield Finding("stop", text, advice, remedy=TO_DEFAULT)
    elif found is None:
        yield Finding(
            "warn",
            f"The weights of {backbone.title} are not here; the run will try to "
            f"download {backbone.download_mb} MB.",
            "Without a network: " + advice,
            remedy=TO_DEFAULT,
        )
