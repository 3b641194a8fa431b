"""The application: pages, picture and API routes, start-up checks.

`python app.py` serves it with uvicorn on UNSEEN_ADDRESS:UNSEEN_PORT;
`streamlit run app.py` works too, with Streamlit's own server settings.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from pages.parts.errors import on_script_error
from pages.routes import ROUTES, answers, background, serving
from pages.routes.guard import Guard
from pages.routes.usage import UnknownOption, read_arguments
from storage.errors import HomeError
from storage.home import home_dir

ROOT = Path(__file__).resolve().parent

app = st.App(
    # Absolute: a relative path is resolved against three different folders
    # depending on how the server was started.
    ROOT / "pages" / "main.py",
    routes=ROUTES,
    middleware=[Middleware(Guard)],
    lifespan=background.lifespan,
    on_script_error=on_script_error,
    exception_handlers=answers.HANDLERS,
)


def settle_folder() -> None:
    """Go to the folder of this file, where Streamlit looks for its settings.

    A relative UNSEEN_HOME still means the folder a person started from.
    """
    if os.environ.get("UNSEEN_HOME"):
        os.environ["UNSEEN_HOME"] = str(home_dir())
    os.chdir(ROOT)


def main(arguments: Sequence[str]) -> int:
    """Serve the app, or say how it is used; return the exit code."""
    try:
        usage = read_arguments(arguments)
    except UnknownOption as error:
        print(error, file=sys.stderr)
        return 2
    if usage is not None:
        print(usage)
        return 0
    try:
        settle_folder()
    except HomeError as error:
        print(error, file=sys.stderr)
        return 1
    return serving.serve(app)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
