"""The views that are not derived: the AI's brief, and the operator's newest attempts.

The operator's other views are derived from the privacy classes of columns.
"""

from lab.rules.model import View
from lab.rules.roles import ai_worker, oracle_operator
from lab.rules.tables.ai import BRIEF_FIELDS, ai_runs
from lab.rules.tables.attempts import delivery_attempts

_FIELDS = ", ".join(
    f"case when '{field.id}' = any(r.fields_given) then s.{field.column.name} end as {field.id}"
    for field in BRIEF_FIELDS
)

briefs = View(
    name="briefs",
    db_schema="ai",
    role=ai_worker,
    shows=ai_runs,
    key="run_id",
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

newest_attempts = View(
    name="newest_delivery_attempts",
    db_schema="operations",
    role=oracle_operator,
    shows=delivery_attempts,
    key="id",
    body=(
        "select n.id, n.job_id, n.channel, n.leg, n.attempt, n.outcome, n.error_class, n.worker, n.created_at\n"
        "  from (select a.id, a.job_id, j.channel, j.leg, a.attempt, a.outcome, a.error_class, a.worker, a.created_at\n"
        "          from (select t.id, t.job_id, t.attempt, t.outcome, t.error_class, t.worker, t.created_at\n"
        "                  from public.delivery_attempts t\n"
        "                 order by t.id desc\n"
        "                 limit 200) a\n"
        "          join public.delivery_jobs j on j.id = a.job_id\n"
        "        union all\n"
        "        select null, d.id, d.channel, d.leg, d.attempts, d.status, null, d.worker, d.finished_at\n"
        "          from (select f.id, f.channel, f.leg, f.attempts, f.status, f.worker, f.finished_at\n"
        "                  from public.delivery_jobs f\n"
        "                 where f.finished_at is not null\n"
        "                 order by f.finished_at desc\n"
        "                 limit 200) d\n"
        "         where d.status = 'done') n\n"
        " order by n.created_at desc, n.id desc\n"
        " limit 200"
    ),
    why="The newest 200 attempts with their channels: those that failed, and the last one of jobs that are done, which has no id. A query on the view of all attempts would read every one of them.",
)

VIEWS = (briefs, newest_attempts)
