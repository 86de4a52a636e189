"""What is kept, in which class, and who may touch it?"""

import streamlit as st

from lab.ui.kit.parts import draw_house_note, draw_notices, draw_share
from lab.ui.schema.dictionary import find_table, search_tables
from lab.ui.schema.parts import FIELDS, MEMORY, TABLE_IDS, draw_downloads, draw_found, draw_map, draw_table

notices = MEMORY.open_address(FIELDS)

with st.sidebar:
    words = st.text_input(
        "Search tables and columns",
        key=MEMORY.key("q"),
        type="search",
        live="250ms",
        placeholder="email, seal, status…",
        icon=":material/search:",
        max_chars=80,
    )
    picked = st.selectbox(
        "Table",
        ("all", *TABLE_IDS),
        format_func=lambda id: "All tables" if id == "all" else id,
        key=MEMORY.key("table"),
    )

with st.container(horizontal=True, vertical_alignment="center"):
    st.title("Schema", anchor=False, width="stretch")
    draw_share(MEMORY.make_link(FIELDS))
    draw_downloads()
st.caption("Every table of the wall, drawn from the same rules as the lab, the SQL and the checks.")
draw_notices(notices)

if words:
    draw_found(search_tables(words), words)
if picked != "all":
    draw_table(find_table(picked))
elif not words:
    draw_map()

draw_house_note()
MEMORY.close_address(FIELDS)
