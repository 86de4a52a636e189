"""Who reaches what, and does the database agree?"""

import streamlit as st

from lab.readiness.results import Results
from lab.ui.access.parts import MEMORY, draw_inputs, draw_matrix, make_fields, open_probe_runs
from lab.ui.kit.progress import draw_state
from lab.ui.kit.reports import open_board
from lab.ui.kit.targets import check_permission, draw_withheld, find_place, offer_targets, shows_target
from lab.ui.navigation import ACCESS

permission = check_permission()
targets = offer_targets(permission)
fields = make_fields(targets)
MEMORY.open_address(fields)
with st.sidebar:
    target = draw_inputs(targets, permission)

ACCESS.draw_head(fields)
results, starting = Results(), False
if shows_target(MEMORY, target, permission):
    hint = "Not run on this target yet. Run the probes: every change is rolled back."
    place = find_place(target)
    starting = not (place.url or place.fault)
    if draw_state(place, open_probe_runs(), "probes", hint):
        results = open_board().find(place.name)
else:
    draw_withheld(MEMORY, permission)
if not starting:  # the matrix would move when the database has started
    draw_matrix(results, target)
MEMORY.close_address(fields)
