"""Which of the sixteen promises hold on the database?"""

import streamlit as st

from lab.ui.chapters.parts import MEMORY, draw_inputs, draw_promises, make_fields
from lab.ui.kit.parts import draw_head
from lab.ui.kit.targets import check_permission, offer_targets

permission = check_permission()
targets = offer_targets(permission)
fields = make_fields(targets)
MEMORY.open_address(fields)
with st.sidebar:
    state, target = draw_inputs(targets, permission)

draw_head(MEMORY, fields, "Chapters", "Sixteen promises, the rules that carry each, and its state on the database.")
draw_promises(state, target, permission)
MEMORY.close_address(fields)
