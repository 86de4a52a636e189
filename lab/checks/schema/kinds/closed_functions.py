"""How functions that no rule declares, and nobody reaches, are counted."""

from lab.checks.schema.aspects import make_closed_kind
from lab.checks.schema.queries import read_query

KIND = make_closed_kind(
    name="closed_functions",
    words="functions",
    title="There are undeclared functions, and nobody can call them through the Data API",
    query=read_query("undeclared_functions"),
)
