"""What is kept, in which class, and who may touch it?"""

import streamlit as st

from lab.ui.kit.parts import draw_database_note
from lab.ui.navigation import SCHEMA
from lab.ui.schema.parts import FIELDS, MEMORY, draw_downloads, draw_inputs, draw_schema_view

MEMORY.open_address(FIELDS)
with st.sidebar:
    words, table = draw_inputs()

SCHEMA.draw_head(FIELDS, draw_downloads)
draw_schema_view(words, table)
draw_database_note()
MEMORY.close_address(FIELDS)
