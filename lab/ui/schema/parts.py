"""The schema page's parts: what was found, one table in full, and the picture of all."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from lab.rules import RULES
from lab.rules.model import PrivacyClass, Table
from lab.ui.kit.caches import draw_schema, read_table_sql, read_theme
from lab.ui.kit.parts import draw_opener, draw_picture, offer_download
from lab.ui.kit.url import Field
from lab.ui.navigation import SCHEMA
from lab.ui.schema.dictionary import (
    class_chip,
    frame_access,
    frame_columns,
    frame_found,
    frame_indexes,
    frame_triggers,
    list_classes,
    list_tables,
    write_csv,
    write_markdown,
)

CLASS_WORDS = {
    PrivacyClass.SECRET: "the owner alone",
    PrivacyClass.PERSONAL: "the owner, and the one job that needs it",
    PrivacyClass.FINANCIAL: "the owner and the operator",
    PrivacyClass.OPERATIONAL: "the operator",
    PrivacyClass.PUBLIC: "anybody with the link, while it is shared",
}

MEMORY = SCHEMA.memory
TABLE_IDS = tuple(table.id for table in RULES.tables)
FIELDS = (Field(name="table", kind="table", options=("all", *TABLE_IDS), default="all"), Field(name="q", kind="search"))


def draw_downloads() -> None:
    """Offer the whole schema as SQL and the dictionary as CSV and Markdown."""
    from lab.sql import whole_sql

    offer_download(MEMORY, "SQL", whole_sql, "schema.sql", "application/sql")
    offer_download(MEMORY, "CSV", write_csv, "dictionary.csv", "text/csv")
    offer_download(MEMORY, "Markdown", write_markdown, "dictionary.md", "text/markdown")


def draw_found(tables: tuple[Table, ...], words: str) -> None:
    """Draw what a search found; a click opens a table."""
    st.subheader(f"{len(tables)} of {len(RULES.tables)} tables", anchor=False)
    if not tables:
        st.markdown("No table or column speaks of this. Try one word, such as email, seal or status.")
        return
    draw_cards(tables)
    st.markdown(f"### Columns\n\n{frame_found(tables, words).markdown()}")


def open_table(table_id: str) -> None:
    """Show one table; for callbacks, which run before the inputs are drawn."""
    MEMORY["table"] = table_id
    MEMORY["q"] = ""


def draw_table(table: Table) -> None:
    """Draw one table in full."""
    st.button("All tables", icon=":material/arrow_back:", type="tertiary", on_click=open_table, args=("all",))
    st.markdown(f"## `{table.qualified}`\n{table.description}\n\n:small[Without it: {table.loss}]")
    draw_classes()
    st.markdown(f"### Columns\n\n{frame_columns(table).markdown()}")
    st.markdown(f"### Indexes\n\n{frame_indexes(table).markdown()}")
    st.markdown(f"### Policies and grants\n\n{frame_access(table).markdown()}")
    st.markdown(f"### Triggers and checks\n\n{frame_triggers(table).markdown()}")
    st.subheader("SQL", anchor=False)
    st.code(read_table_sql(table.id), language="sql", wrap_lines=True)


def draw_classes() -> None:
    """Say what each privacy class means."""
    st.markdown(" · ".join(f"{class_chip(privacy)} :small[{words}]" for privacy, words in CLASS_WORDS.items()))


def draw_map() -> None:
    """Draw the picture of all tables, and the list of them."""
    from lab import pictures

    theme = read_theme()
    draw_picture(
        MEMORY,
        partial(draw_schema, theme),
        key="schema",
        alt="All tables and how they point at each other",
        words=list_tables(RULES.tables),
        png=partial(pictures.schema_png, theme),
        dot=partial(pictures.schema_dot, theme),
    )
    draw_classes()
    draw_cards(RULES.tables)


def draw_cards(tables: Sequence[Table]) -> None:
    """Draw a card for each table: its name opens it, its chips say which classes of fields it holds."""
    grid = st.grid(3, min_column_width=240, border=True)
    for table in tables:
        with grid.cell():
            draw_opener(MEMORY, table.id, open_table, table.id)
            st.markdown(f":small[{table.description}]\n\n{list_classes(table)}")
