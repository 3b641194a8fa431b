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
        "A small one that learns from nothing, or one that knows photos already.",
        "convnet", "vgg16", "features",
    ),
    _network.choice(
        "backbone", "Pretrained network",
        "Which network looks at your pictures; EfficientNet-Lite0 comes with Unseen.",
        *BACKBONE_NAMES,
    ).when(network="features"),
    _network.choice(
        "feature_depths", "Layers used",
        "Early layers see colour and texture, late ones things.", "all", "last",
    ).when(network="features"),
    _network.choice(
        "feature_head", "Head",
        "How answers come of what was seen; a hidden layer tells finer things, "
        "combinations weighed answers those that no picture shows.",
        "linear", "hidden", "joint",
    ).when(network="features"),
    _network.real(
        "regularisation", "Regularisation",
        "Against learning by heart; 0 finds the best amount by itself.",
        (0.0, 1000.0, 0.01),
    ).when(network="features"),
    _network.choice(
        "branches", "Branches",
        "Two: colour and shape answer apart, so that combinations no picture shows "
        "are answered too; takes twice as long.",
        "one", "two",
    ).when(network="convnet", colour="rgb"),
    _network.text(
        "conv_blocks", "Convolution blocks",
        "Filters of each layer: 32 64,64 128,128 are three blocks.",
    ).when(network="convnet"),
    _network.whole(
        "first_pool_px", "First pooling (px)",
        "The first block shrinks the picture by this.", (1, 4),
    ).when(network="convnet"),
    _network.choice(
        "padding", "Border of convolutions",
        "Keep the size, or lose a pixel on each side.", "same", "valid",
    ).when(network="convnet"),
    _network.choice(
        "batchnorm_momentum", "Batch-norm momentum",
        "Automatic: 0.99, in short runs 0.9, whose averages settle sooner.",
        "auto", "0.9", "0.99", "none",
    ).when(network="convnet"),
    _network.real(
        "conv_dropout", "Dropout after blocks",
        "Part that is left out at random, against learning by heart.", (0.0, 0.9, 0.05),
    ).when(network=TRAINED),
    _network.choice(
        "pooling", "Pooling before dense",
        "Flatten keeps where things are; average and max only whether.",
        "flatten", "average", "max",
    ).when(network=TRAINED),
    _network.real(
        "flatten_dropout", "Dropout before dense",
        "Part that is left out at random before the dense layer.", (0.0, 0.9, 0.05),
    ).when(network=TRAINED),
    _network.whole(
        "head_units", "Dense units", "How wide the layer before the answers is.",
        (1, 4096),
    ).unless(network="features", feature_head=("linear", "joint")),
    _network.real(
        "head_dropout", "Dropout before answers",
        "Part of the dense layer left out at random.", (0.0, 0.9, 0.05),
    ).unless(network="features", feature_head=("linear", "joint")),
    _network.switch(
        "pretrained", "Start from ImageNet",
        "With what it learned from a million photos.",
    ).when(network="vgg16"),
    _network.whole(
        "frozen_blocks", "Frozen blocks", "How many of its 5 blocks stay as they are.",
        (0, 5),
    ).when(network="vgg16"),
    _network.whole(
        "cached_augmentations", "Cached variants",
        "Faster: frozen blocks see so many variants of each picture once; 0 shows "
        "new ones in every epoch.",
        (0, 32),
    ).when(network="vgg16"),
    _network.file(
        "weights_file", "Weights file",
        "A file on this computer; left empty, the weights folder is searched.",
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
