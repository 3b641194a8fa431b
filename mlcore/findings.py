"""One line of what is wrong or risky about a run, and what would mend it."""

from dataclasses import dataclass

from mlcore.config_kinds import Value


@dataclass(frozen=True, slots=True)
class Remedy:
    """What one click does about a finding; `title` says it, such as "Use sigmoid".

    Either `settings` of the run change, or another `recipe` is chosen, or a `page`
    opens (`address` says where on it), or `act` is done to the answers: "fill
    implied" says yes to what is implied, "say no" says no to `label_ids` where
    nobody has answered.
    """

    title: str
    settings: tuple[tuple[str, Value], ...] = ()
    recipe: str = ""
    page: str = ""
    address: tuple[tuple[str, str], ...] = ()
    act: str = ""
    label_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the list; `level` is 'stop', 'warn' or 'info'.

    `text` and `hint` are plain text and may hold label names: escape them.
    `topic` is "coverage" for missing combinations, which some pages show already.
    """

    level: str
    text: str
    hint: str = ""
    topic: str = ""
    remedy: Remedy | None = None


def listed(names: list[str], shown: int = 5, total: int | None = None) -> str:
    """The first few names, and how many more there are of `total` (else of these)."""
    more = (len(names) if total is None else total) - shown
    words = ", ".join(names[:shown])
    return f"{words} and {more:,} more" if more > 0 else words
