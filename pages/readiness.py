"""Does the wall stand on this target?"""

import streamlit as st

from lab.ui.kit.parts import draw_notices, draw_share
from lab.ui.kit.progress import draw_state, start_first
from lab.ui.kit.targets import ask_permission, draw_withheld, find_place, offer_targets, shows_target
from lab.ui.readiness.history import draw_history
from lab.ui.readiness.parts import (
    MEMORY,
    VIEWS,
    draw_counts,
    draw_files,
    draw_filters,
    draw_finding,
    draw_findings,
    draw_inputs,
    draw_verdict_card,
    invite,
    make_check,
    make_fields,
    offer_families,
    open_board,
)

permission = ask_permission()
targets = offer_targets(permission)
fields = make_fields(targets, offer_families(permission))
notices = MEMORY.open_address(fields)

with st.sidebar:
    target = draw_inputs(targets, permission)
    picked = draw_filters()

with st.container(horizontal=True, vertical_alignment="center"):
    st.title("Readiness", anchor=False, width="stretch")
    draw_share(MEMORY.make_link(fields))
st.caption(
    "A live database asked the very rules that wrote it: what differs, why it matters, and the SQL that repairs it."
)
draw_notices(notices)

if not shows_target(MEMORY, target, permission):
    draw_withheld(MEMORY, permission)
else:
    place, board = find_place(target), open_board(permission.allowed)
    start_first(place, board, lambda: make_check(place, permission))
    report = draw_state(place, board, invite(place.name, permission))
    if report:
        draw_verdict_card(report, permission)
        draw_counts(report)
        draw_files(report)
    view = st.segmented_control(
        "What it shows", VIEWS, key=MEMORY.key("show"), required=True, label_visibility="collapsed"
    )
    key = str(MEMORY.get("finding", ""))
    if view == "History":
        draw_history(place.name, permission)
    elif report and key:
        draw_finding(report, key, permission)
    elif report:
        draw_findings(report, picked)

MEMORY.close_address(fields)
