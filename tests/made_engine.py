"""A finished run whose network is four lines of ONNX: red or blue, light or dark.

Real files, a real engine, a real predictor; only nothing had to be trained.
"""

import hashlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tiny_training import TINY, draw

from mlcore.engine_files import engine_place
from mlcore.model_json import MODEL_NAME, WEIGHTS_NAME, describe_model, encode
from mlcore.snapshot import freeze
from storage.answers import set_many
from storage.files import write_durably
from storage.groups import set_group
from storage.image_marks import move_to_split
from storage.images import add_images
from storage.labels import list_labels
from storage.projects import Project
from storage.records import NewImage, Run
from storage.runs import claim_next, create_run, finish_run, get_run, run_dir

CONFIG = TINY.with_changes(image_size_px=8)
GROUPS = {"colour": ["red", "blue"], "light": ["bright", "dark"]}
SHOWN = (("red", "bright"), ("red", "dark"), ("blue", "bright"))


def make_engine_run(project: Project, each: int = 2) -> Run:
    """A usable run of a project, which it fills with pictures; none is dark blue."""
    for name, labels in GROUPS.items():
        set_group(project, name, labels, "exactly-one", who="tester")
    ids = {label.name: label.label_id for label in list_labels(project)}
    rows = []
    for seed, kind in enumerate(SHOWN * each):
        data = draw("red", "tall", seed)
        sha256 = hashlib.sha256(data).hexdigest()
        new = NewImage(sha256, f"{seed}.png", "png", 12, 12, len(data), "tests")
        added = add_images(project, [(new, data)]).added
        rows.append((added[sha256], frozenset(ids[name] for name in kind)))
    set_many(project, rows, who="tester", batch_id="fill")
    ids_of_images = [image_id for image_id, _ in rows]
    move_to_split(project, ids_of_images, "train", who="", batch_id="split")
    created = create_run(
        project, recipe=CONFIG.recipe, config=CONFIG.as_json(), epochs_total=1
    )
    frozen = freeze(project, created, CONFIG)
    run = claim_next(project)
    assert run is not None
    folder = run_dir(project, run.run_id)
    files = {WEIGHTS_NAME: b"nobody reads these numbers"}
    described = describe_model(frozen, {"best_epoch": 1}, files)
    write_durably(folder / WEIGHTS_NAME, files[WEIGHTS_NAME])
    write_durably(folder / MODEL_NAME, encode(described))
    content = tiny_network().SerializeToString()
    place = engine_place(folder, described, CONFIG)
    write_durably(place.path_of(content), content)
    finish_run(project, run.run_id, run.attempt, "finished", seconds=1.0)
    return get_run(project, run.run_id)


def tiny_network() -> onnx.ModelProto:
    """uint8 pictures (n, 8, 8, 3) to logits of red, blue, bright, dark."""
    weights = np.array(
        [[0.1, -0.1, 0.1, -0.1], [0, 0, 0.1, -0.1], [-0.1, 0.1, 0.1, -0.1]], np.float32
    )
    bias = np.array([0, 0, -20, 20], np.float32)
    nodes = [
        helper.make_node("Cast", ["pictures"], ["numbers"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["numbers", "axes"], ["mean"], keepdims=0),
        helper.make_node("MatMul", ["mean", "weights"], ["raw"]),
        helper.make_node("Add", ["raw", "bias"], ["logits"]),
    ]
    taken = helper.make_tensor_value_info("pictures", TensorProto.UINT8, ["n", 8, 8, 3])
    given = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", 4])
    constants = [
        numpy_helper.from_array(np.array([1, 2], np.int64), "axes"),
        numpy_helper.from_array(weights, "weights"),
        numpy_helper.from_array(bias, "bias"),
    ]
    graph = helper.make_graph(nodes, "tiny", [taken], [given], constants)
    opset = [helper.make_opsetid("", 18)]
    return helper.make_model(graph, opset_imports=opset, ir_version=10)
