"""Settings of the network itself and of how pictures are varied for it."""

from mlcore.config_kinds import TRAINED, Field, FieldGroup

BACKBONE_NAMES = (
    "efficientnet-lite0",
    "vgg16",
    "mobilenet-v3",
    "efficientnet-v2-b0",
    "convnext-tiny",
    "resnet50",
)

_network = FieldGroup("Network")
_augmentation = FieldGroup("Augmentation")

NETWORK: tuple[Field, ...] = (
    _network.choice(
        "network", "Network",
        "convnet learns from nothing, vgg16 is fine-tuned, features keeps a "
        "pretrained network as it is and learns only the answers.",
        "convnet", "vgg16", "features",
    ),
    _network.choice(
        "backbone", "Pretrained network",
        "Whose features are used; efficientnet-lite0 comes with Unseen.",
        *BACKBONE_NAMES,
    ).when(network="features"),
    _network.choice(
        "feature_depths", "Depths",
        "all also uses early layers, which see colour and texture.", "all", "last",
    ).when(network="features"),
    _network.choice(
        "feature_head", "Head",
        "linear is quickest; hidden adds one layer of dense units.", "linear", "hidden",
    ).when(network="features"),
    _network.real(
        "regularisation", "Regularisation",
        "Pulls the head's weights towards zero; 0 chooses by cross-validation.",
        (0.0, 1000.0, 0.01),
    ).when(network="features"),
    _network.text(
        "conv_blocks", "Convolution blocks",
        "Filters per layer, blocks apart: 32 64,64 128,128.",
    ).when(network="convnet"),
    _network.whole(
        "first_pool_px", "First pooling (px)",
        "The first block shrinks the picture by this.", (1, 4),
    ).when(network="convnet"),
    _network.choice(
        "padding", "Border of convolutions",
        "same keeps the size, valid loses a pixel on each side.", "same", "valid",
    ).when(network="convnet"),
    _network.choice(
        "batchnorm_momentum", "Batch-norm momentum",
        "auto: 0.99, but 0.9 for short runs whose averages would not settle. none "
        "leaves batch normalisation out.",
        "auto", "0.9", "0.99", "none",
    ).when(network="convnet"),
    _network.real(
        "conv_dropout", "Dropout after blocks",
        "Part of the features dropped after each block.", (0.0, 0.9, 0.05),
    ).when(network=TRAINED),
    _network.choice(
        "pooling", "Before the dense layer",
        "flatten keeps where things are; average and max ask only whether.",
        "flatten", "average", "max",
    ).when(network=TRAINED),
    _network.real(
        "flatten_dropout", "Dropout before the dense layer",
        "Part of the picture's features dropped while training.", (0.0, 0.9, 0.05),
    ).when(network=TRAINED),
    _network.whole(
        "head_units", "Dense units", "Width of the layer before the answers.",
        (1, 4096),
    ).unless(network="features", feature_head="linear"),
    _network.real(
        "head_dropout", "Dropout before the answers",
        "Part of the dense layer dropped while training.", (0.0, 0.9, 0.05),
    ).unless(network="features", feature_head="linear"),
    _network.switch(
        "pretrained", "Start from ImageNet", "Load ImageNet weights first."
    ).when(network="vgg16"),
    _network.whole(
        "frozen_blocks", "Frozen blocks", "The first blocks that do not train, of 5.",
        (0, 5),
    ).when(network="vgg16"),
    _network.whole(
        "cached_augmentations", "Cached variants of a picture",
        "The frozen blocks run only once for so many turned variants of each picture; "
        "0 runs them in every epoch.",
        (0, 32),
    ).when(network="vgg16"),
    _network.file(
        "weights_file", "Weights file",
        "An .h5 file; empty looks in the weights folder.",
    ).when(network=("vgg16", "features")),
)  # fmt: skip

AUGMENTATION: tuple[Field, ...] = tuple(
    field.when(network=TRAINED)
    for field in (
        _augmentation.real(
            "rotation_deg", "Rotation (degrees)",
            "Turn each picture by up to this angle, either way.", (0.0, 180.0, 1.0),
        ),
        _augmentation.real(
            "shift", "Shift", "Move by up to this part of width and height.",
            (0.0, 0.9, 0.05),
        ),
        _augmentation.real(
            "shear_deg", "Shear (degrees)",
            "Slant by up to this angle; 0.2 is nearly nothing, as in the tutorial.",
            (0.0, 80.0, 0.1),
        ),
        _augmentation.real(
            "zoom", "Zoom", "Enlarge or shrink by up to this part.", (0.0, 0.9, 0.05)
        ),
        _augmentation.switch(
            "flip_horizontal", "Flip left-right", "Mirror half of the pictures."
        ),
        _augmentation.switch(
            "flip_vertical", "Flip top-bottom",
            "Turn half of the pictures upside down; right for views from above.",
        ),
        _augmentation.switch(
            "rotate_90", "Quarter turns",
            "Turn by 0, 90, 180 or 270 degrees; right for views from above.",
        ),
        _augmentation.real(
            "brightness", "Brightness",
            "Lighten or darken by up to this part.", (0.0, 0.9, 0.05),
        ),
        _augmentation.real(
            "contrast", "Contrast",
            "Strengthen or weaken contrast by up to this part.", (0.0, 0.9, 0.05),
        ),
    )
)  # fmt: skip
