"""May this scenario go live, and what does it need?"""

from functools import partial

from lab.plan.make import make_plan
from lab.ui.kit.alone import draw_alone
from lab.ui.kit.parts import draw_database_note
from lab.ui.navigation import LAB
from lab.ui.scenario.actions import draw_actions
from lab.ui.scenario.comparison import draw_views
from lab.ui.scenario.inputs import FIELDS, MEMORY, draw_scenarios, list_sides, read_scenario
from lab.ui.scenario.matrix import draw_matrix
from lab.ui.scenario.verdict import draw_verdicts

MEMORY.open_address(FIELDS)
plans = [make_plan(read_scenario(side)) for side in list_sides()]
LAB.draw_head(FIELDS, partial(draw_actions, plans))
draw_matrix(plans[0].scenario)
draw_scenarios()
draw_verdicts(plans)
draw_alone(MEMORY, FIELDS, partial(draw_views, plans))
draw_database_note()
MEMORY.close_address(FIELDS)
