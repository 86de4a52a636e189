"""The pages by section. A new page is one more entry here, a new section one more line."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from lab.text.product_files import PROJECT
from lab.ui.kit.url_widgets import PageMemory


@dataclass(frozen=True, kw_only=True)
class PageEntry:
    """One page. Its title is its address and names its file; its help text says what it answers."""

    title: str
    icon: str
    help: str
    folder: Path = PROJECT / "pages"

    @property
    def address(self) -> str:
        """Return the page's part of the URL."""
        return self.title.lower()

    @property
    def file(self) -> str:
        """Return the script's path."""
        return str(self.folder / f"{self.address}.py")

    @property
    def memory(self) -> PageMemory:
        """Return this page's part of the session."""
        return PageMemory(self.address)


LAB = PageEntry(
    title="Lab",
    icon=":material/experiment:",
    help="Choose a layer, channels and consents. See what they need and whether they can go live.",
)
SCHEMA = PageEntry(
    title="Schema",
    icon=":material/database:",
    help="Every table and column with its privacy class, indexes, policies, grants, triggers and SQL.",
)
CHAPTERS = PageEntry(
    title="Chapters",
    icon=":material/fact_check:",
    help="The sixteen promises, the rules that carry each, and its state on the database.",
)
READINESS = PageEntry(
    title="Readiness",
    icon=":material/verified_user:",
    help="Compares a database with the rules: each difference, why it matters, and the SQL that fixes it.",
)
ACCESS = PageEntry(
    title="Access",
    icon=":material/key:",
    help="What each role may reach by the rules, and what the probes saw.",
)
SECTIONS = {"Explore": (LAB, SCHEMA, CHAPTERS), "Operate": (READINESS, ACCESS)}


def open_page() -> Any:
    """Draw the menu in the sidebar and return the page that the address names; the first page is the default.

    It replaces Streamlit's own menu, whose list of sections screen readers cannot follow.
    """
    if "menu of pages" not in st.session_state:
        st.session_state["menu of pages"] = {title: list(map(_page, entries)) for title, entries in SECTIONS.items()}
    made = st.session_state["menu of pages"]
    page = st.navigation(made, position="hidden")
    with st.sidebar.container(key="menu", gap=None):
        for title, entries in made.items():
            st.caption(title)
            for entry in entries:
                st.page_link(entry, width="stretch")
    return page


def _page(entry: PageEntry) -> Any:
    return st.Page(entry.file, title=entry.title, icon=entry.icon, help=entry.help, url_path=entry.address)
