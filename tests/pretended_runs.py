"""Finished runs of which only the answers to held-out pictures are real files."""

import numpy as np
import pandas as pd

from mlcore.config import TrainConfig
from mlcore.model_json import MODEL_NAME, PREDICTIONS_NAME, describe_model, encode
from mlcore.snapshot import YES, freeze
from storage.labels import list_labels
from storage.projects import Project
from storage.records import Run
from storage.runs import claim_next, create_run, finish_run, get_run, run_dir

CONFIG = TrainConfig(epochs=1)


def pretend_run(project: Project, wrong: int = 0) -> Run:
    """A finished run whose held-out answers are right but for so many pictures."""
    created = create_run(
        project, recipe=CONFIG.recipe, config=CONFIG.as_json(), epochs_total=1
    )
    frozen = freeze(project, created, CONFIG)
    run = claim_next(project)
    assert run is not None
    held_out = (frozen.images["split"] == "validation").to_numpy()
    said = (frozen.y[held_out] == YES).astype(np.float32)
    said[:wrong] = 1 - said[:wrong]
    frame = frozen.images.loc[held_out, ["image_id", "split"]].reset_index(drop=True)
    columns = {f"p{x.label_id}": said[:, n] for n, x in enumerate(frozen.labels)}
    folder = run_dir(project, run.run_id)
    table = pd.concat([frame, pd.DataFrame(columns)], axis=1)
    table.to_parquet(folder / PREDICTIONS_NAME, index=False)
    model = describe_model(frozen, {"best_epoch": 1}, {})
    (folder / MODEL_NAME).write_bytes(encode(model))
    finish_run(project, run.run_id, run.attempt, "finished", seconds=1.0)
    return get_run(project, run.run_id)


def ids_of(project: Project, *names: str) -> frozenset[int]:
    ids = {label.name: label.label_id for label in list_labels(project)}
    return frozenset(ids[name] for name in names)
