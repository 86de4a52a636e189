"""A part of a page that is drawn anew alone: a click in it leaves the rest of the page as it is."""

from collections.abc import Callable, Sequence

import streamlit as st

from lab.ui.kit.url import Field
from lab.ui.kit.url_widgets import PageMemory


def draw_alone(
    memory: PageMemory, fields: Sequence[Field], draw: Callable[[], None], stands: Callable[[], bool] = lambda: True
) -> None:
    """Draw the part of a page that its own widgets change, and nothing else.

    A notice at the head of the page goes with the next click, so a page that has one is drawn anew as a whole.

    Args:
        memory: Of the page.
        fields: What its address holds; the part writes it, too.
        draw: Draws the part.
        stands: Whether what the part was given still holds; if not, the whole page is drawn anew.
    """
    if memory.get("notices") or memory.get("refused"):
        draw()
    else:
        _draw_part(memory, fields, draw, stands)


@st.fragment
def _draw_part(
    memory: PageMemory, fields: Sequence[Field], draw: Callable[[], None], stands: Callable[[], bool]
) -> None:
    if not stands():
        st.rerun()
    draw()
    memory.close_address(fields)
