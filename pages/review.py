"""The Review page."""

from pages.parts import layout

layout.page_title("Review")
