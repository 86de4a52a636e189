"""Which of the sixteen promises hold on the database?"""

import streamlit as st

from lab.ui.chapters.parts import MEMORY, draw_inputs, draw_promises, make_fields
from lab.ui.kit.targets import check_permission, offer_targets
from lab.ui.navigation import CHAPTERS

permission = check_permission()
targets = offer_targets(permission)
fields = make_fields(targets)
MEMORY.open_address(fields)
with st.sidebar:
    state, target = draw_inputs(targets, permission)

CHAPTERS.draw_head(fields)
draw_promises(state, target, permission)
MEMORY.close_address(fields)
