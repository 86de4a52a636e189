"""Is everything delivered, and what waits for a person?"""

from lab.ui.deliveries.parts import PAGE, draw_deliveries, draw_filters

PAGE.show(draw_deliveries, draw_filters)
