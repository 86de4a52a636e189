"""The pages by section. A new page is one more entry here, a new section one more line."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import streamlit as st

from lab.text.product_files import PROJECT
from lab.ui.kit.copy_link import draw_copy_link
from lab.ui.kit.url import Field
from lab.ui.kit.url_widgets import PageMemory


@dataclass(frozen=True, kw_only=True)
class PageEntry:
    """One page. Its title is its address and names its file.

    Args:
        title: In the menu.
        icon: In the menu.
        help: Says what it answers, on the page.
        heading: On the page; empty is the title.
        story: A sentence on the page before what it answers, if it has one.
        folder: Holds the script.
    """

    title: str
    icon: str
    help: str
    heading: str = ""
    story: str = ""
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

    def draw_head(self, fields: Sequence[Field], downloads: Callable[[], None] | None = None) -> None:
        """Draw the page's head: title, link, downloads, what it answers, and what was ignored in its address."""
        with st.container(horizontal=True, vertical_alignment="center"):
            st.title(self.heading or self.title, anchor=False, width="stretch")
            draw_copy_link(self.memory, fields)
            if downloads:
                downloads()
        st.caption(f"{self.story}  \n{self.help}" if self.story else self.help)
        if notices := self.memory.get("notices"):
            st.warning("\n\n".join(notices), icon=":material/link_off:")


LAB = PageEntry(
    title="Lab",
    icon=":material/experiment:",
    help="Choose the layer, delivery channels, and consent. "
    "The panel shows tables, jobs, env, RLS, and risks before a user pays.",
    heading="Live persistence lab",
    story="This wave connects Echo, Council, Artifacts, Passport, Shop, and Stripe to real Supabase tables: consent, "
    "jobs, purchase links, audit trail, and deletion requests. Without it, the site is beautiful but lives like "
    "stained glass without a wall.",
)
TOUR = PageEntry(
    title="Tour",
    icon=":material/tour:",
    help="One question from its payment to its deletion in ten steps: what is written, who may read it, and what "
    "everybody gets when they try.",
)
SCHEMA = PageEntry(
    title="Schema",
    icon=":material/database:",
    help="Every table, made from the same rules as the plan, the SQL and the checks.",
)
CHAPTERS = PageEntry(
    title="Chapters",
    icon=":material/fact_check:",
    help="Sixteen promises, the rules that carry each, and its state on the database.",
)
READINESS = PageEntry(
    title="Readiness",
    icon=":material/verified_user:",
    help="Compares a live database with the rules. "
    "Each finding shows the difference, why it matters, and the SQL that fixes it.",
)
ACCESS = PageEntry(
    title="Access",
    icon=":material/key:",
    help="What each role may reach by the rules, and what the probes saw on the database.",
)
PAYMENTS = PageEntry(
    title="Payments",
    icon=":material/payments:",
    help="What about payments waits for a person, each with its next step; and the newest purchases, events, reviews, "
    "refunds, disputes and prices. It shows no personal field.",
)
DELIVERIES = PageEntry(
    title="Deliveries",
    icon=":material/outgoing_mail:",
    help="Is everything delivered? What waits for a person, each with its next step; the jobs of each channel, and the "
    "newest attempts. It shows no personal field.",
)
REHEARSAL = PageEntry(
    title="Rehearsal",
    icon=":material/theater_comedy:",
    help="Plays a purchase on a temporary database while something goes wrong, and judges what is left.",
)
SECTIONS = {"Explore": (LAB, TOUR, SCHEMA, CHAPTERS, REHEARSAL), "Operate": (READINESS, ACCESS, PAYMENTS, DELIVERIES)}


def open_page() -> Any:
    """Draw the menu in the sidebar and return the page that the address names; the first page is the default.

    It replaces Streamlit's own menu, whose list of sections screen readers cannot follow. Each link holds the choices
    of its page, so that the browser's history has one entry for it, and no page is ever opened at another's address.
    """
    if "menu of pages" not in st.session_state:
        st.session_state["menu of pages"] = _make_pages()
    made = st.session_state["menu of pages"]
    page = st.navigation(list(made.values()), position="hidden")
    with st.sidebar.container(key="menu", gap=None):
        for title, entries in SECTIONS.items():
            st.caption(title)
            for entry in entries:
                query = entry.memory.query if entry.title != page.title else None
                st.page_link(made[entry.title], query_params=query, width="stretch")
    return page


def _make_pages() -> dict[str, Any]:
    """Return Streamlit's pages by title; the default page once more at its own address, where it would be missed."""
    first, *others = (entry for entries in SECTIONS.values() for entry in entries)
    at_root = _make_page(first, f"{first.address}-at-root")  # the path of the default page is not used
    hidden = _make_page(first, first.address, visibility="hidden")
    return {first.title: at_root, **{entry.title: _make_page(entry, entry.address) for entry in others}, "": hidden}


def _make_page(entry: PageEntry, path: str, visibility: Literal["visible", "hidden"] = "visible") -> Any:
    """Return a page for the menu. A tooltip there would cover the links beside it."""
    return st.Page(entry.file, title=entry.title, icon=entry.icon, url_path=path, visibility=visibility)
