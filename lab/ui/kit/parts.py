"""Pieces of a page that more than one page draws."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

import streamlit as st

from lab.readiness.reports.forms import KINDS, Forms
from lab.ui.kit.caches import read_theme
from lab.ui.kit.server_database import open_server_database
from lab.ui.kit.url_widgets import PageMemory
from lab.ui.kit.zoom import draw_zoomed

T = TypeVar("T")
TO_TAKE = ("json", "markdown", "pdf")
"""The forms that a page offers when it offers all that people take home."""
FOLDER = Path(__file__).parent
MARK, WORDMARK = str(FOLDER / "mark.svg"), str(FOLDER / "wordmark.svg")


def draw_database_note() -> None:
    """Say on a page that works without a database why there is none, and what to do."""
    database = open_server_database()
    if database.state == "unavailable":
        from lab.ui.kit.targets import explain_fault  # slow to import: the first page must not wait for it

        st.info(f"This page needs no database. {explain_fault(database)}", icon=":material/database_off:")


def draw_picture(
    memory: PageMemory,
    draw: Callable[[], str],
    *,
    key: str,
    alt: str,
    words: str,
    png: Callable[[], bytes],
    dot: Callable[[], str],
    width: int | None = None,
    zooms: bool = False,
) -> None:
    """Draw a picture with its downloads and its words; without a renderer the words and the DOT text remain.

    Args:
        memory: Of the page that it stands on.
        draw: Draws the picture as SVG.
        key: Names the picture and its files.
        alt: Names the picture for screen readers.
        words: The picture in words, as Markdown.
        png: Draws it as PNG.
        dot: Writes it in Graphviz's language.
        width: In pixels; none is as wide as the page.
        zooms: Whether it can be zoomed and moved.
    """
    from lab.pictures import PictureUnavailable

    file = f"{key}-{read_theme()}"
    try:
        svg = draw()
    except PictureUnavailable as error:
        st.info(str(error), icon=":material/image_not_supported:")
        st.markdown(words)
        offer_download(memory, "Graphviz text", dot, f"{file}.dot", "text/vnd.graphviz")
        return
    with st.container(key=f"picture_{key}"):
        said = f"{alt}. The text below says the same."
        if zooms:
            draw_zoomed(svg, said, memory.key(f"zoomed {key}"))
        else:
            st.image(svg, alt=said, width=width or "stretch")
    with st.container(horizontal=True):
        offer_download(memory, "SVG", lambda: svg, f"{file}.svg", "image/svg+xml")
        offer_download(memory, "PNG", png, f"{file}.png", "image/png")
    with st.expander("The picture in words", icon=":material/notes:"):
        st.markdown(words)


def offer_download(memory: PageMemory, label: str, data: Callable[[], str | bytes], name: str, mime: str) -> None:
    """Offer a file that is made on request, without another run of the page."""
    st.download_button(
        label, data, name, mime, key=memory.key(f"download {name}"), on_click="ignore", icon=":material/download:"
    )


def draw_export(memory: PageMemory, file: str, forms: Forms[T], report: T, picked: Sequence[str] = TO_TAKE) -> None:
    """Draw the menu that offers a report to take home; see `offer_forms`."""
    menu, _, _ = file.partition("-")  # what follows changes with the choices, and the menu stays
    with st.popover("Export", icon=":material/download:", type="tertiary", key=memory.key(f"export {menu}")):
        offer_forms(memory, file, forms, report, picked)


def offer_forms(memory: PageMemory, file: str, forms: Forms[T], report: T, picked: Sequence[str] = TO_TAKE) -> None:
    """Offer a report as files in the picked forms, each made on request.

    Args:
        memory: Of the page.
        file: The files' name, without its end.
        forms: The report's forms.
        report: The report.
        picked: Names of forms.
    """
    for form in picked:
        kind = KINDS[form]
        offer_download(memory, kind.label, partial(forms[form], report), f"{file}.{kind.suffix}", kind.media_type)
