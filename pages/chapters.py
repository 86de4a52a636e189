"""Which of the sixteen promises hold on the database?"""

import streamlit as st

from lab.readiness.targets import EMBEDDED
from lab.ui.address import Field
from lab.ui.memory import close_address, make_link, open_address
from lab.ui.parts import draw_notices, draw_share
from lab.ui.places import ask_permission, draw_closed, name_target, offer_targets
from lab.ui.promises import FILTERS, draw_promises

permission = ask_permission()
targets = offer_targets(permission)
fields = (
    Field(name="state", kind="state", options=FILTERS, default="all"),
    Field(name="target", kind="target", options=targets, default=EMBEDDED),
)
notices = open_address("chapters", fields)

with st.sidebar:
    state = st.pills("Show", FILTERS, format_func=str.capitalize, key="state", required=True)
    several = len(targets) > 1
    target = st.selectbox("Target", targets, format_func=name_target, key="target") if several else EMBEDDED
    draw_closed(permission)

with st.container(horizontal=True, vertical_alignment="center"):
    st.title("Chapters", anchor=False, width="stretch")
    draw_share(make_link(fields))
st.caption("Sixteen promises, each carried by rules and proved by asking the database. What nobody asked is unknown.")
draw_notices(notices)
draw_promises(str(state), str(target))
close_address("chapters", fields)
