"""What happens to one question from its payment to its deletion, and who gets what when they try?"""

from lab.ui.navigation import TOUR
from lab.ui.tour.parts import FIELDS, MEMORY, draw_tour

MEMORY.open_address(FIELDS)
TOUR.draw_head(FIELDS)
draw_tour()
MEMORY.close_address(FIELDS)
