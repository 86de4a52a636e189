"""What about payments waits for a person, and what was sold?"""

import streamlit as st

from lab.ui.kit.targets import check_permission, draw_withheld, find_place, offer_targets, shows_target
from lab.ui.navigation import PAYMENTS
from lab.ui.payments.parts import MEMORY, draw_inputs, draw_payments, make_fields

permission = check_permission()
targets = offer_targets(permission)
fields = make_fields(targets)
MEMORY.open_address(fields)
with st.sidebar:
    target = draw_inputs(targets, permission)

PAYMENTS.draw_head(fields)
if shows_target(MEMORY, target, permission):
    draw_payments(find_place(target), permission)
else:
    draw_withheld(MEMORY, permission)
MEMORY.close_address(fields)
