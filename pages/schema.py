"""What is kept, in which class, and who may touch it?"""

import streamlit as st

from lab.ui.kit.parts import draw_database_note, draw_head
from lab.ui.schema.parts import FIELDS, MEMORY, draw_downloads, draw_inputs, draw_schema_view

MEMORY.open_address(FIELDS)
with st.sidebar:
    words, table = draw_inputs()

draw_head(
    MEMORY,
    FIELDS,
    "Schema",
    "Every table, made from the same rules as the plan, the SQL and the checks.",
    draw_downloads,
)
draw_schema_view(words, table)
draw_database_note()
MEMORY.close_address(FIELDS)
