"""Finds policies on the platform's tables that let a caller reach another person's rows.

The condition is run on a few made-up rows: files of another person, in buckets and folders that it does not name. A
part that cannot be run here is null. So a policy is reported as open only if its other parts allow everybody.
"""

import contextlib
from typing import Any

import psycopg

from lab.checks.finding import Finding
from lab.checks.schema.difference import Forms
from lab.checks.schema.equivalence.counterexample_search import Writer, list_callers, write_caller
from lab.checks.schema.equivalence.grammar import Node, Unreadable, read_expression
from lab.checks.schema.equivalence.terms import Scope, types_of
from lab.rules.model import Severity

_OTHER = "00000000-0000-4000-8000-00000000000c"  # owns the made-up rows; no caller has this id
_NAMES = (f"{_OTHER}/reading-q7x.pdf", f"q7x/{_OTHER}/reading.pdf", "reading-q7x.pdf")
_ROWS = {
    "bucket_id": "'files-q7x'", "name": "{name}", "owner_id": f"'{_OTHER}'",
    "path_tokens": "string_to_array({name}, '/')",
    "metadata": """'{{"mimetype": "application/pdf", "size": 1000}}'""", "public": "false", "aud": "'authenticated'",
    "role": "'authenticated'", "email": "'q7x@example.test'", "is_anonymous": "false", "level": "1", "secret": "'q7x'",
}  # fmt: skip
_OF_TYPE = {"uuid": f"'{_OTHER}'", "timestamptz": "now() - interval '1 day'", "jsonb": "'{{}}'", "text": "'q7x'"}
_PATH = "string_to_array({0}, '/')"
# Equivalents of the platform's functions on file names. Source: github.com/supabase/storage (migrations).
_ON_NAMES = {
    "storage.foldername": f"({_PATH})[1:cardinality({_PATH}) - 1]",
    "storage.filename": f"({_PATH})[cardinality({_PATH})]",
    "storage.extension": "reverse(split_part(reverse({0}), '.', 1))",
}


def judge_open_policy(connection: psycopg.Connection[Any], finding: Finding, forms: Forms) -> Finding:
    """Return the finding as critical if every caller with the policy's roles can reach another person's row. Read-only.

    Raises:
        Unreadable: The condition is not understood.
        psycopg.Error: The condition cannot be run on these rows.
    """
    tree = read_expression(forms.seen, items=True)
    for name in _NAMES:
        with contextlib.suppress(psycopg.DataError), connection.transaction(force_rollback=True):
            row = connection.execute(_write_query(tree, forms, name).encode()).fetchone()
            if row:
                why = (
                    f"{finding.why} {row[0]} can reach another person's row, in a place that the policy does not name."
                )
                return finding.model_copy(update={"severity": Severity.CRITICAL, "why": why})
    return finding


def _write_query(tree: Node, forms: Forms, name: str) -> str:
    schema, _, table = forms.relation.partition(".")
    writer = _Writer(Scope({table: f"{schema}.{table}"}))
    condition = writer.write_condition(tree)
    types = types_of(f"{schema}.{table}")
    values = [
        f"(select ({_make_value(term.text, types[term.text], name)})::{types[term.text]} as {label}) as t{label}"
        for term, label in writer.variables.items()
    ]
    people = ", ".join(write_caller(place, caller) for place, caller in enumerate(list_callers(forms.roles)))
    sources = [f"(values {people}) as caller (place, title, subject, role, claims)", *values]
    return f"select caller.title from {' cross join '.join(sources)} where {condition} order by caller.place limit 1"


def _make_value(column: str, kind: str, name: str) -> str:
    written = _ROWS.get(column) or _OF_TYPE.get(kind, "null")
    return written.format(name=f"'{name}'")


class _Writer(Writer):
    """Writes a condition in which each part that cannot be run is null."""

    def write_condition(self, node: Node) -> str:
        """Write a condition, part by part."""
        if node.form in ("and", "or"):
            return f"({f' {node.form} '.join(self.write_condition(part) for part in node.parts)})"
        if node.form == "not":
            return f"(not {self.write_condition(node.parts[0])})"
        try:
            return f"({self.write(node)})::boolean"
        except Unreadable:
            return "null::boolean"

    def _write_whole(self, node: Node, parts: list[str]) -> str:
        if node.form == "item":
            return f"({parts[0]})[{parts[1]}]"
        return super()._write_whole(node, parts)

    def _write_call(self, name: str, parts: list[str]) -> str:
        if name in _ON_NAMES and len(parts) == 1:
            return f"({_ON_NAMES[name].format(parts[0])})"
        return super()._write_call(name, parts)
