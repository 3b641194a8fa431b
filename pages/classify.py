"""The Classify page."""

from pages.parts import layout

layout.page_title("Classify")
