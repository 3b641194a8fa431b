"""Where data lies, limits, weights, versions, and the end of a project."""

from __future__ import annotations

import platform
from functools import cache
from importlib.metadata import PackageNotFoundError, version

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.parts import api_settings, layout, project_removal, session
from pages.parts.text import escape, size
from storage.database import describe_engine
from storage.errors import StorageError
from storage.home import Settings, home_dir, load_settings, save_settings, weights_dir

VERSIONS_OF = (
    *("streamlit", "tensorflow", "keras", "onnxruntime", "pandas", "pillow"),
    "sqlite-utils",
)
MB = 2**20
MEGAPIXEL = 1_000_000


def show() -> None:
    """Show each group of settings in a card."""
    layout.page_title("Settings", "They hold for every project of this data folder.")
    show_limits(load_settings())
    api_settings.show()
    with st.grid(2, min_column_width=320):
        show_places()
        show_weights()
        show_versions()
        show_engine()
    if name := session.current_project_name():
        project_removal.show(name)
    project_removal.show_trash()


def show_limits(settings: Settings) -> None:
    """Show the form of everything a person may change."""
    with st.form("settings_form", border=True):
        st.subheader("You and the limits", anchor=False)
        name = st.text_input(
            "Your name",
            settings.name,
            max_chars=100,
            help="The history of each picture says who gave which answer. Where "
            "several people label, each says a name in the sidebar.",
        )
        with st.grid(3, min_column_width=200):
            file_mb = st.number_input(
                "Largest picture file (MB)",
                1,
                2000,
                max(1, settings.max_image_bytes // MB),
                help="Larger files are refused when pictures are brought in.",
            )
            megapixels = st.number_input(
                "Largest picture (megapixels)",
                1,
                1000,
                max(1, settings.max_image_pixels // MEGAPIXEL),
                help="A small file can unfold to a picture that fills the memory.",
            )
            thin_below = st.number_input(
                "Thin below (pictures)",
                1,
                100_000,
                settings.thin_below,
                help="Coverage lists combinations with fewer pictures than this.",
            )
        url = webhook_field(settings)
        is_fetching = fetch_field(settings)
        if st.form_submit_button("Save", type="primary"):
            limits = int(file_mb) * MB, int(megapixels) * MEGAPIXEL, int(thin_below)
            keep(name, *limits, webhook_url=url, fetch_pictures=is_fetching)


def webhook_field(settings: Settings) -> str:
    """Show the field of the address that is told when a run ends."""
    return st.text_input(
        "Tell this address when a run ends",
        settings.webhook_url,
        max_chars=500,
        placeholder="http://127.0.0.1:9000/done",
        help="A program of yours on this computer gets project, run, state and "
        "figures as JSON by POST. Other computers are refused. Empty tells nobody.",
    )


def fetch_field(settings: Settings) -> bool:
    """Show the switch of what else reaches out of this computer."""
    return st.toggle(
        "Classify pictures by their web address",
        settings.fetch_pictures,
        key="settings_fetch",
        help="Classify then has a field for an address. Only pictures of the public "
        "web are fetched, none from this computer or its network.",
    )


def keep(
    name: str,
    file_bytes: int,
    pixels: int,
    thin_below: int,
    *,
    webhook_url: str = "",
    fetch_pictures: bool = False,
) -> None:
    """Save the settings, or say in a sentence why not."""
    try:
        save_settings(
            Settings(
                max_image_bytes=file_bytes,
                max_image_pixels=pixels,
                thin_below=thin_below,
                name=name.strip(),
                webhook_url=webhook_url.strip(),
                fetch_pictures=fetch_pictures,
            )
        )
    except StorageError as error:
        st.error(str(error))
        return
    st.success("Saved.", icon=":material/check_circle:")


def show_places() -> None:
    """Show the data folder and the log."""
    with card("Where everything lies", "folder"):
        st.markdown("Data folder")
        st.code(str(home_dir()), language=None)
        st.caption("Set `UNSEEN_HOME` before the start to use another one.")
        st.markdown("Log")
        st.code(str(home_dir() / "unseen.log"), language=None)


def show_weights() -> None:
    """Show the folder for pretrained weights and what lies in it."""
    with card("Pretrained weights", "download"):
        st.markdown("Without a network connection, put weight files here:")
        st.code(str(weights_dir()), language=None)
        found = sorted(weights_dir().glob("*.h5")) if weights_dir().is_dir() else []
        for path in found:
            st.markdown(
                f":green[:material/check:] {escape(path.name)} "
                f"({size(path.stat().st_size)})"
            )
        if not found:
            st.caption("No `.h5` file is there. VGG16 is then fetched when needed.")


def show_versions() -> None:
    """Show which versions run here, without importing TensorFlow."""
    with card("Versions", "info"):
        lines = [f"Unseen {version_of('unseen') or '0.1.0'}"]
        lines += [f"Python {platform.python_version()}"]
        lines += [f"{name} {version_of(name) or 'missing'}" for name in VERSIONS_OF]
        st.markdown("  \n".join(lines))


@cache
def version_of(package: str) -> str | None:
    """Return the installed version of a package, None when it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def show_engine() -> None:
    """Show SQLite's state and whether its write-ahead log is safe to use."""
    engine = describe_engine()
    with card("Database engine", "database"):
        st.markdown(
            f"SQLite {engine['sqlite_version']} ({engine['library']})  \n"
            f"Journal: {engine['journal_mode']}"
        )
        if engine["wal_safe"]:
            st.markdown(":green[:material/check:] Write-ahead log is safe here.")
        else:
            st.caption(
                "This SQLite has a known fault in its write-ahead log, so the slower, "
                "safe journal is used."
            )


def card(title: str, icon: str) -> DeltaGenerator:
    """Return a bordered container with a heading."""
    box = st.container(border=True, height="stretch")
    box.subheader(f":primary[:material/{icon}:] {title}", anchor=False)
    return box


show()
