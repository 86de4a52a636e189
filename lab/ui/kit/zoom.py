"""A picture that can be zoomed and moved."""

from pathlib import Path
from typing import Any

import streamlit as st

FOLDER = Path(__file__).parent
HTML = """
<div class="frame" tabindex="0" role="group" aria-label="Picture: plus and minus zoom, arrow keys move">
  <img alt="">
</div>
<div class="buttons">
  <button type="button" data-act="+" aria-label="Zoom in">+</button>
  <button type="button" data-act="-" aria-label="Zoom out">&minus;</button>
  <button type="button" data-act="fit" aria-label="Show all of it">Fit</button>
</div>
"""


@st.cache_resource(show_spinner=False)
def _register() -> Any:
    """Register the component once for the server."""
    texts = {form: (FOLDER / f"zoom.{form}").read_text(encoding="utf-8") for form in ("css", "js")}
    return st.components.v2.component("zoomed_picture", html=HTML, css=texts["css"], js=texts["js"])


def draw_zoomed(svg: str, alt: str, key: str) -> None:
    """Draw an SVG as an image, in which no script runs.

    Args:
        svg: The picture.
        alt: Names it for screen readers.
        key: Of the page's memory.
    """
    _register()(data={"svg": svg, "alt": alt}, key=key)
