"""The Label page."""

from pages.parts import layout

layout.page_title("Label")
