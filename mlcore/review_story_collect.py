"""What to collect, and whether to train again on what came since a run. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from mlcore.counted import counted
from mlcore.review_story_parts import (
    NAMED_AT_MOST,
    Evidence,
    Step,
    Text,
    join_names,
    places,
)
from mlcore.shopping import Advice


def train_again(evidence: Evidence) -> list[Step]:
    """Return the step to train again, if enough came that the run had not seen."""
    arrived = [one for one in evidence.arrived if one.is_enough]
    if not arrived:
        return []
    first = arrived[0]
    more = len(arrived) - 1
    others = f" and {counted(more, 'more combination')}" if more else ""
    pictures = counted(first.images, "picture")
    title = Text("Train again")
    why = f"{pictures} of {{}}{others} came since; this run had seen none."
    return [Step("train-again", title, Text(why, (join_names(first.names, evidence),)))]


def collect(evidence: Evidence) -> list[Step]:
    """Return what training lacks, and what of it has begun to come, in one step."""
    missing = [one for one in evidence.advice if not one.have][:NAMED_AT_MOST]
    begun = _begun(evidence, has_missing=bool(missing))
    if not missing and not begun:
        return []
    title = _about(missing, evidence)
    if begun:
        title += _more_of(begun, " and " if missing else "")
    why = _why_missing(missing, evidence) if missing else _why_begun(begun)
    if evidence.guesses_better:
        better = (evidence.guesses_better,)
        why += Text(" Until then {} guesses them best.", better)
    few = [one for one in evidence.arrived if not one.is_enough][:1]
    for one in few:
        pictures = counted(one.images, "picture")
        name = (join_names(one.names, evidence),)
        why += Text(f" {pictures} of {{}} came since the run.", name)
    return [Step("collect", Text("Collect ") + title, why)]


@dataclass(frozen=True, slots=True)
class _Begun:
    """A combination with `have` pictures, `missing` short of fine."""

    name: str
    have: int
    missing: int


def _begun(evidence: Evidence, *, has_missing: bool) -> list[_Begun]:
    """Those that came since and are still too few; without missing ones all thin."""
    found = {
        one.names: _Begun(join_names(one.names, evidence), one.images, one.missing)
        for one in evidence.arrived
        if one.missing
    }
    for one in () if has_missing else evidence.advice:
        begun = _Begun(join_names(one.names, evidence), one.have, one.wanted)
        found.setdefault(one.names, begun)
    return list(found.values())[:NAMED_AT_MOST]


def _about(missing: Sequence[Advice], evidence: Evidence) -> Text:
    """Return "about 30 pictures each of {}, {}"."""
    if not missing:
        return Text("")
    names = tuple(join_names(one.names, evidence) for one in missing)
    each = " each" if len(names) > 1 else ""
    count = max(one.wanted for one in missing)
    return Text(f"about {count:,} pictures{each} of {places(names)}", names)


def _more_of(begun: Sequence[_Begun], before: str) -> Text:
    """Return "29 more of {}, 12 more of {}", as Coverage counts."""
    words = ", ".join(f"{one.missing:,} more of {{}}" for one in begun)
    return Text(f"{before}{words}", tuple(one.name for one in begun))


def _why_missing(missing: Sequence[Advice], evidence: Evidence) -> Text:
    them = "it" if len(missing) == 1 else "them"
    why = Text(f"Training shows none of {them}, so no picture tells how it does there.")
    first = missing[0]
    if first.only_with:
        pair = (join_names(first.names, evidence), *first.only_with)
        why += Text(" Most of all {}: {} comes only with {}.", pair)
    return why


def _why_begun(begun: Sequence[_Begun]) -> Text:
    first = begun[0]
    are = "is" if first.have == 1 else "are"
    return Text(
        f"There {are} only {first.have:,} of {{}} so far: too few to be sure of it.",
        (first.name,),
    )
