"""Who reaches what, and does the database agree?"""

import streamlit as st

from lab.ui.access.parts import MEMORY, draw_inputs, draw_matrix, make_fields, open_probe_board
from lab.ui.kit.parts import draw_notices, draw_share
from lab.ui.kit.progress import draw_state
from lab.ui.kit.targets import ask_permission, draw_withheld, find_place, offer_targets, shows_target

permission = ask_permission()
targets = offer_targets(permission)
fields = make_fields(targets)
notices = MEMORY.open_address(fields)

with st.sidebar:
    target = draw_inputs(targets, permission)

with st.container(horizontal=True, vertical_alignment="center"):
    st.title("Access", anchor=False, width="stretch")
    draw_share(MEMORY.make_link(fields))
st.caption("What was promised and who reaches what, beside what was seen when it was tried as each of them.")
draw_notices(notices)

report = None
if not shows_target(MEMORY, target, permission):
    draw_withheld(MEMORY, permission)
else:
    hint = "Nobody has tried it on this target yet. Try it: everything is rolled back."
    report = draw_state(find_place(target), open_probe_board(), hint)
draw_matrix(report, target, str(MEMORY["who"]), str(MEMORY["kind"]))

MEMORY.close_address(fields)
