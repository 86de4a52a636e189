"""What is kept, in which class, and who may touch it?"""

from lab.ui.kit.alone import draw_alone
from lab.ui.kit.parts import draw_database_note
from lab.ui.navigation import SCHEMA
from lab.ui.schema.parts import FIELDS, MEMORY, draw_downloads, draw_schema_view

MEMORY.open_address(FIELDS)
SCHEMA.draw_head(FIELDS, draw_downloads)
draw_alone(MEMORY, FIELDS, draw_schema_view)
draw_database_note()
MEMORY.close_address(FIELDS)
