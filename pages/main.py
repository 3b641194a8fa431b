"""What runs for every page: navigation, project picker, the one error screen."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from mlcore.errors import MLError
from pages.parts import errors, lost_words, run_notice, session, sidebar
from storage.errors import StorageError
from storage.home import home_dir, prepare_home
from storage.projects import project_names

ICONS = Path(__file__).parent / "parts"

PAGES = [
    ("overview", "Overview", ":material/home:", "Where this project stands."),
    ("data", "Data", ":material/add_photo_alternate:", "Bring pictures in."),
    ("label", "Label", ":material/sell:", "Say what is on each picture."),
    ("coverage", "Coverage", ":material/grid_view:", "Combinations never shown."),
    ("train", "Train", ":material/model_training:", "Start and watch a run."),
    ("review", "Review", ":material/fact_check:", "How good a run is."),
    ("classify", "Classify", ":material/image_search:", "Label new pictures."),
    ("settings", "Settings", ":material/settings:", "Limits, weights, versions."),
]


def show_page() -> None:
    """Draw the frame around a page, then the page itself."""
    page = st.navigation(
        [
            st.Page(f"{name}.py", title=title, icon=icon, url_path=name, help=help_text)
            for name, title, icon, help_text in PAGES
        ],
        expanded=True,
    )
    if not home_dir().is_dir():
        prepare_home()
    session.show_flashes()
    names = project_names()
    current = session.settle_project(names)
    sidebar.show(names, current)
    with st.sidebar:
        lost_words.show()
        if current:
            run_notice.show(current, page.url_path)
    page.run()


st.set_page_config(
    page_title="Unseen",
    # A Material icon here would be fetched from a font host by the browser.
    page_icon=str(ICONS / "icon.png"),
    layout="wide",
)
st.logo(str(ICONS / "logo.svg"), icon_image=str(ICONS / "icon.svg"), size="large")
try:
    show_page()
except (StorageError, MLError) as error:
    errors.show_sentence(error)
