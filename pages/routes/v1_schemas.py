"""What the answers of the HTTP API hold, as JSON Schema."""

from __future__ import annotations

from typing import Any

from mlcore.predictions import DOUBTS

Json = dict[str, Any]
TEXT: Json = {"type": "string"}
TEXTS: Json = {"type": "array", "items": TEXT}
WHOLE: Json = {"type": "integer"}
YES_OR_NO: Json = {"type": "boolean"}
SHARE: Json = {"type": "number", "minimum": 0, "maximum": 1}
CHANGED: Json = {
    "type": "string",
    "description": "How the project's labels differ from those of the run; empty if "
    "they do not.",
}


def record(about: str, optional: tuple[str, ...] = (), **fields: Json) -> Json:
    """Return the schema of an object with these fields."""
    return {
        "type": "object",
        "description": about,
        "properties": fields,
        "required": [name for name in fields if name not in optional],
    }


def several(name: str) -> Json:
    """Return the schema of a list of what another schema describes."""
    return {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}}


def told(about: str, schema: Json) -> Json:
    """Return the schema with a description."""
    return {**schema, "description": about}


def or_null(schema: Json) -> Json:
    """Return the schema of what may be unknown."""
    return {"anyOf": [schema, {"type": "null"}]}


SHARES: Json = {"type": "object", "additionalProperties": SHARE}
RESULT = record(
    "What a run reads in one picture. One that cannot be read has an error and no "
    "labels.",
    ("error",),
    name=TEXT,
    combination=told("The best label of each group.", TEXTS),
    labels=told("These and the free labels above their threshold.", TEXTS),
    probabilities=told("Of every label, by name.", SHARES),
    combination_seen=told("Whether training showed this combination.", YES_OR_NO),
    seen_count=told("How many training pictures show it.", WHOLE),
    unseen_share=told("The probability that it is one training never showed.", SHARE),
    doubts={"type": "array", "items": {"enum": list(DOUBTS)}},
    temperatures={"type": "object", "additionalProperties": {"type": "number"}},
    alternatives=several("Alternative"),
    warnings=told("Sentences for people; empty when nothing is doubtful.", TEXTS),
    novelty=or_null({"$ref": "#/components/schemas/Novelty"}),
    left_out=or_null({"type": "object"}),
    error=told("Why the picture cannot be read.", TEXT),
)
SCHEMAS: Json = {
    "Error": record(
        "A refusal: a sentence for people, a code for programs.", error=TEXT, code=TEXT
    ),
    "Health": record("The API is on.", status={"const": "ok"}),
    "Classified": record(
        "The answer of classify.",
        project=TEXT,
        run=TEXT,
        labels_changed=CHANGED,
        results=several("Result"),
    ),
    "Result": RESULT,
    "Alternative": record(
        "Another reading of the picture.",
        labels=TEXTS,
        probability=SHARE,
        seen=told("Whether training showed it.", YES_OR_NO),
    ),
    "Novelty": record(
        "How far the picture is from all training pictures.",
        distance={"type": "number"},
        percentile=told("The part of known pictures that are nearer.", SHARE),
        far=told("Farther than 99 of 100 of them.", YES_OR_NO),
    ),
    "Models": record("The answer of models.", models=several("Model")),
    "Model": record(
        "A trained run.",
        project=TEXT,
        run=TEXT,
        recipe=TEXT,
        finished_at=or_null(TEXT),
        is_best=told("Whether it answers when no run is named.", YES_OR_NO),
        image_size_px=WHOLE,
        labels=TEXTS,
        groups=several("Group"),
        thresholds={"type": "array", "items": or_null({"type": "number"})},
        labels_changed=CHANGED,
    ),
    "Group": record("A group of labels.", name=TEXT, rule=TEXT, labels=TEXTS),
    "Similar": record(
        "The answer of similar.", project=TEXT, results=several("SimilarPicture")
    ),
    "SimilarPicture": record(
        "A picture of the project.",
        image_id=WHOLE,
        sha256=TEXT,
        name=TEXT,
        labels=TEXTS,
        likeness=told("1 for the same picture.", {"type": "number"}),
        title=TEXT,
        price=TEXT,
        link=TEXT,
    ),
}
