"""Which of the sixteen promises hold on the database?"""

from lab.ui.chapters.parts import PAGE, draw_filters, draw_promises

PAGE.show(draw_promises, draw_filters)
