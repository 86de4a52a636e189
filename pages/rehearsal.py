"""What happens to a purchase when something goes wrong?"""

from lab.ui.navigation import REHEARSAL
from lab.ui.rehearsal.choices import draw_inputs
from lab.ui.rehearsal.fields import FIELDS, MEMORY
from lab.ui.rehearsal.record import draw_record
from lab.ui.rehearsal.story import draw_story

MEMORY.open_address(FIELDS)
REHEARSAL.draw_head(FIELDS)
draw_record()
draw_inputs()
draw_story()
MEMORY.close_address(FIELDS)
