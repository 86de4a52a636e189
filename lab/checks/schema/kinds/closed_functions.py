"""Counts undeclared functions that the Data API cannot call."""

from lab.checks.schema.aspects import make_closed_kind
from lab.checks.schema.queries import read_query

KIND = make_closed_kind(
    name="closed_functions",
    words="functions",
    title="Undeclared functions exist, but the Data API cannot call them",
    means=(
        "Functions exist that the rules do not declare. No role of the Data API can call them now. It is "
        "information and does not count against ready."
    ),
    example=(
        "create function public.add_up(a int, b int) returns int language sql as 'select a + b';\n"
        "revoke all on function public.add_up(int, int) from public, anon, authenticated, service_role;"
    ),
    accept="There is no need: information does not fail a check.",
    query=read_query("undeclared_functions"),
)
