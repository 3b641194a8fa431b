"""Settings of how a network learns and how its answers are read."""

from mlcore.config_kinds import TRAINED, Field, FieldGroup

SCHEDULES = ("constant", "inverse-time", "cosine", "one-cycle", "reduce-on-plateau")
MONITORS = (
    "val_loss",
    "val_binary_accuracy",
    "val_exact_match",
    "val_f_beta",
    "val_f_beta_micro",
    "val_f_beta_macro",
)
THRESHOLDS = (
    "fixed",
    "best-f1",
    "best-f2",
    "target-recall",
    "target-precision",
    "top-k",
)

_basics = FieldGroup("Basics")
_answers = FieldGroup("Answers")
_split = FieldGroup("Split")
_more = FieldGroup("More")

_EVERY_BASIC: tuple[Field, ...] = (
    _basics.whole(
        "epochs", "Epochs", "How often the network sees every picture.", (1, 1000)
    ),
    _basics.whole(
        "batch_size", "Batch size",
        "Pictures looked at together in one step; more needs more memory.",
        (1, 1024),
    ),
    _basics.whole(
        "image_size_px", "Image size (px)",
        "Every picture is resized to this square; smaller is faster.", (8, 512),
    ),
    _basics.choice(
        "colour", "Colour", "Gray leaves colour out: right where it means nothing.",
        "rgb", "gray",
    ),
    _basics.real(
        "learning_rate", "Learning rate",
        "How far one step goes; lower it when the loss jumps about.", (1e-7, 1.0, 1e-4),
    ),
    _basics.choice(
        "schedule", "Learning-rate schedule",
        "How the rate changes on the way; one cycle rises first, then falls.",
        *SCHEDULES,
    ),
    _basics.real(
        "plateau_factor", "Rate after a plateau",
        "The rate is multiplied by this when nothing gets better.", (0.01, 0.99, 0.05),
    ).when(schedule="reduce-on-plateau"),
    _basics.whole(
        "plateau_patience", "Patience before a plateau",
        "Epochs without a better one before the rate falls.", (1, 1000),
    ).when(schedule="reduce-on-plateau"),
    _basics.choice(
        "optimizer", "Optimizer",
        "How a step is worked out; Adam nearly always does well.",
        "adam", "adamw", "rmsprop", "sgd",
    ),
    _basics.real(
        "weight_decay", "Weight decay",
        "Keeps weights small, so that less is learned by heart.",
        (0.0, 1.0, 1e-4),
    ).when(optimizer=("adamw", "sgd")),
    _basics.real(
        "momentum", "Momentum", "How much of the last step goes on in the next.",
        (0.0, 0.999, 0.05),
    ).when(optimizer=("sgd", "rmsprop")),
    _basics.choice(
        "loss", "Loss",
        "What a mistake costs; focal and asymmetric look harder at rare labels.",
        "auto", "focal", "asymmetric",
    ),
)  # fmt: skip

# Heads on features have no epochs, batches and rates.
BASICS: tuple[Field, ...] = tuple(
    field if field.name in ("image_size_px", "colour") else field.when(network=TRAINED)
    for field in _EVERY_BASIC
)

ANSWERS: tuple[Field, ...] = (
    _answers.choice(
        "output", "Output",
        "Sigmoid asks about each label by itself, softmax picks one of all, one of "
        "each group does so group by group; automatic goes by your label groups.",
        "auto", "sigmoid", "softmax", "groups",
    ).unless(network="convnet", colour="rgb", branches="two"),
    _answers.choice(
        "class_weights", "Weight of rare labels",
        "Balanced counts the yes of a rare label more.", "none", "balanced",
    ),
    _answers.choice(
        "thresholds", "Thresholds",
        "How sure is sure enough for a yes; chosen on held-out pictures or fixed. "
        "With one answer for each group, it counts for free labels only.",
        *THRESHOLDS,
    ),
    _answers.real(
        "threshold", "Threshold", "A label counts as yes from this probability on.",
        (0.01, 0.99, 0.01),
    ).when(thresholds="fixed"),
    _answers.real(
        "threshold_target", "Recall or precision wanted",
        "Each label's threshold is the one that just reaches it.", (0.05, 1.0, 0.01),
    ).when(thresholds=("target-recall", "target-precision")),
    _answers.whole(
        "top_k", "Labels per picture", "The strongest few labels are the answer.",
        (1, 50),
    ).when(thresholds="top-k"),
)  # fmt: skip

SPLIT: tuple[Field, ...] = (
    _split.real(
        "validation_fraction", "Validation part",
        "Pictures held out to judge the model; 0.2 is a fifth.", (0.05, 0.5, 0.05),
    ),
    _split.real(
        "test_fraction", "Test part",
        "Pictures kept for a last check; 0 for none.", (0.0, 0.4, 0.05),
    ),
)  # fmt: skip

MORE: tuple[Field, ...] = (
    _more.switch(
        "keep_best", "Keep the best epoch", "Off keeps the last one, better or not."
    ).when(network=TRAINED),
    _more.choice(
        "monitor", "Best epoch by", "The figure on held-out pictures that decides.",
        *MONITORS,
    ).when(network=TRAINED),
    _more.real(
        "beta", "Beta of F-beta",
        "2 minds a missed label more than a wrong one, 0.5 the other way round.",
        (0.1, 10.0, 0.5),
    ),
    _more.whole(
        "patience", "Stop early after",
        "So many epochs without a better one; 0 never stops early.", (0, 1000),
    ).when(network=TRAINED),
    _more.whole(
        "seed", "Seed",
        "Where chance starts: the same seed gives the same shuffles and turns.",
        (0, 2**31 - 1),
    ),
    _more.choice(
        "mixed_precision", "Arithmetic",
        "Automatic: bfloat16, which is faster, where the processor has it.",
        "auto", "float32", "bfloat16",
    ).when(network=TRAINED),
    _more.switch(
        "tensorboard", "TensorBoard log", "Writes a log that TensorBoard can draw."
    ).when(network=TRAINED),
)  # fmt: skip
