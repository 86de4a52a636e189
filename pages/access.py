"""Who reaches what, and does the database agree?"""

from lab.ui.access.parts import PAGE, draw_access, draw_filters

PAGE.show(draw_access, draw_filters)
