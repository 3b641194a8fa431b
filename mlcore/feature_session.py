"""An attempt at a run that learns answers on frozen features. No epochs, seconds.

Features are kept per picture content: a run that was killed looks only at the
pictures that are left, and the next run at none.
"""

import time
from typing import Any

import numpy as np
import numpy.typing as npt

from mlcore.backbones import digest_weights, fetch_backbone_weights, find_backbone
from mlcore.composing import LEAVING_OUT, Lesson, compose
from mlcore.dataset import check_unreadable
from mlcore.errors import TrainingError
from mlcore.feature_model import (
    heads_as_bytes,
    heads_facts,
    settings_of,
    spec_of,
)
from mlcore.feature_store import FeatureStore
from mlcore.features import extract, fingerprint
from mlcore.head_figures import judge
from mlcore.head_questions import FREE, Question, ask
from mlcore.head_solver import Floats
from mlcore.heads import Heads, fit_heads
from mlcore.joint_heads import JointHeads
from mlcore.model_json import HEADS_NAME
from mlcore.model_outputs import held_out_rows, summarise, tabulate, write_model
from mlcore.novelty import (
    NOVELTY_NAME,
    ROWS_AT_MOST,
    learn_novelty,
    novelty_as_bytes,
)
from mlcore.pixel_hashes import image_file
from mlcore.processes import memory_mb
from mlcore.quiet import import_tensorflow
from mlcore.row_draws import draw_some
from mlcore.run_base import BaseSession
from storage.records import Pulse

Rows = npt.NDArray[np.intp]

LOOKING = "Looking at the pictures"
FITTING = "Fitting the answers"
WAITING = "Waiting until the suggestions make room"
WAIT_S = 60.0
LOOK_AGAIN_S = 0.3


class FeatureSession(BaseSession):
    """Carries one run from its snapshot to its heads, reporting as it goes."""

    def work(self) -> None:
        """Look at the pictures, fit the answers, write the model."""
        images = len(self.snapshot.images)
        spec = spec_of(self.snapshot.config)
        title = find_backbone(spec.backbone).title
        self.say(f"Run {self.run.run_id}: {images} pictures, {title}")
        unreadable = self._look()
        rows = self._readable("train", unreadable)
        if not len(rows):
            raise TrainingError("None of the pictures to train on can be read.")
        validation = self._readable("validation", unreadable)
        heads = self._compose(rows, validation) or self._fit(rows)
        self._note_figures(heads, rows, validation)
        self._write(heads, rows, held_out_rows(self.snapshot, sorted(unreadable)))

    def _look(self) -> set[int]:
        """Compute the features that are missing; rows that cannot be read."""
        self.report(Pulse(0, len(self.snapshot.images), LOOKING))
        images = self.snapshot.images
        pairs = [
            (sha256, image_file(self.project, sha256, ext))
            for sha256, ext in zip(images["sha256"], images["ext"], strict=True)
        ]
        store = self._store()
        if store.missing([sha256 for sha256, _ in pairs]):
            import_tensorflow()
        began, before = time.monotonic(), len(pairs)

        def tell(done: int, total: int) -> None:
            nonlocal began, before
            if before > done:  # the first word says what was there already
                began, before = time.monotonic(), done
            seconds = time.monotonic() - began
            rate = round((done - before) / seconds, 1) if done > before else None
            self.report(Pulse(done, total, LOOKING, rate, memory_mb()))

        self._await_turn(store)
        spec, named = spec_of(self.snapshot.config), self.snapshot.config.weights_file
        bad = extract(self.project, spec, pairs, tell, lambda: False, named)
        self.say(f"Looked at {len(pairs)} pictures, {time.monotonic() - began:.1f} s")
        return self._name_unreadable(bad)

    def _await_turn(self, store: FeatureStore) -> None:
        """Suggestions may be writing features: they give way within seconds."""
        given_up_at = time.monotonic() + WAIT_S
        while True:
            try:
                with store.writing():
                    return
            except TrainingError:
                if time.monotonic() > given_up_at:
                    raise
            self.report(Pulse(0, len(self.snapshot.images), WAITING))
            time.sleep(LOOK_AGAIN_S)

    def _name_unreadable(self, bad: dict[str, str]) -> set[int]:
        images = self.snapshot.images
        rows = {
            row: f"image {images['image_id'].iloc[row]}: {bad[sha256]}"
            for row, sha256 in enumerate(images["sha256"])
            if sha256 in bad
        }
        for reason in rows.values():
            self.say(f"Left out, cannot be read: {reason}")
        check_unreadable(rows, len(images))
        return set(rows)

    def _readable(self, split: str, unreadable: set[int]) -> Rows:
        rows = self.snapshot.rows_of(split)
        return rows[~np.isin(rows, list(unreadable))]

    def _store(self) -> FeatureStore:
        spec = spec_of(self.snapshot.config)
        named = self.snapshot.config.weights_file
        return FeatureStore(self.project, spec, fingerprint(spec, named))

    def _features(self, rows: Rows) -> Floats:
        return self._store().read(self.snapshot.images["sha256"].iloc[rows].tolist())

    def _compose(self, rows: Rows, asked: Rows) -> JointHeads | None:
        """Heads that weigh combinations, where they are wanted and there are any."""
        if self.snapshot.config.feature_head != "joint":
            return None

        def tell(done: int, total: int) -> None:
            self.report(Pulse(done, total, LEAVING_OUT, None, memory_mb()))

        lesson = Lesson(self.snapshot, tuple(self._questions()), rows, asked)
        return compose(self.project, lesson, self._features, tell, self.say)

    def _fit(self, rows: Rows) -> Heads:
        began = time.monotonic()

        def tell(done: int, total: int) -> None:
            self.report(Pulse(done, total, FITTING, None, memory_mb()))

        tell(0, 1)
        y = self.snapshot.y[rows]
        settings = settings_of(self.snapshot.config)
        heads = fit_heads(self._features(rows), y, self._questions(), settings, tell)
        pulls = ", ".join(f"{pull:g}" for pull in dict.fromkeys(heads.pulls))
        seconds = time.monotonic() - began
        self.say(f"Fitted the answers, {seconds:.1f} s; regularisation {pulls}")
        return heads

    def _questions(self) -> list[Question]:
        snapshot = self.snapshot
        label_ids = [label.label_id for label in snapshot.labels]
        if snapshot.output == "softmax":
            return [Question("exactly-one", tuple(range(len(label_ids))))]
        if snapshot.output == "sigmoid":
            return [Question(FREE, (at,)) for at in range(len(label_ids))]
        return ask(label_ids, snapshot.groups)

    def _note_figures(
        self, heads: Heads | JointHeads, train: Rows, validation: Rows
    ) -> None:
        """One epoch, so that every page that shows runs has something to show."""
        metrics = {"memory_mb": memory_mb()}
        for name, rows in (("", train), ("val_", validation)):
            if len(rows):
                found = judge(heads, self._features(rows), rows, self.snapshot)
                metrics |= {name + key: value for key, value in found.items()}
        seconds = round(time.monotonic() - self.started, 3)
        self.add_epoch({"epoch": 1, "seconds": seconds, "metrics": metrics})
        self.say(", ".join(f"{key} {value:.4f}" for key, value in metrics.items()))

    def _write(self, heads: Heads | JointHeads, train: Rows, rows: Rows) -> None:
        features = self._features(rows)
        predictions = tabulate(self.snapshot, rows, *heads.read(features))
        facts = {"best_epoch": 1} | self._facts(heads)
        weights = {HEADS_NAME: heads_as_bytes(heads)}
        seed = self.snapshot.config.seed
        trained = self._features(draw_some(train, ROWS_AT_MOST, seed))
        if novelty := learn_novelty(trained, features, seed):
            weights[NOVELTY_NAME] = novelty_as_bytes(novelty)
        kept = write_model(self.folder, self.snapshot, weights, predictions, facts)
        self.settle("finished", 1, summarise(kept, self.snapshot), "")

    def _facts(self, heads: Heads | JointHeads) -> dict[str, Any]:
        spec, named = spec_of(self.snapshot.config), self.snapshot.config.weights_file
        path = fetch_backbone_weights(spec.backbone, named)
        return heads_facts(heads, spec, digest_weights(path))

    def end_early(self, discard: bool) -> None:
        """Nothing is kept but the features, which the next run finds."""
        self.drop(
            "Cancelled by hand; nothing is kept."
            if discard
            else "Stopped before the answers were fitted, so there is nothing to keep."
        )
