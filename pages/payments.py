"""What about payments waits for a person, and what was sold?"""

from lab.ui.payments.parts import PAGE, draw_filters, draw_payments

PAGE.show(draw_payments, draw_filters)
