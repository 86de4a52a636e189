"""Counts undeclared tables and views that the Data API cannot reach."""

from lab.checks.schema.aspects import make_closed_kind
from lab.checks.schema.queries import read_query

KIND = make_closed_kind(
    name="closed_strangers",
    words="tables and views",
    title="Undeclared tables or views exist, but the Data API cannot reach them",
    query=read_query("undeclared_relations"),
)
