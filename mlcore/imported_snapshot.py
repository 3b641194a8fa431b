"""What is known of the data of a run that was trained elsewhere."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from mlcore.config import TrainConfig
from mlcore.snapshot import Snapshot, SnapshotGroup, SnapshotLabel


def is_imported(facts: Mapping[str, Any]) -> bool:
    """Whether a model.json is of a run that was brought in."""
    return "imported" in facts


def snapshot_of_facts(facts: Mapping[str, Any]) -> Snapshot:
    """Labels, groups and settings as a model.json says them, without any pictures."""
    labels = tuple(SnapshotLabel(**label) for label in facts["labels"])
    return Snapshot(
        images=pd.DataFrame(columns=["image_id", "sha256", "ext", "split"]),
        labels=labels,
        groups=tuple(
            SnapshotGroup(**{**group, "label_ids": tuple(group["label_ids"])})
            for group in facts["groups"]
        ),
        y=np.zeros((0, len(labels)), np.int8),
        impossible=frozenset(tuple(ids) for ids in facts["impossible"]),
        config=TrainConfig.from_json(facts["config"]),
        output=facts["output"],
    )
