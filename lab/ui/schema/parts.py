"""The schema page's parts: search results, one table in full, and the picture of all tables."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from lab.readiness.reports.schema import DICTIONARY_FORMS
from lab.rules import RULES
from lab.rules.model import PrivacyClass, Table
from lab.ui.kit.badges import badge
from lab.ui.kit.caches import draw_schema, read_table_sql, read_theme
from lab.ui.kit.parts import draw_picture, offer_download, offer_forms
from lab.ui.kit.tables import draw_table, offer_exports
from lab.ui.kit.titles import write_name
from lab.ui.kit.url import Field
from lab.ui.navigation import SCHEMA
from lab.ui.schema import dictionary

CLASS_READERS = {
    PrivacyClass.SECRET: "the owner alone",
    PrivacyClass.PERSONAL: "the owner, and the one job that needs it",
    PrivacyClass.FINANCIAL: "the owner and the operator",
    PrivacyClass.OPERATIONAL: "the operator",
    PrivacyClass.PUBLIC: "anybody with the link, while it is shared",
}
MEMORY = SCHEMA.memory
TABLE_IDS = tuple(table.id for table in RULES.tables)
FIELDS = (Field(name="table", kind="table", options=("all", *TABLE_IDS), default="all"), Field(name="q", kind="search"))


def draw_inputs() -> tuple[str, str]:
    """Draw the search and the choice of a table, the search first; return both."""
    search, choice = st.columns([2, 1])
    words = search.text_input(
        "Search tables and columns", key=MEMORY.key("q"), type="search", live="250ms", max_chars=80,
        placeholder="email, seal, status…", icon=":material/search:",
    )  # fmt: skip
    table = choice.selectbox("Table", FIELDS[0].options, format_func=_name_table, key=MEMORY.key("table"))
    return words, table


def _name_table(table_id: str) -> str:
    return "All tables" if table_id == "all" else f"{RULES.table(table_id).title} ({table_id})"


def draw_downloads() -> None:
    """Offer the whole schema as SQL, and the dictionary as CSV, Parquet, JSON, Markdown and PDF."""
    from lab.sql import whole_sql

    offer_download(MEMORY, "SQL", whole_sql, "schema.sql", "application/sql")
    with st.popover("Dictionary", icon=":material/download:", help="Every column of every table."):
        offer_exports(MEMORY, "dictionary", dictionary.frame_dictionary)
        offer_forms(MEMORY, "dictionary", DICTIONARY_FORMS, RULES, tuple(DICTIONARY_FORMS))


def draw_schema_view() -> None:
    """Draw the search and the choice of a table, and below them what was found, one table, or the map of all."""
    words, table = draw_inputs()
    if words:
        _draw_found(dictionary.search_tables(words), words)
    if table != "all":
        _draw_one(RULES.table(table))
    elif not words:
        _draw_map()


def _draw_found(tables: tuple[Table, ...], words: str) -> None:
    st.subheader(f"{len(tables)} of {len(RULES.tables)} tables", anchor=False)
    if not tables:
        st.markdown("No table or column matches. Try one word, such as email, seal or status.")
        return
    _draw_tables(tables)
    draw_table(MEMORY, "Found columns", dictionary.frame_found(tables, words), empty="No column matches.")


def open_table(table_id: str) -> None:
    """Show one table; for callbacks, which run before the inputs are drawn."""
    MEMORY["table"] = table_id
    MEMORY["q"] = ""


def _draw_one(table: Table) -> None:
    st.button("All tables", icon=":material/arrow_back:", type="tertiary", on_click=open_table, args=("all",))
    st.markdown(
        f"## {write_name(table.title, table.qualified)}\n{table.description}\n\n:small[Without it: {table.loss}]"
    )
    _draw_classes()
    draw_table(MEMORY, "Columns", dictionary.frame_columns(table), empty="No column.")
    draw_table(MEMORY, "Indexes", dictionary.frame_indexes(table), empty="Only the index of its primary key.")
    draw_table(
        MEMORY, "Policies and grants", dictionary.frame_access(table), empty="No policy and no grant: only its owner."
    )
    draw_table(MEMORY, "Triggers and checks", dictionary.frame_triggers(table), empty="No trigger and no check.")
    with st.expander("SQL", icon=":material/code:"):
        st.code(read_table_sql(table.id), language="sql", wrap_lines=True)


def _draw_classes() -> None:
    """Say who may read each privacy class."""
    st.markdown(" · ".join(f"{badge(privacy.value)} :small[{readers}]" for privacy, readers in CLASS_READERS.items()))


def _draw_map() -> None:
    from lab import pictures

    theme = read_theme()
    draw_picture(
        MEMORY,
        partial(draw_schema, theme),
        key="schema",
        alt="All tables and their references",
        words="The table “Tables” on this page has the same facts: what each keeps, and which others it references.",
        png=partial(pictures.schema_png, theme),
        dot=partial(pictures.schema_dot, theme),
        zooms=True,
    )
    _draw_classes()
    _draw_tables(RULES.tables)


def _draw_tables(tables: Sequence[Table]) -> None:
    """Draw a row for each table, which opens it; so does the selectbox beside the search, also by keyboard."""
    frame = dictionary.frame_tables(tables)
    draw_table(MEMORY, "Tables", frame, empty="", open_row=lambda row: open_table(tables[row].id))
