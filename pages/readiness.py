"""Does the database match the rules?"""

from lab.ui.readiness.inputs import PAGE, close_finding, draw_filters, draw_inputs
from lab.ui.readiness.parts import draw_readiness

PAGE.show(draw_readiness, draw_filters, draw_inputs, on_target=close_finding)
