"""What an exported model says of itself: about.json, coverage.csv, README.txt.

No TensorFlow. Everything predict.py goes by is in about.json.
"""

import csv
import io
import textwrap
from collections.abc import Mapping
from typing import Any

from mlcore.close_calls import close_limits
from mlcore.kept_limits import read_limits
from mlcore.prediction_warnings import NAMED_FROM
from mlcore.predictions import CLOSE_CALL
from mlcore.training_view import TrainingView, view_of_model

ABOUT_NAME = "about.json"
KIND = "unseen-model"
VERSION = 1
PREPROCESSING = (
    "Decode; turn upright by the EXIF orientation; 16-bit gray to 8 bits as "
    "(value + 128) // 257; transparent pixels onto white; RGB. Squeeze the whole "
    "picture into image_size_px x image_size_px (no crop, no padding) with Pillow's "
    'Image.resize(size, BILINEAR, reducing_gap=3.0). Feed uint8 RGB 0..255 as "pixels" '
    "(n, size, size, 3); scaling and all else happens inside the model."
)
Facts = Mapping[str, Any]


def describe_export(
    facts: Facts, origin: Facts, model: Facts, far_above: float | None = None
) -> dict[str, Any]:
    """The content of about.json for a run's model.json.

    `origin` says project, run and time; `model` the format, its precision and what
    else belongs to the file of the model; `far_above` is the run's limit of distances.
    """
    view = view_of_model(facts)
    limits = read_limits(facts)
    return {
        "format": KIND,
        "version": VERSION,
        "from": dict(origin),
        "model": dict(model),
        "image_size_px": int(facts["image_size_px"]),
        "preprocessing": PREPROCESSING,
        "output": view.output,
        "labels": [
            {"name": row["name"], "group": row["group"], "threshold": threshold}
            for row, threshold in zip(facts["labels"], view.counting, strict=True)
        ],
        "groups": [
            {
                "name": group.name,
                "rule": group.rule,
                "labels": [label.name for label in group.labels],
            }
            for group in view.groups
        ],
        "thresholds": {
            "rule": limits.rule if view.is_limited else None,
            "target": limits.target,
            "top_k": limits.limits.top_k,
        },
        "rules": rules_of(view),
        "limits": {
            "far_above": far_above,
            "doubt_above": view.doubt_above,
            # Stands in for the strongest unseen reading, which takes ranking them all.
            "unseen_above": max(view.doubt_above, NAMED_FROM),
        },
        "coverage": [
            {"labels": names, "images": count} for names, count in _coverage(view)
        ],
        "impossible": [_names(view, ids) for ids in sorted(view.impossible)],
    }


def rules_of(view: TrainingView) -> dict[str, Any]:
    """What predict.py decides by, in places of labels; equal to what a run says."""
    everything = range(len(view.labels))
    groups = [
        {"exactly_one": is_forced, "columns": list(columns)}
        for columns, is_forced in view.exclusive
    ]
    top_of, top_k = list(everything), view.top_k
    if top_k and view.output == "groups":
        forced = [columns for columns, is_forced in view.exclusive if is_forced]
        settled = {column for columns in forced for column in columns}
        top_of = [column for column in everything if column not in settled]
        top_k = max(0, top_k - len(forced))
    if view.output == "softmax":
        top_k = max(1, top_k)
    return {
        "thresholds": list(view.counting),
        "top_k": top_k,
        "top_of": top_of,
        "groups": groups,
        # When an answer is "unsure", as close_calls has it.
        "close": close_limits(view),
        "sure_from": CLOSE_CALL[1],
        "one_clear": view.output == "sigmoid",
        "combined": [name for c in view.choices for name in view.name_all(c.columns)],
    }


def _coverage(view: TrainingView) -> list[tuple[list[str], int]]:
    """Label sets that training showed, the most frequent first."""
    rows = sorted(view.sets, key=lambda one: (-one.count, one.label_ids))
    return [(_names(view, one.label_ids), one.count) for one in rows]


def _names(view: TrainingView, label_ids: tuple[int, ...]) -> list[str]:
    name = {label.label_id: label.name for label in view.labels}
    return [name[label_id] for label_id in label_ids if label_id in name]


def write_coverage(about: Facts) -> str:
    """The table of seen combinations as CSV: 1 where a label is there, and a count."""
    names = [label["name"] for label in about["labels"]]
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow([*names, "training_images"])
    for row in about["coverage"]:
        shown = set(row["labels"])
        table.writerow([*(int(name in shown) for name in names), row["images"]])
    return text.getvalue()


def write_readme(about: Facts, needs: str) -> str:
    """README.txt: what is in the zip and how to use it, for someone without Unseen."""
    origin, model = about["from"], about["model"]
    labels = ", ".join(label["name"] for label in about["labels"])
    size, count = about["image_size_px"], len(about["labels"])
    title = f"{model['title']} of run {origin['run']}, project {origin['project']}"
    return f"""{title}
Made {origin["made_at"]}. It answers: {labels}.

Use it
  {needs}
  python predict.py picture.jpg other.png     one line of JSON a picture
                                              one that cannot be read has "error",
                                              the rest goes on, the exit code is 1
  python check.py                             its answers to test/ beside Unseen's

  {model["words"]}
  Input "pixels": uint8 RGB (n, {size}, {size}, 3).
  Output "probabilities" (n, {count}), in the order of the labels in about.json.
  Output "unseen" (n,), where there is one: what goes to combinations that training
  never showed. Output "distances" (n,), where there is one: how far a picture is
  from the training pictures.

What a line says
  trained_on   training pictures that show this combination; 0: it was never seen
  distances    how far the picture is from those it was trained on, where it is known
  doubts       why a person should look; none is []:
    far             distances above far_above in about.json: like nothing in training
    unseen          trained_on is 0
    perhaps-unseen  "unseen" is above unseen_above in about.json
    unsure          a label close to its limit, a group without a clear answer
  This is the short form. Unseen itself also says perhaps-unseen of models without
  "unseen", looks at the strongest never-shown answer for it, and knows one-partner,
  rare and empty.

How a picture becomes pixels
{textwrap.fill(about["preprocessing"], 86, initial_indent="  ", subsequent_indent="  ")}

What is in it
  about.json       labels, groups, thresholds, preprocessing, coverage
  coverage.csv     every combination training showed, and how many pictures did;
                   a combination that is not in it was never seen
  test/            pictures, and expected.json: what Unseen says of them
  unseen/          the run itself, to be imported into another project of Unseen
  manifest.json    size and SHA-256 of every file

Proved when it was made: predict.py ran by itself, without Unseen, on the pictures in
test/ and was at most {model["tolerance"]:g} away from Unseen's probabilities.
"""
