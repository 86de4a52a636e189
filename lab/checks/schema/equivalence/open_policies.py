"""Whether a policy on what the platform keeps lets somebody at what is another person's, in a place it does not name.

The condition is written anew, as for a search, and asked of a few made-up rows: files of somebody else, in buckets and
folders that the condition does not name. What can't be run here counts as unknown, so a policy is only called open
where the rest of it lets everybody through.
"""

import contextlib
from typing import Any

import psycopg

from lab.checks.finding import Finding, Forms
from lab.checks.schema.equivalence.counterexample_search import Writer, list_callers, write_caller
from lab.checks.schema.equivalence.grammar import Node, Unreadable, read_expression
from lab.checks.schema.equivalence.terms import Scope, types_of
from lab.rules.model import Severity

_OTHER = "00000000-0000-4000-8000-00000000000c"  # whose row it is; no caller is called that
_NAMES = (f"{_OTHER}/reading-q7x.pdf", f"q7x/{_OTHER}/reading.pdf", "reading-q7x.pdf")
_ROWS = {
    "bucket_id": "'files-q7x'", "name": "{name}", "owner_id": f"'{_OTHER}'",
    "path_tokens": "string_to_array({name}, '/')",
    "metadata": """'{{"mimetype": "application/pdf", "size": 1000}}'""", "public": "false", "aud": "'authenticated'",
    "role": "'authenticated'", "email": "'q7x@example.test'", "is_anonymous": "false", "level": "1", "secret": "'q7x'",
}  # fmt: skip
_OF_TYPE = {"uuid": f"'{_OTHER}'", "timestamptz": "now() - interval '1 day'", "jsonb": "'{{}}'", "text": "'q7x'"}
_PATH = "string_to_array({0}, '/')"
# What the platform's functions on names answer. Source: github.com/supabase/storage (migrations).
_ON_NAMES = {
    "storage.foldername": f"({_PATH})[1:cardinality({_PATH}) - 1]",
    "storage.filename": f"({_PATH})[cardinality({_PATH})]",
    "storage.extension": "reverse(split_part(reverse({0}), '.', 1))",
}


def judge_passing(connection: psycopg.Connection[Any], finding: Finding, forms: Forms) -> Finding:
    """Return the finding as a critical one when its policy is open to everybody of its roles. Read-only.

    Raises:
        Unreadable: The condition is not understood.
        psycopg.Error: It can't be run on these rows.
    """
    tree = read_expression(forms.seen, items=True)
    for name in _NAMES:
        with contextlib.suppress(psycopg.DataError), connection.transaction(force_rollback=True):
            row = connection.execute(_write_query(tree, forms, name).encode()).fetchone()
            if row:
                why = f"{finding.why} It lets {row[0]} reach somebody else's row, in a place that it does not name."
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
    """Writes a condition in which whatever can't be run is unknown."""

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
