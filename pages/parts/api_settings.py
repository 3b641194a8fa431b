"""The HTTP API in Settings: switched on and off, its tokens, its limit."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

import streamlit as st

from pages.parts.text import duration, escape
from pages.routes.v1_door import PREFIX
from pages.routes.v1_limits import last_used
from storage.api_access import (
    HIGHEST_LIMIT,
    change_access,
    create_token,
    load_access,
    revoke_token,
    switch_api,
)
from storage.errors import StorageError
from storage.projects import list_projects, open_project
from storage.runs import list_runs

if TYPE_CHECKING:
    from storage.api_access import ApiAccess, Token

SECRET = "api_secret"
SWITCH = "api_on"
BEST = "The best run of the only project"
NONE = "None: a request must name its project"


def show() -> None:
    """Show the switch, and when it is on everything else."""
    with st.container(border=True, key="api_settings"):
        st.subheader(":primary[:material/api:] HTTP API", anchor=False)
        try:
            access = load_access()
        except StorageError as error:
            st.error(str(error))
            return
        st.session_state[SWITCH] = access.is_on
        st.toggle(
            "Programs may ask the models",
            key=SWITCH,
            on_change=change_switch,
            help="Programs that carry a token send pictures and get labels. Off, they "
            "are all refused.",
        )
        if not access.is_on:
            st.caption("Off. Scripts and other programs cannot send pictures.")
            return
        show_tokens(access)
        show_limits(access)


def change_switch() -> None:
    """Switch the API as the toggle stands now."""
    switch_api(on=bool(st.session_state[SWITCH]))


def show_tokens(access: ApiAccess) -> None:
    """Show every token with the way to revoke it, and how one is made."""
    show_new_token()
    for token in access.tokens:
        show_token(token)
    if not access.tokens:
        st.caption("No program has a token yet.")
    with st.form("api_new_token", border=False, clear_on_submit=True):
        row = st.container(horizontal=True, vertical_alignment="bottom")
        name = row.text_input(
            "Name of a new token",
            max_chars=60,
            placeholder="shop website",
            help="So that you know later which program it belongs to.",
        )
        if row.form_submit_button("Make a token", icon=":material/key:"):
            make_token(name)


def make_token(name: str) -> None:
    """Make a token and show it on the next run, or say why not."""
    try:
        token, secret = create_token(name)
    except StorageError as error:
        st.error(str(error))
        return
    st.session_state[SECRET] = (token.token_id, secret)
    st.rerun()


def show_new_token() -> None:
    """Show the token made just now; whatever is clicked next takes it away."""
    if SECRET not in st.session_state:
        return
    _, secret = st.session_state.pop(SECRET)
    st.success("Copy the token now: it is not kept and not shown again.")
    st.code(secret, language=None)
    asked = "" if load_access().default_model else example_project(model_names())
    st.code(curl_line(secret, asked), language="bash", wrap_lines=True)


def example_project(models: list[str]) -> str:
    """Return a project to name in a request; "" where none need be named."""
    projects = [name.partition("/")[0] for name in models]
    return projects[0] if len(set(projects)) > 1 else ""


def curl_line(secret: str, project: str) -> str:
    """Return what to type to try a token on a picture."""
    query = f"?project={quote(project)}" if project else ""
    return (
        f'curl -H "Authorization: Bearer {secret}" '
        f'--data-binary @picture.jpg "{address()}/classify{query}"'
    )


def address() -> str:
    """Return where the API is, as this browser sees the app."""
    parts = (st.context.url or "http://localhost:8501").split("/")
    return f"{parts[0]}//{parts[2]}{PREFIX}"


def show_token(token: Token) -> None:
    """Show a token's name, age and last use in one line."""
    used = last_used(token.token_id)
    when = "not used since the start"
    if used:
        when = f"used {duration(time.time() - used)} ago"
    made = datetime.fromisoformat(token.made_at).astimezone(UTC).date()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"**{escape(token.name)}** :small[:gray[made {made} · {when}]]",
            width="stretch",
        )
        with st.popover("Revoke", icon=":material/block:"):
            st.markdown(
                "Programs with this token are refused at once, and it cannot come back."
            )
            st.button(
                "Revoke it",
                key=f"api_revoke_{token.token_id}",
                on_click=revoke_token,
                args=(token.token_id,),
                type="primary",
            )


def show_limits(access: ApiAccess) -> None:
    """Show the limit and the model that answers when none is named."""
    models = ["", *model_names()]
    nothing = NONE if example_project(models[1:]) else BEST
    if access.default_model not in models:
        models.append(access.default_model)
    with st.form("api_limits", border=False):
        with st.grid(2, min_column_width=240):
            default = st.selectbox(
                "Model that answers when none is named",
                models,
                models.index(access.default_model),
                format_func=lambda name: name or nothing,
            )
            per_minute = st.number_input(
                "Pictures a minute, each token",
                1,
                HIGHEST_LIMIT,
                access.per_minute,
                help="More are refused, with the time to wait.",
            )
        if st.form_submit_button("Save these"):
            change_access(per_minute=int(per_minute), default_model=default)
            st.success("Saved.", icon=":material/check_circle:")
    st.caption(
        f"Address: `{address()}` · described in `docs/api.md` and, for programs, at "
        f"[openapi.json]({PREFIX}/openapi.json)"
    )


def model_names() -> list[str]:
    """Return "project/run" of every trained run, newest first in each project."""
    found = []
    for summary in list_projects():
        if summary.problem:
            continue
        with open_project(summary.name) as project:
            found += [
                f"{project.name}/{run.run_id}"
                for run in list_runs(project)
                if run.is_usable
            ]
    return found
