"""Before and after: what training again changed on the pictures that were doubted."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from mlcore.before_after import (
    BeforeAfter,
    HeldOutChange,
    compare_doubted,
    count_right,
    held_out_change,
    read_pictures,
)
from mlcore.errors import MLError
from pages.parts.change_rows import ChangeRow, change_rows
from pages.parts.gallery import image_url
from pages.parts.text import counted, escape, number
from storage.errors import StorageError
from storage.runs import list_runs

if TYPE_CHECKING:
    from mlcore.before_after import PictureChange
    from storage.projects import Project
    from storage.records import Run

PER_PAGE = 8
PAGE_KEY = "loop_page"
NOTHING = "none of the labels"
NOT_JUDGED = "not judged: left open"
PARTS = {
    "train": "learned from",
    "validation": "held out",
    "test": "held out",
    "": "not learned from",
}


@dataclass(slots=True)
class Reading:
    """A run that looks at pictures, in a thread of its own.

    `is_told` says that the page was drawn anew since it ended; `base_error` why the run
    just before could not be asked.
    """

    total: int
    done: int = 0
    error: str = ""
    base_error: str = ""
    is_told: bool = False
    thread: threading.Thread | None = None

    @property
    def is_alive(self) -> bool:
        return self.thread is not None and self.thread.is_alive()


def loop_result(project: Project, run: Run) -> None:
    """Show what the run reads where runs before it were in doubt; else nothing."""
    if not run.is_usable:
        return
    found = compare_doubted(project, run)
    if not found.rows:
        return
    with st.container(border=True, key="train_before_after"):
        st.markdown("#### :primary[:material/compare:] Before and after")
        if not _is_all_read(project, found):
            _look(project, found)
        else:
            st.markdown(headline(found))
            _held_out_line(project, found)
            _older_line(found)
        _rows(project, found)


def headline(found: BeforeAfter) -> str:
    """Return how many are right before and after, as safe Markdown.

    Pictures the run learned from are of course right: they are told apart, and so are
    those of which people answered nothing that can be judged.
    """
    words = _judged_words(found) if found.judged else ""
    open_ones = len(found.rows) - len(found.judged)
    if not open_ones:
        return words
    verb = _verb(open_ones, "is", "are")
    return (
        f"{words} {counted(open_ones, 'picture')} {verb} not judged: people left open "
        "what shows there."
    ).strip()


def _judged_words(found: BeforeAfter) -> str:
    fair, learned = found.unlearned, [r for r in found.judged if r.is_trained_on]
    before, after = count_right(learned)
    if not fair:
        return (
            f"{number(before)} of {counted(len(learned), 'picture')} right before, "
            f"**{number(after)}** now. The run learned from all of them, so this says "
            "little; new pictures would say more."
        )
    was, now = count_right(fair)
    words = (
        f"Of the **{counted(len(fair), 'doubted picture')}** the run did not learn "
        f"from, {number(was)} {_verb(was, 'was', 'were')} right before and "
        f"**{number(now)}** {_verb(now, 'is', 'are')} now."
    )
    if learned:
        words += (
            f" Of the {number(len(learned))} it learned from: {number(before)} before, "
            f"{number(after)} now, as one would expect."
        )
    return words


def _verb(count: int, one: str, many: str) -> str:
    return one if count == 1 else many


def _held_out_line(project: Project, found: BeforeAfter) -> None:
    """Say what it cost: exact match on what both runs kept aside."""
    key = f"loop_held_out {project.name} {found.base_run} {found.run.run_id}"
    if key not in st.session_state:
        change = held_out_change(project, found.base_run, found.run.run_id)
        st.session_state[key] = change
    if change := st.session_state[key]:
        st.markdown(held_out_words(change))


def held_out_words(change: HeldOutChange) -> str:
    """Return "On the 89 held-out pictures …: 86 right before, 87 now"."""
    words = (
        f"On the {counted(change.images, 'held-out picture')} of both runs: "
        f"{number(change.before)} entirely right before, **{number(change.after)}** "
        "now."
    )
    if change.is_chance and change.after != change.before:
        differ = number(abs(change.after - change.before))
        which = "more" if change.after > change.before else "fewer"
        return (
            f":gray[:material/equal:] {words} {differ} {which}, within what chance "
            "explains."
        )
    if change.after < change.before:
        lost = number(change.before - change.after)
        return f":orange[:material/trending_down:] {words} That is a loss of {lost}."
    if change.after > change.before:
        return f":green[:material/trending_up:] {words}"
    return f":gray[:material/trending_flat:] {words} Nothing was lost."


def _older_line(found: BeforeAfter) -> None:
    """Say where an older reading stands in for that of the run just before."""
    older = sum(row.run_before != found.base_run for row in found.rows)
    if older and found.base:
        st.caption(
            f"Run {found.base.number} could not be asked about "
            f"{counted(older, 'picture')}: before is what was recorded of "
            f"{_verb(older, 'it', 'them')} earlier."
        )


def _key_of(project: Project, found: BeforeAfter) -> str:
    """Name the work: other pictures or another run before are looked at anew."""
    pictures = hash(frozenset(row.image_id for row in found.rows))
    return f"loop_{project.name} {found.run.run_id} {found.base_run} {pictures}"


def _is_all_read(project: Project, found: BeforeAfter) -> bool:
    """Whether both runs looked; of the one before, whether it was asked at least."""
    if found.missing or not found.unread:
        return not found.missing
    work: Reading | None = st.session_state.get(_key_of(project, found))
    return bool(work and work.is_told and work.base_error)


def _look(project: Project, found: BeforeAfter) -> None:
    """Let both runs look at the pictures, once, and say how far they are."""
    key = _key_of(project, found)
    work: Reading | None = st.session_state.get(key)
    if work is None:
        work = Reading(len(found.missing) + len(found.unread))
        st.session_state[key] = work
        _start(work, project.name, found)
    if work.is_alive or not work.is_told:
        _follow(work, found.run)
        return
    why = work.error or "The predictor ended too early."
    st.markdown(f":orange[:material/info:] {escape(why)}")
    if st.button("Look again", key="loop_look_again"):
        del st.session_state[key]
        st.rerun()


def _follow(work: Reading, run: Run) -> None:
    """Say how far it is; draw the page anew, once, when it has ended."""

    @st.fragment(run_every="0.5s")
    def follow() -> None:
        if not work.is_alive:
            work.is_told = True
            st.rerun()
        words = f"Run {run.number} looks at {counted(work.total, 'picture')} …"
        st.progress(work.done / work.total, text=words)

    follow()


def _start(work: Reading, project_name: str, found: BeforeAfter) -> None:
    def read(run_id: str, image_ids: Sequence[int]) -> str:
        """Return why it could not, else nothing."""
        before = work.done

        def note(done: int, _total: int) -> None:
            work.done = before + done

        try:
            read_pictures(project_name, run_id, image_ids, note)
        except (MLError, StorageError, OSError) as error:
            return str(error)
        return ""

    def read_both() -> None:
        if found.base and found.unread:
            work.base_error = read(found.base.run_id, found.unread)
            work.done = len(found.unread)
        if found.missing:
            work.error = read(found.run.run_id, found.missing)

    work.thread = threading.Thread(target=read_both, daemon=True, name="before-after")
    work.thread.start()


def _rows(project: Project, found: BeforeAfter) -> None:
    pages = -(-len(found.rows) // PER_PAGE)
    page = min(st.session_state.get(PAGE_KEY) or 1, pages)
    on_page = found.rows[(page - 1) * PER_PAGE : page * PER_PAGE]
    titles = (_before_title(project, found), f"After: run {found.run.number}", "People")
    rows = [_as_row(project, row) for row in on_page]
    change_rows(rows, titles, key="loop_rows")
    if pages > 1:
        with st.container(horizontal_alignment="center"):
            st.pagination(pages, key=PAGE_KEY)


def _before_title(project: Project, found: BeforeAfter) -> str:
    """Name the run before, where it is one."""
    if len({row.run_before for row in found.rows}) > 1:
        return "Before"
    runs = {run.run_id: run.number for run in list_runs(project)}
    return f"Before: run {runs[found.rows[0].run_before]}"


def _as_row(project: Project, row: PictureChange) -> ChangeRow:
    return ChangeRow(
        url=image_url(project.name, row.sha256),
        name=row.name,
        before=_join(row.before),
        was_right=row.was_right,
        after="…" if row.after is None else _join(row.after),
        is_right=row.is_right,
        said=_join(row.said),
        part=PARTS[row.part] if row.is_judged else NOT_JUDGED,
    )


def _join(names: Sequence[str]) -> str:
    return " ".join(names) or NOTHING
