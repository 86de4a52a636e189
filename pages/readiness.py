"""Does the database match the rules?"""

from functools import partial

import streamlit as st

from lab.ui.kit.alone import draw_alone
from lab.ui.kit.progress import draw_state, start_first
from lab.ui.kit.reports import find_report, open_report_runs
from lab.ui.kit.targets import check_permission, draw_withheld, find_place, offer_targets, shows_target
from lab.ui.navigation import READINESS
from lab.ui.readiness import inputs
from lab.ui.readiness.inputs import MEMORY
from lab.ui.readiness.parts import draw_report, draw_views, write_invitation

permission = check_permission()
targets = offer_targets(permission)
fields = inputs.make_fields(targets, inputs.offer_families(permission))
MEMORY.open_address(fields)
with st.sidebar:
    target = inputs.draw_inputs(targets, permission)
    picked = inputs.draw_filters(fields)

READINESS.draw_head(fields)
if not shows_target(MEMORY, target, permission):
    draw_withheld(MEMORY, permission)
else:
    place, runs = find_place(target), open_report_runs(permission.allowed)
    start_first(place, runs, lambda: inputs.make_check(place, permission))
    shows = draw_state(place, runs, "wall", partial(write_invitation, place.name, permission))
    if report := find_report(place, permission) if shows else None:
        draw_report(report, permission)
    run, draw = runs.find(place.name), partial(draw_views, place.name, report, picked, permission)
    draw_alone(MEMORY, fields, draw, lambda: runs.find(place.name) is run and check_permission() == permission)
MEMORY.close_address(fields)
