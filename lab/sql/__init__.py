"""From the rules to SQL: deterministic, commented, and safe to run twice."""

from lab.sql.migrations import Migration, fingerprint_schema, make_migrations, whole_sql
from lab.sql.selection import scenario_sql, table_sql

__all__ = ["Migration", "fingerprint_schema", "make_migrations", "scenario_sql", "table_sql", "whole_sql"]
