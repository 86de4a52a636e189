"""Which of the sixteen promises hold on the database?"""

import streamlit as st

from lab.ui.address import Field
from lab.ui.memory import close_address, make_link, open_address
from lab.ui.parts import draw_notices, draw_share
from lab.ui.promises import FILTERS, draw_promises

FIELDS = (Field(name="state", kind="state", options=FILTERS, default="all"),)

notices = open_address("chapters", FIELDS)

with st.sidebar:
    state = st.pills("Show", FILTERS, format_func=str.capitalize, key="state", required=True)

with st.container(horizontal=True, vertical_alignment="center"):
    st.title("Chapters", anchor=False, width="stretch")
    draw_share(make_link(FIELDS))
st.caption("Sixteen promises, each carried by rules and proved by asking the database. What nobody asked is unknown.")
draw_notices(notices)
draw_promises(str(state))
close_address("chapters", FIELDS)
