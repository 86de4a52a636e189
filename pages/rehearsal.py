"""What happens to a purchase when something goes wrong?"""

from functools import partial

import streamlit as st

from lab.ui.kit.alone import draw_alone
from lab.ui.kit.targets import check_permission, offer_targets
from lab.ui.navigation import REHEARSAL
from lab.ui.rehearsal.choices import draw_inputs
from lab.ui.rehearsal.fields import HUNT, MEMORY, ORDER, OUTAGE, VIEWS, keep_choices, make_fields, shows
from lab.ui.rehearsal.hunting import draw_hunt
from lab.ui.rehearsal.order import draw_order
from lab.ui.rehearsal.outage import draw_outage
from lab.ui.rehearsal.story import draw_record, draw_story

fields = make_fields(offer_targets(check_permission()))
MEMORY.open_address(fields)
keep_choices(fields)
REHEARSAL.draw_head(fields)
draw_record()
view = st.segmented_control("What is rehearsed", VIEWS, format_func=VIEWS.__getitem__, key=MEMORY.key("show"),
                            required=True, label_visibility="collapsed")  # fmt: skip
if view == ORDER:
    draw_order()
elif view == OUTAGE:
    draw_alone(MEMORY, fields, draw_outage, partial(shows, view))
elif view == HUNT:
    draw_alone(MEMORY, fields, draw_hunt, partial(shows, view))
else:
    draw_inputs()
    draw_story(fields)
MEMORY.close_address(fields)
