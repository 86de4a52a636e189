"""The pages by section. A new page is one more entry here, a new section one more tuple."""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from lab.text.product_files import PROJECT
from lab.ui.kit.url_widgets import PageMemory


@dataclass(frozen=True, kw_only=True)
class PageEntry:
    """One page. Its help text says what it answers."""

    file: str
    title: str
    icon: str
    help: str
    address: str
    default: bool = False

    @property
    def memory(self) -> PageMemory:
        """Return this page's part of the session."""
        return PageMemory(self.address)


@dataclass(frozen=True, kw_only=True)
class Section:
    """Pages that belong together in the menu."""

    title: str
    pages: tuple[PageEntry, ...]


LAB = PageEntry(
    file="pages/lab.py",
    title="Lab",
    icon=":material/experiment:",
    help="Choose a layer, channels and consents. See what they need and whether they can go live.",
    address="lab",
    default=True,
)
SCHEMA = PageEntry(
    file="pages/schema.py",
    title="Schema",
    icon=":material/database:",
    help="Every table and column with its privacy class, indexes, policies, grants, triggers and SQL.",
    address="schema",
)
CHAPTERS = PageEntry(
    file="pages/chapters.py",
    title="Chapters",
    icon=":material/fact_check:",
    help="The sixteen promises, the rules that carry each, and its state on the database.",
    address="chapters",
)

READINESS = PageEntry(
    file="pages/readiness.py",
    title="Readiness",
    icon=":material/verified_user:",
    help="Compares a database with the rules: each difference, why it matters, and the SQL that fixes it.",
    address="readiness",
)

ACCESS = PageEntry(
    file="pages/access.py",
    title="Access",
    icon=":material/key:",
    help="What each role may reach by the rules, and what the probes saw.",
    address="access",
)

SECTIONS = (
    Section(title="Explore", pages=(LAB, SCHEMA, CHAPTERS)),
    Section(title="Operate", pages=(READINESS, ACCESS)),
)


def open_page() -> Any:
    """Draw the menu in the sidebar and return the page that the address names.

    It replaces Streamlit's own menu, whose list of sections screen readers cannot follow.
    """
    if "menu of pages" not in st.session_state:
        st.session_state["menu of pages"] = _make_pages()
    made = st.session_state["menu of pages"]
    page = st.navigation(made, position="hidden")
    with st.sidebar.container(key="menu", gap=None):
        for title, entries in made.items():
            st.caption(title)
            for entry in entries:
                st.page_link(entry, width="stretch")
    return page


def _make_pages() -> dict[str, list[Any]]:
    return {section.title: [_page(entry) for entry in section.pages] for section in SECTIONS}


def _page(entry: PageEntry) -> Any:
    return st.Page(
        str(PROJECT / entry.file),
        title=entry.title,
        icon=entry.icon,
        help=entry.help,
        url_path=entry.address,
        default=entry.default,
    )
