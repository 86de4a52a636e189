"""Narrow views for roles that never see a table: the AI's brief. The operator's views follow from the classes."""

from lab.rules.model import View
from lab.rules.roles import ai_worker

briefs = View(
    name="briefs",
    db_schema="ai",
    role=ai_worker,
    body=(
        "select r.id as run_id, r.layer, r.fields_given, r.lease_until, s.locale, s.question\n"
        "  from public.ai_runs r\n"
        "  join public.oracle_scrolls s on s.id = r.scroll_id\n"
        " where r.status = 'requested'\n"
        "   and r.lease_until > now()\n"
        "   and exists (select from public.consents c\n"
        "                where c.subject_id = r.subject_id and c.purpose = 'ai_processing'\n"
        "                  and c.scope_id is null and c.standing)"
    ),
    why="The AI reads the question of an open run, for as long as the run is open and its owner allows it.",
)

VIEWS = (briefs,)
