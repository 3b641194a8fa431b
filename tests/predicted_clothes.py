"""Model descriptions and predictions of clothes, made by hand."""

import numpy as np
from counted_sets import FASHION

from mlcore.readings import predict_one
from mlcore.training_view import view_of_model

NAMES = ["black", "blue", "red", "dress", "jeans", "shirt"]

# What the runs of these tests were shown.
SEEN = FASHION

ONLY_JEANS = (
    "In training, black appeared only with jeans. "
    "So black dress or black shirt would probably be read as black jeans."
)

NOT_QUITE = (
    "This does not look quite like red shirt. "
    "Perhaps red jeans, which no training picture shows."
)


def make_facts(names, groups, seen, **changes):
    ids = {name: number for number, name in enumerate(names, start=1)}
    facts = {
        "labels": [{"label_id": ids[n], "name": n, "group": None} for n in names],
        "groups": [
            {"name": name, "rule": rule, "label_ids": [ids[n] for n in own]}
            for name, rule, own in groups
        ],
        "output": "sigmoid",
        "thresholds": [0.5] * len(names),
        "seen": [
            {"label_ids": sorted(ids[n] for n in row), "count": count}
            for row, count in seen.items()
        ],
        "impossible": [],
    }
    return facts | changes


def make_clothes(seen=SEEN, rule="exactly-one", **changes):
    groups = [("colour", rule, NAMES[:3]), ("garment", rule, NAMES[3:])]
    return make_facts(NAMES, groups, seen, **changes)


def predict(facts, **probabilities):
    names = [label["name"] for label in facts["labels"]]
    row = np.array([probabilities.get(name, 0.001) for name in names], np.float32)
    return predict_one(view_of_model(facts), row, "/x/a.jpg", "a.jpg")
