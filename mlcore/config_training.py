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
    _basics.whole("epochs", "Epochs", "How often every picture is shown.", (1, 1000)),
    _basics.whole(
        "batch_size", "Batch size", "Pictures per step; more needs more memory.",
        (1, 1024),
    ),
    _basics.whole(
        "image_size_px", "Image size (px)",
        "Every picture is resized to this square; smaller is faster.", (8, 512),
    ),
    _basics.choice(
        "colour", "Colour", "gray drops colour: right where it means nothing.",
        "rgb", "gray",
    ),
    _basics.real(
        "learning_rate", "Learning rate",
        "Size of one step; lower it when the loss jumps about.", (1e-7, 1.0, 1e-4),
    ),
    _basics.choice(
        "schedule", "Learning-rate schedule",
        "How the rate changes: one-cycle rises first, then falls to nothing.",
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
        "optimizer", "Optimizer", "The rule that turns gradients into steps.",
        "adam", "adamw", "rmsprop", "sgd",
    ),
    _basics.real(
        "weight_decay", "Weight decay", "Pulls weights towards zero at every step.",
        (0.0, 1.0, 1e-4),
    ).when(optimizer=("adamw", "sgd")),
    _basics.real(
        "momentum", "Momentum", "Part of the last step that is kept.",
        (0.0, 0.999, 0.05),
    ).when(optimizer=("sgd", "rmsprop")),
    _basics.choice(
        "loss", "Loss",
        "auto is cross-entropy. focal and asymmetric look harder at rare labels.",
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
        "auto: softmax when one exactly-one group holds all labels, else sigmoid.",
        "auto", "sigmoid", "softmax",
    ),
    _answers.choice(
        "class_weights", "Weight of rare labels",
        "balanced counts the yes of a rare label more.", "none", "balanced",
    ),
    _answers.choice(
        "thresholds", "Thresholds",
        "From which probability a label counts as yes: one number for all, or chosen "
        "for each label on the validation pictures.",
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
        "Part of the pictures held out to judge each epoch.", (0.05, 0.5, 0.05),
    ),
    _split.real(
        "test_fraction", "Test part",
        "Part never looked at while training; 0 for none.", (0.0, 0.4, 0.05),
    ),
)  # fmt: skip

MORE: tuple[Field, ...] = (
    _more.switch(
        "keep_best", "Keep the best epoch", "Off keeps the last epoch."
    ).when(network=TRAINED),
    _more.choice(
        "monitor", "Best epoch by", "The number that decides which epoch is best.",
        *MONITORS,
    ).when(network=TRAINED),
    _more.real(
        "beta", "Beta of F-beta",
        "2 counts a missed label more than a wrong one, .5 the other way round.",
        (0.1, 10.0, 0.5),
    ),
    _more.whole(
        "patience", "Stop early after",
        "Epochs without a better one before it stops; 0 never stops early.", (0, 1000),
    ).when(network=TRAINED),
    _more.whole(
        "seed", "Seed", "The same seed gives the same shuffles, turns and start.",
        (0, 2**31 - 1),
    ),
    _more.choice(
        "mixed_precision", "Arithmetic",
        "auto: bfloat16 where the processor has it, else float32.",
        "auto", "float32", "bfloat16",
    ).when(network=TRAINED),
    _more.switch(
        "tensorboard", "TensorBoard log", "Write a log that TensorBoard can draw."
    ).when(network=TRAINED),
)  # fmt: skip
