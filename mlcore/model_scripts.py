"""The scripts in an exported model's zip: they label pictures without Unseen.

One text for all runtimes; only how a model is opened and asked differs. predict.py has
at most 58 lines.
"""

from dataclasses import dataclass

PREDICT = '''\
"""Label pictures: python predict.py PICTURE …   Needs: {needs}"""
import json, pathlib, sys
import numpy as np
{imports}
from PIL import Image, ImageOps
HERE = pathlib.Path(__file__).resolve().parent
ABOUT = json.loads((HERE / "about.json").read_text("utf-8"))
NAMES, RULES = [label["name"] for label in ABOUT["labels"]], ABOUT["rules"]
{opening}

def read(path):  # upright, on white, squeezed into the square (2: bilinear)
    image, size = ImageOps.exif_transpose(Image.open(path)), ABOUT["image_size_px"]
    if image.mode.startswith("I;16"):  # deep pixels are scaled
        image = Image.fromarray(((np.asarray(image, "u4") + 128) // 257).astype("u1"))
    if image.has_transparency_data:
        white, image = Image.new("RGBA", image.size, "white"), image.convert("RGBA")
        image = Image.alpha_composite(white, image)
    return np.asarray(image.convert("RGB").resize((size, size), 2, reducing_gap=3.0))

def choose(p):  # thresholds or the k strongest; then of each group its strongest
    limits = [2 if least is None else least for least in RULES["thresholds"]]
    yes = {{at for at, least in enumerate(limits) if p[at] >= least}}
    yes |= set(sorted(RULES["top_of"], key=lambda at: -p[at])[: RULES["top_k"]])
    unsure = any(low < p[at] < high for at, (low, high) in enumerate(RULES["close"]))
    for group in RULES["groups"]:
        top = max(group["columns"], key=lambda at: p[at])
        kept = [top] if group["exactly_one"] or top in yes else []
        many = len(yes.intersection(group["columns"]))
        unsure |= RULES["one_clear"] and (many > 1 or len(kept) > many)
        unsure |= any(p[at] < RULES["sure_from"] for at in kept)
        yes = yes.difference(group["columns"]).union(kept)
    return [NAMES[at] for at in sorted(yes)], unsure
def answer(path):  # "trained_on": training pictures that show these labels together
    found = {{key: value[0].tolist() for key, value in ask(read(path)[None]).items()}}
    limits, (labels, unsure) = ABOUT["limits"], choose(found["probabilities"])
    found["probabilities"] = dict(zip(NAMES, found["probabilities"]))
    both = {{*labels}} & {{*RULES["combined"]}}
    shown = sum(r["images"] for r in ABOUT["coverage"] if both <= {{*r["labels"]}})
    doubts = ["far"] * (found.get("distances", 0) > (limits["far_above"] or 0))
    if not shown or found.get("unseen", 0) > limits["unseen_above"]:
        doubts.append("perhaps-unseen" if shown else "unseen")
    doubts += ["unsure"] * unsure
    return dict(file=str(path), labels=labels, doubts=doubts, trained_on=shown, **found)
if __name__ == "__main__":
    failed = False
    for path in sys.argv[1:]:
        try:
            found = answer(path)
        except Exception as why:  # the other files are answered all the same
            found = dict(file=path, error=f"{{type(why).__name__}}: {{why}}")
        print(json.dumps(found), flush=True)
        failed |= "error" in found
    sys.exit(failed)
'''

CHECK = '''\
"""How far this computer's answers are from those of Unseen: python check.py"""
import json
from predict import HERE, NAMES, answer

largest, same = 0.0, 0
expected = json.loads((HERE / "test" / "expected.json").read_text("utf-8"))
for row in expected:
    found = answer(HERE / row["file"])
    same += found["labels"] == row["labels"]
    for name in NAMES:
        gap = abs(found["probabilities"][name] - row["probabilities"][name])
        largest = max(largest, gap)
print(f"{len(expected)} pictures, largest difference {largest:.7f}, same labels {same}")
'''


@dataclass(frozen=True, slots=True)
class Runtime:
    """How one runtime opens and asks a model; `modules` are all it may import."""

    needs: str
    imports: str
    opening: str
    modules: tuple[str, ...]


PICTURES = ("numpy", "PIL")
ONNX = Runtime(
    "pip install onnxruntime pillow numpy",
    "import onnxruntime",
    """MODEL = onnxruntime.InferenceSession(HERE / "model.onnx")
def ask(pixels):
    names = [one.name for one in MODEL.get_outputs()]
    return dict(zip(names, MODEL.run(names, {"pixels": pixels})))""",
    (*PICTURES, "onnxruntime"),
)
SAVED_MODEL = Runtime(
    "pip install tensorflow pillow",
    "import tensorflow as tf",
    """MODEL = tf.saved_model.load(str(HERE / "saved_model"))
def ask(pixels):
    found = MODEL.signatures["serving_default"](pixels=tf.constant(pixels))
    return {key: value.numpy() for key, value in found.items()}""",
    (),
)
LITERT = Runtime(
    "pip install ai-edge-litert pillow numpy",
    """try:
    from ai_edge_litert.interpreter import Interpreter
except ImportError:
    from tensorflow.lite import Interpreter""",
    """MODEL = Interpreter(str(HERE / "model.tflite")).get_signature_runner()
def ask(pixels):
    return MODEL(pixels=pixels)""",
    (),
)
KERAS = Runtime(
    "pip install tensorflow keras pillow",
    "import keras",
    """MODEL = keras.models.model_from_json((HERE / "model.json").read_text("utf-8"))
MODEL.load_weights(HERE / "weights.weights.h5")
def ask(pixels):
    return {key: np.asarray(value) for key, value in MODEL(pixels).items()}""",
    (),
)


def write_predict(runtime: Runtime) -> str:
    """The text of predict.py for a runtime."""
    return PREDICT.format(
        needs=runtime.needs, imports=runtime.imports, opening=runtime.opening
    )
