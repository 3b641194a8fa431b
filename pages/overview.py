"""The Overview page."""

from pages.parts import layout

layout.page_title("Overview")
