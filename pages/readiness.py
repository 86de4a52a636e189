"""Does the database match the rules?"""

from lab.ui.readiness.inputs import PAGE, draw_filters, draw_inputs, open_finding
from lab.ui.readiness.parts import draw_readiness

PAGE.show(draw_readiness, draw_filters, draw_inputs, on_target=open_finding)
