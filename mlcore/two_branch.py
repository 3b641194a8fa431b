"""Two branches in a run: what they answer is settled once and kept beside the run."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mlcore.colour_features import LOOKED_AT_PX
from mlcore.dataset import Pixels, PixelStore, in_batches
from mlcore.errors import TrainingError
from mlcore.network import Network
from mlcore.row_draws import draw_some
from mlcore.snapshot import Snapshot
from mlcore.training import RunData
from mlcore.two_branch_evidence import ASKED_AT_MOST, choose_evidence
from mlcore.two_branch_fusion import FACT, Fusion
from mlcore.two_branch_plan import BOTH, TwoBranchPlan, exclusive, make_plan
from storage.files import write_durably

Rows = npt.NDArray[np.intp]

PLAN_NAME = "branches.json"


def open_fusion(
    folder: Path, snapshot: Snapshot, store: PixelStore, train: Rows
) -> Fusion | None:
    """What the branches of a run answer: as it was written, or looked up now.

    None where a plain network does as well: with fewer than two exclusive groups, or
    none of them told by its colour or its shape alone.
    """
    questions = snapshot.questions()
    if len(exclusive(questions)) < 2:
        return None
    plan = _read_plan(folder, snapshot)
    if plan is None:
        plan = _look_up(snapshot, store, train)
        record = {"snapshot": snapshot.sha256} | plan.as_json()
        write_durably(folder / PLAN_NAME, json.dumps(record).encode())
    return Fusion(plan, questions) if set(plan.evidence) != {BOTH} else None


def describe_branches(fusion: Fusion | None, snapshot: Snapshot) -> str:
    """A sentence for the log: which labels are told by what."""
    if fusion is None:
        return "No two groups are told apart by colour or shape alone: one branch."
    words = dict.fromkeys(fusion.plan.evidence)
    parts = []
    for word in words:
        pairs = zip(snapshot.labels, fusion.plan.evidence, strict=True)
        names = [label.name for label, own in pairs if own == word]
        parts.append(f"{word}: {', '.join(names)}")
    return f"Told by {'; by '.join(parts)}."


def settle_offset(network: Network, data: RunData) -> dict[str, Any]:
    """Settle what an unseen combination needs, by held-out pictures; for model.json."""
    fusion = network.fusion
    if fusion is None:
        return {}
    rows = data.validation
    batches = in_batches(rows, network.config.batch_size)
    raw = [network.predict_raw(data.store.batch(batch)) for batch in batches]
    if raw:
        plan = fusion.settled(np.concatenate(raw), data.y[rows])
        network.fusion = fusion = Fusion(plan, fusion.questions)
    return {FACT: fusion.plan.as_json()}


def _read_plan(folder: Path, snapshot: Snapshot) -> TwoBranchPlan | None:
    """The plan of an earlier attempt; it can be looked up again, always the same."""
    try:
        found = json.loads((folder / PLAN_NAME).read_bytes())
        if found["snapshot"] != snapshot.sha256:
            return None
        return TwoBranchPlan.from_json(found, len(snapshot.labels))
    except (OSError, ValueError, KeyError, TypeError, TrainingError):
        return None


def _look_up(snapshot: Snapshot, store: PixelStore, train: Rows) -> TwoBranchPlan:
    questions, seed = snapshot.questions(), snapshot.config.seed
    rows = draw_some(train, ASKED_AT_MOST, seed)
    y = snapshot.y[rows]
    evidence = choose_evidence(_read_small(store, rows), y, questions)
    return make_plan(
        evidence, questions, snapshot.y[train], snapshot.impossible_columns()
    )


def _read_small(store: PixelStore, rows: Rows) -> Pixels:
    """Every so-manieth pixel: large pictures would not fit into memory together."""
    step = max(1, store.pixels.shape[1] // LOOKED_AT_PX)
    pieces = [store.batch(batch)[:, ::step, ::step] for batch in in_batches(rows, 64)]
    return np.concatenate(pieces)
