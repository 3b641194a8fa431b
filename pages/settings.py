"""The Settings page."""

from pages.parts import layout

layout.page_title("Settings")
