"""The head of the Label page: its title, and how all of it fits a phone."""

from __future__ import annotations

import streamlit as st

from pages.parts import layout

# On a phone the pictures need the room: the menus stand beside the title, then come the
# views, then states and filter. Nothing depends on what is drawn later, so that nothing
# jumps. Chips are small and round, and never wider than the screen.
LOOK = """<style>
.st-key-label_chips button {
  min-height: 1.9rem; padding: 0 0.6rem; border-radius: 1rem; font-size: 0.85rem;
  max-width: min(22rem, 82vw);
}
.st-key-label_chips button p {
  overflow: hidden; text-overflow: ellipsis; white-space: nowrap; font-size: inherit;
}
@media (max-width: 640px) {
  .stMainBlockContainer:has(.st-key-label_title) { padding-top: 3.9rem; }
  .stVerticalBlock:has(> * > .st-key-label_title) { gap: 0.4rem; }
  .st-key-label_title [data-testid=stCaptionContainer] { display: none; }
  .st-key-label_title .stElementContainer:has([data-testid=stCaptionContainer]) {
    display: none;
  }
  .st-key-label_title { height: 2.2rem; overflow: hidden; }
  .st-key-label_title * { margin: 0; }
  .st-key-label_title h1 { padding: 0; font-size: 1.4rem; line-height: 2.2rem; }
  .st-key-label_bar { position: relative; }
  .st-key-label_bar > :has(> .st-key-label_menus) {
    position: absolute; right: 0; top: -2.6rem;
  }
  .st-key-label_menus, .st-key-label_row, .st-key-label_states { gap: 0.4rem; }
  .st-key-label_menus button, .st-key-label_more button {
    min-height: 2.2rem; padding: 0 0.5rem; font-size: 0.85rem;
  }
  .st-key-label_views_menu button { max-width: 9.5rem; }
  .st-key-label_states { flex-wrap: nowrap; }
  .st-key-label_states button { padding-inline: 0.5rem; }
  .st-key-label_state button p { font-size: 0.85rem; }
  .st-key-label_view { max-width: 100%; }
  .st-key-label_view [role=radiogroup] { flex-wrap: nowrap; overflow-x: auto; }
  .st-key-label_view button { flex: none; padding-inline: 0.45rem; }
  .st-key-label_view button p { font-size: 0.8rem; }
  /* One line of chips that scrolls under a finger. */
  .st-key-label_chips { flex-wrap: nowrap; max-width: 92vw; overflow-x: auto; }
  .st-key-label_chips > * { flex: none; }
}</style>"""


def show() -> None:
    """Draw the title, and the look that the rest of the page counts on."""
    with st.container(gap=None, key="label_title"):
        st.html(LOOK)
        layout.page_title(
            "Label", "Say what is on each picture: as many labels as fit."
        )
