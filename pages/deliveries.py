"""Is everything delivered, and what waits for a person?"""

import streamlit as st

from lab.ui.deliveries.parts import MEMORY, draw_deliveries, draw_inputs, make_fields
from lab.ui.kit.targets import check_permission, draw_withheld, find_place, offer_targets, shows_target
from lab.ui.navigation import DELIVERIES

permission = check_permission()
targets = offer_targets(permission)
fields = make_fields(targets)
MEMORY.open_address(fields)
with st.sidebar:
    target = draw_inputs(targets, permission)

DELIVERIES.draw_head(fields)
if shows_target(MEMORY, target, permission):
    draw_deliveries(find_place(target), permission)
else:
    draw_withheld(MEMORY, permission)
MEMORY.close_address(fields)
