"""What happens to a purchase when something goes wrong?"""

from lab.ui.navigation import REHEARSAL
from lab.ui.rehearsal.parts import FIELDS, MEMORY, draw_inputs, draw_record, draw_rehearsal

MEMORY.open_address(FIELDS)
REHEARSAL.draw_head(FIELDS)
draw_record()
draw_inputs()
draw_rehearsal()
MEMORY.close_address(FIELDS)
