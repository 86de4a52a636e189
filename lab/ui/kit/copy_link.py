"""A button that copies the link to the page as it stands, and says so."""

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlencode

import streamlit as st

from lab.ui.kit.url import Field, write_query
from lab.ui.kit.url_widgets import PageMemory

_HTML = """<button type="button"><svg viewBox="0 0 24 24" width="18" height="18" aria-hidden="true"><path d="M3.9 12a3.1
 3.1 0 0 1 3.1-3.1h4V7H7a5 5 0 0 0 0 10h4v-1.9H7A3.1 3.1 0 0 1 3.9 12zM8 13h8v-2H8v2zm9-6h-4v1.9h4a3.1 3.1 0 0 1 0
 6.2h-4V17h4a5 5 0 0 0 0-10z"/></svg><span>Copy link</span></button>
<span role="status"></span><input readonly hidden aria-label="Link to this page">
"""
_CSS = """
:host { display: block; }
button { display: inline-flex; width: 100%; align-items: center; justify-content: center;
  gap: 0.5rem; min-height: 2.5rem; padding: 0.25rem 0.75rem;
  border: 1px solid var(--st-border-color); border-radius: var(--st-button-radius);
  background: var(--st-background-color); color: inherit; font: inherit; font-size: 0.875rem;
  cursor: pointer; white-space: nowrap; }
button:hover, button:focus-visible { border-color: var(--st-primary-color); color: var(--st-primary-color); }
button:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 1px; }
path { fill: currentColor; }
[role=status]:not(:empty) { position: absolute; z-index: 2; left: 0; width: 14rem; margin-top: 2.8rem;
  padding: 0.35rem 0.6rem; border: 1px solid var(--st-border-color); border-radius: var(--st-base-radius);
  font-size: 0.8rem; background: var(--st-secondary-background-color); }
input { width: 100%; margin-top: 0.3rem; font: inherit; }
"""
_JS = (Path(__file__).parent / "copy_link.js").read_text(encoding="utf-8")
_BUTTON = st.components.v2.component("copy_link", html=_HTML, css=_CSS, js=_JS)


def draw_copy_link(memory: PageMemory, fields: Sequence[Field]) -> None:
    """Draw the button, which copies the address, and the query of a page that has none there."""
    query = urlencode(write_query({field.name: field.start for field in fields}, fields, whole=True), doseq=True)
    _BUTTON(key=memory.key("copy link"), data={"query": query}, width="content", height=40)
