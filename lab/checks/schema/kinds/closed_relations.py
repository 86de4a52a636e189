"""How tables and views that no rule declares, and nobody reaches, are counted."""

from lab.checks.schema.aspects import make_closed_kind
from lab.checks.schema.queries import read_query

KIND = make_closed_kind(
    name="closed_strangers",
    words="tables and views",
    title="There are undeclared tables or views, and nobody can reach them through the Data API",
    query=read_query("undeclared_relations"),
)
