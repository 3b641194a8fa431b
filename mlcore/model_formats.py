"""The formats a model is taken away in: a table for pages and the command line."""

from dataclasses import dataclass

from mlcore.model_scripts import KERAS, LITERT, ONNX, SAVED_MODEL, Runtime

# Answers may differ by this much at most: rounding of float32 in another runtime.
TOLERANCE = 1e-3
# int8 rounds on purpose; this share of test pictures must keep all their labels.
INT8_SAME_LABELS = 0.9


@dataclass(frozen=True, slots=True)
class ModelFormat:
    """One format; `plain` says in a line what it is for, `words` what the file is.

    `is_rounded` formats answer differently by as much as is measured and said.
    """

    key: str
    title: str
    plain: str
    words: str
    runtime: Runtime
    is_rounded: bool = False


FORMATS: dict[str, ModelFormat] = {
    one.key: one
    for one in (
        ModelFormat(
            "onnx",
            "ONNX",
            "For servers, desktop programs, browsers and most other languages. If in "
            "doubt, this one.",
            "model.onnx: float32, opset 17.",
            ONNX,
        ),
        ModelFormat(
            "onnx-int8",
            "ONNX, small (int8)",
            "Less than half the size, quicker on many processors; answers differ a "
            "little, and how much is measured.",
            "model.onnx: int8 weights and activations of the large layers, float32 "
            "between them, opset 17.",
            ONNX,
            is_rounded=True,
        ),
        ModelFormat(
            "savedmodel",
            "TensorFlow SavedModel",
            "For TensorFlow Serving and programs written with TensorFlow.",
            "saved_model/: signature “serving_default”, float32.",
            SAVED_MODEL,
        ),
        ModelFormat(
            "litert",
            "LiteRT",
            "For phones and small boards; formerly TensorFlow Lite.",
            "model.tflite: float32.",
            LITERT,
        ),
        ModelFormat(
            "keras",
            "Keras weights",
            "To look into the network, change it or train it on with Keras.",
            "model.json and weights.weights.h5: the network from pixels to "
            "probabilities, and its float32 numbers.",
            KERAS,
        ),
    )
}
