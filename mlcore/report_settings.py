"""How a run was made: what everybody understands first, every setting at the end."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from mlcore.config_fields import FIELDS_BY_NAME
from mlcore.decisions import EXCLUSIVE_RULES
from mlcore.evaluation import HeldOut
from mlcore.imported_snapshot import is_imported
from mlcore.recipes import RECIPES, Recipe
from mlcore.report_parts import Block, Table, Words
from mlcore.run_compare import setting_title, settings_of
from mlcore.setting_words import choice_words
from mlcore.snapshot import Snapshot
from storage.records import Run
from storage.run_imports import IMPORTED

Rows = Sequence[tuple[str, ...]]

# What counts as yes, by the rule that set the limits; others were set by hand.
LIMITS = {
    "fixed": "from a probability of {least:.0f} % on",
    "best-f1": "from a limit of its own, set where held-out pictures gave the best "
    "balance of found and false ones (F1)",
    "best-f2": "from a limit of its own, set where held-out pictures gave the best "
    "balance, a miss counting more than a false one (F2)",
    "target-recall": "from a limit of its own that finds {target:.0f} % of them",
    "target-precision": "from a limit of its own at which {target:.0f} % are right",
    "miss-cost": "from a limit of its own, a miss costing as much as {cost:g} false "
    "alarms",
}
OWN_LIMITS = "from a limit of its own, set by hand"


def made_blocks(
    run: Run, snapshot: Snapshot, held_out: HeldOut, facts: Mapping[str, Any]
) -> list[Block]:
    """Say how a run was made in plain words, then what differs from its recipe."""
    blocks: list[Block] = [
        Words("How it was made", is_head=True),
        Table(("in plain words", ""), tuple(plain_rows(run, snapshot, held_out))),
    ]
    if is_imported(facts):
        return blocks
    recipe = nearest_recipe(run)
    known = run.recipe in RECIPES
    title = "Settings that differ from " + (
        "the recipe" if known else f"the recipe it is nearest to, “{recipe.plain}”"
    )
    changed = tuple(changed_rows(run, recipe))
    found: Block = Table(("setting", "this run", "recipe"), changed)
    if not changed:
        found = Words("None: everything is as the recipe has it.")
    return [*blocks, Words(title, is_head=True), found]


def every_setting(run: Run, facts: Mapping[str, Any]) -> list[Block]:
    """List all settings, versions and digests, small: who needs them looks them up."""
    blocks: list[Block] = [Words("To make it again", is_head=True)]
    if not is_imported(facts):
        rows = tuple(
            (setting_title(n), _plain(n, v)) for n, v in settings_of(run).items()
        )
        blocks.append(Table(("every setting", ""), rows, is_small=True))
    rows = tuple(version_rows(run, facts))
    return [*blocks, Table(("made with", ""), rows, is_small=True)]


def plain_rows(run: Run, snapshot: Snapshot, held_out: HeldOut) -> Rows:
    """Return what a person needs who never trained a network."""
    recipe = RECIPES.get(run.recipe)
    named = f"{recipe.plain}. {recipe.description}" if recipe else ""
    parts = snapshot.images["split"].value_counts().to_dict()
    groups = ", ".join(
        f"{g.name} ({g.rule.replace('-', ' ')})" for g in snapshot.groups
    )
    settings = settings_of(run)
    size = settings.get("image_size_px")
    look = "in gray" if settings.get("colour") == "gray" else "in colour"
    learned = f"{int(parts['train']):,} to learn from; " if parts.get("train") else ""
    return [
        ("Recipe", named or f"{run.recipe} (not one that comes with Unseen)"),
        (
            "Pictures",
            f"{learned}{len(held_out.y):,} kept out to judge it ({held_out.split})",
        ),
        (
            "Labels",
            f"{len(held_out.labels):,}" + (f", in groups: {groups}" * bool(groups)),
        ),
        ("Picture size", f"each is seen at {size} × {size} pixels, {look}"),
        ("How it decides", decision_words(held_out)),
        ("Trained", f"{_day(run)}, took {_duration(run.seconds)}"),
        (
            "Seed",
            f"{settings.get('seed')}: where chance starts; the same seed gives the "
            "same shuffles",
        ),
    ]


def decision_words(held_out: HeldOut) -> str:
    """Say when a label counts as yes."""
    if held_out.output == "softmax":
        return "Of all labels, it takes the one it is surest of."
    exclusive = [g for g in held_out.groups if g.rule in EXCLUSIVE_RULES]
    taken = {i for group in exclusive for i in group.label_ids}
    found = []
    if held_out.output == "groups" and exclusive:
        names = " and ".join(group.name for group in exclusive)
        found.append(f"Of each group ({names}), it takes the label it is surest of.")
    else:
        taken = set()
    if any(label.label_id not in taken for label in held_out.labels):
        which = "Every other label" if taken else "Each label"
        found.append(f"{which} is asked by itself: {_limit_words(held_out)}.")
    return " ".join(found)


def _limit_words(held_out: HeldOut) -> str:
    chosen = held_out.set_to
    if chosen.limits.top_k:
        return f"the {chosen.limits.top_k} strongest count"
    least = min(chosen.limits.thresholds, default=0.5) * 100
    words = LIMITS.get(chosen.rule, OWN_LIMITS)
    target = chosen.target
    return "yes " + words.format(least=least, target=target * 100, cost=target)


def recipe_title(run: Run) -> str:
    """Return what the recipe's card is called, a saved one by its own name."""
    if run.recipe == IMPORTED:
        return "Imported model"
    recipe = RECIPES.get(run.recipe)
    return recipe.plain if recipe else run.recipe


def nearest_recipe(run: Run) -> Recipe:
    """Return the run's recipe, of an unknown name the one with the fewest changes."""
    found = RECIPES.get(run.recipe)
    return found or min(RECIPES.values(), key=lambda r: len(changed_rows(run, r)))


def changed_rows(run: Run, recipe: Recipe) -> Rows:
    """Return the settings that count for this run and differ from the recipe."""
    usual = recipe.config.as_json()
    return [
        (setting_title(name), _plain(name, value), _plain(name, usual[name]))
        for name, value in settings_of(run).items()
        if value != usual[name]
    ]


def version_rows(run: Run, facts: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
    """Return versions and digests."""
    versions = facts.get("versions", {})
    return [
        ("recipe", run.recipe),
        *((str(name), str(version)) for name, version in versions.items()),
        ("data, SHA-256", run.data_sha256 or "not written down"),
        ("frozen data, SHA-256", str(facts.get("snapshot_sha256", "–"))),
    ]


def _day(run: Run) -> str:
    moment = datetime.fromisoformat(run.ended_at or run.created_at)
    return f"{moment.astimezone():%d %B %Y, %H:%M}"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes:,} min {rest} s" if minutes else f"{rest} s"


def _plain(name: str, value: Any) -> str:
    """Return a value as the Train page words it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if value in (None, ""):
        return "empty"
    field = FIELDS_BY_NAME.get(name)
    if field and field.kind == "choice":
        return choice_words(name)(str(value))
    return f"{value:g}" if isinstance(value, float) else str(value)
