"""The Data page."""

from pages.parts import layout

layout.page_title("Data")
