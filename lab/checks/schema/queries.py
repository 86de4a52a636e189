"""The queries that read Postgres's catalogue."""

from functools import cache

from lab.text.product_files import SQL

QUERY_FOLDER = SQL / "catalogue"


@cache
def read_query(name: str) -> str:
    """Return a query of sql/catalogue, without the semicolon at its end."""
    return (QUERY_FOLDER / f"{name}.sql").read_text(encoding="utf-8").strip().removesuffix(";")
