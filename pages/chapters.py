"""Which of the sixteen promises hold on the database?"""

import streamlit as st

from lab.ui.chapters.parts import MEMORY, draw_inputs, draw_promises, make_fields
from lab.ui.kit.parts import draw_notices, draw_share
from lab.ui.kit.targets import ask_permission, offer_targets

permission = ask_permission()
targets = offer_targets(permission)
fields = make_fields(targets)
notices = MEMORY.open_address(fields)

with st.sidebar:
    state, target = draw_inputs(targets, permission)

with st.container(horizontal=True, vertical_alignment="center"):
    st.title("Chapters", anchor=False, width="stretch")
    draw_share(MEMORY.make_link(fields))
st.caption("Sixteen promises, each carried by rules and proved by asking the database. What nobody asked is unknown.")
draw_notices(notices)
draw_promises(state, target, permission)
MEMORY.close_address(fields)
