"""Pieces of a page that more than one page draws."""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from lab.ui.kit.caches import read_theme
from lab.ui.kit.server_database import open_house
from lab.ui.kit.url_widgets import PageMemory

FOLDER = Path(__file__).parent
MARK, WORDMARK = str(FOLDER / "mark.svg"), str(FOLDER / "wordmark.svg")
STYLE = (FOLDER / "style.css").read_text(encoding="utf-8")


def draw_style() -> None:
    """Add the few lines of style that settings can't say."""
    st.html(f"<style>{STYLE}</style>")


def draw_notices(notices: tuple[str, ...]) -> None:
    """Say what was ignored in a link."""
    if notices:
        st.warning("\n\n".join(notices), icon=":material/link_off:")


def draw_house_note() -> None:
    """Say on a page that works without the database why there is none, and what to do."""
    house = open_house()
    if house.state == "unavailable":
        from lab.ui.kit.targets import tell_fault  # slow to import: the first page must not wait for it

        st.info(f"This page works from the rules alone. {tell_fault(house)}", icon=":material/database_off:")


def draw_opener(memory: PageMemory, label: str, open_it: Callable[[str], None], key: str) -> None:
    """Draw the name of something, which opens it.

    Args:
        memory: Of the page that it stands on.
        label: Its name, as Markdown.
        open_it: Called back with the key.
        key: Names it, once on a page.
    """
    st.button(
        f"**{label}**",
        key=memory.key(f"open {key}"),
        type="tertiary",
        icon=":material/arrow_forward:",
        icon_position="right",
        on_click=open_it,
        args=(key,),
    )


def draw_picture(
    memory: PageMemory,
    draw: Callable[[], str],
    *,
    key: str,
    alt: str,
    words: str,
    png: Callable[[], bytes],
    dot: Callable[[], str],
) -> None:
    """Draw a picture with its downloads and its words; without a renderer the words and the DOT text remain.

    Args:
        memory: Of the page that it stands on.
        draw: Draws the picture as SVG.
        key: Names the picture and its files.
        alt: Names the picture for whoever can't see it.
        words: The picture in words, as Markdown.
        png: Draws it as PNG, when that is asked for.
        dot: Writes it in Graphviz's language, when that is asked for.
    """
    from lab.pictures import PictureUnavailable

    try:
        svg = draw()
    except PictureUnavailable as error:
        st.info(str(error), icon=":material/image_not_supported:")
        st.markdown(words)
        _offer(memory, "Graphviz text", dot, f"{key}.dot", "text/vnd.graphviz")
        return
    with st.container(key=f"picture_{key}"):
        st.image(svg, alt=f"{alt}; the same in words stands below")
    with st.container(horizontal=True):
        _offer(memory, "SVG", lambda: svg, f"{key}.svg", "image/svg+xml")
        _offer(memory, "PNG", png, f"{key}.png", "image/png")
    with st.expander("The picture in words", icon=":material/notes:", expanded=False):
        st.markdown(words)


def _offer(memory: PageMemory, label: str, data: Callable[[], str | bytes], name: str, mime: str) -> None:
    offer_download(memory, label, data, f"{name.rsplit('.', 1)[0]}-{read_theme()}.{name.rsplit('.', 1)[1]}", mime)


def offer_download(memory: PageMemory, label: str, data: Callable[[], str | bytes], name: str, mime: str) -> None:
    """Offer a file that is made only when it is asked for, without drawing the page again."""
    st.download_button(
        label,
        data,
        name,
        mime,
        key=memory.key(f"download {name}"),
        on_click="ignore",
        icon=":material/download:",
    )


def draw_share(link: str) -> None:
    """Offer the link that brings back everything that is picked."""
    with st.popover("Copy link", icon=":material/link:", help="A link to this page with everything that is picked now"):
        st.code(link, language=None, wrap_lines=True)
