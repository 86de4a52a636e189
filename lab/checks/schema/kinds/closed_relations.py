"""Counts undeclared tables and views that the Data API cannot reach."""

from lab.checks.schema.aspects import make_closed_kind
from lab.checks.schema.queries import read_query

KIND = make_closed_kind(
    name="closed_strangers",
    words="tables and views",
    title="Undeclared tables or views exist, but the Data API cannot reach them",
    means=(
        "Tables or views exist that the rules do not declare. No role of the Data API can reach them now. It "
        "is information and does not count against ready."
    ),
    example=(
        "create table public.notes (id int primary key);\n"
        "alter table public.notes enable row level security;\n"
        "revoke all on public.notes from anon, authenticated, service_role;"
    ),
    accept="There is no need: information does not fail a check.",
    query=read_query("undeclared_relations"),
)
