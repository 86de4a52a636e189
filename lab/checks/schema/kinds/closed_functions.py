"""Counts undeclared functions that the Data API cannot call."""

from lab.checks.schema.aspects import make_closed_kind
from lab.checks.schema.queries import read_query

KIND = make_closed_kind(
    name="closed_functions",
    words="functions",
    title="Undeclared functions exist, but the Data API cannot call them",
    query=read_query("undeclared_functions"),
)
