"""The view for the AI's role. The operator's views are derived from the privacy classes of columns."""

from lab.rules.model import View
from lab.rules.roles import ai_worker
from lab.rules.tables.ai import BRIEF_FIELDS

_FIELDS = ", ".join(
    f"case when '{field.id}' = any(r.fields_given) then s.{field.column.name} end as {field.id}"
    for field in BRIEF_FIELDS
)

briefs = View(
    name="briefs",
    db_schema="ai",
    role=ai_worker,
    body=(
        f"select r.id as run_id, r.layer, r.fields_given, r.lease_until, {_FIELDS}\n"
        "  from public.ai_runs r\n"
        "  join public.oracle_scrolls s on s.id = r.scroll_id\n"
        " where r.token_sha256 = (select wall.presented_token())\n"
        "   and r.status = 'requested'\n"
        "   and r.lease_until > clock_timestamp()\n"
        "   and (select wall.presented_consent())"
    ),
    why="The brief of the run whose token the AI presents: the fields that it was given, during its lease.",
)

VIEWS = (briefs,)
