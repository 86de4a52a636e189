"""Finds policies on the platform's tables that let a caller reach another person's rows.

The condition is run on a few made-up rows: files of another person, in buckets and folders that it does not name. A
part that cannot be run here is null. So a policy is reported as open only if its other parts allow everybody. A policy
that is not open is run again on files in the existing buckets that may hold readings.
"""

import contextlib
from collections.abc import Sequence
from typing import Any

import psycopg

from lab.checks.finding import Finding
from lab.checks.schema.buckets import may_hold_readings
from lab.checks.schema.difference import Forms
from lab.checks.schema.equivalence.counterexample_search import Writer, list_callers, write_caller
from lab.checks.schema.equivalence.grammar import read_expression
from lab.checks.schema.equivalence.nodes import Node, Unreadable
from lab.checks.schema.equivalence.terms import Scope, types_of
from lab.rules.derived import quote
from lab.rules.model import Severity

_OTHER = "00000000-0000-4000-8000-00000000000c"  # owns the made-up rows; no caller has this id
_NOWHERE, _MOST_BUCKETS = "files-q7x", 1000
_NAMES = (f"{_OTHER}/reading-q7x.pdf", f"q7x/{_OTHER}/reading.pdf", "reading-q7x.pdf")
_ROWS = {
    "name": "{name}", "key": "{name}", "owner_id": f"'{_OTHER}'",
    "path_tokens": "string_to_array({name}, '/')",
    "metadata": """'{{"mimetype": "application/pdf", "size": 1000}}'""", "public": "false", "aud": "'authenticated'",
    "role": "'authenticated'", "email": "'q7x@example.test'", "is_anonymous": "false", "level": "1", "secret": "'q7x'",
    "archived_at": "null", "deleted_at": "null", "banned_until": "null", "versioning_status": "'DISABLED'",
}  # fmt: skip
_OF_TYPE = {
    "uuid": f"'{_OTHER}'",
    "timestamptz": "now() - interval '1 day'",
    "jsonb": "'{{}}'",
    "text": "'q7x'",
    "boolean": "false",
}
_PATH = "string_to_array({0}, '/')"
# Equivalents of the platform's functions on file names. Source: github.com/supabase/storage (migrations).
_ON_NAMES = {
    "storage.foldername": f"({_PATH})[1:cardinality({_PATH}) - 1]",
    "storage.filename": f"({_PATH})[cardinality({_PATH})]",
    "storage.extension": "reverse(split_part(reverse({0}), '.', 1))",
}


def judge_open_policy(connection: psycopg.Connection[Any], finding: Finding, forms: Forms) -> Finding:
    """Raise the severity if every caller with the policy's roles can reach another person's row. Read-only.

    It is critical in a place that the policy does not name, and medium in a bucket that may hold readings.

    Raises:
        Unreadable: The condition is not understood.
        psycopg.Error: The condition cannot be run on these rows.
    """
    tree = read_expression(forms.seen, items=True)
    row = _find_open(connection, tree, forms, [_NOWHERE])
    if row:
        why = f"{finding.why} {row[0]} can reach another person's row, in a place that the policy does not name."
        return finding.model_copy(update={"severity": Severity.CRITICAL, "why": why})
    if forms.relation != "storage.objects" or forms.use == "upload" or not (buckets := _list_buckets(connection)):
        return finding
    row = _find_open(connection, tree, forms, buckets)
    if row is None:
        return finding
    place = f"in bucket {row[1]}, which accepts PDFs. Readings are PDFs."
    why = f"{finding.why} {row[0]} can reach another person's file {place}"
    return finding.model_copy(update={"severity": Severity.MEDIUM, "why": why})


def _find_open(
    connection: psycopg.Connection[Any], tree: Node, forms: Forms, buckets: Sequence[str]
) -> tuple[str, str] | None:
    """Return a caller who can reach another person's row, and the row's bucket."""
    for name in _NAMES:
        with contextlib.suppress(psycopg.DataError), connection.transaction(force_rollback=True):
            row = connection.execute(_write_query(tree, forms, name, buckets).encode()).fetchone()
            if row:
                return row[0], row[1]
    return None


def _list_buckets(connection: psycopg.Connection[Any]) -> list[str]:
    """Return the buckets that may hold readings, as far as this role may read them."""
    query = (
        "select b.id::text, to_jsonb(b) -> 'allowed_mime_types' from storage.buckets b "
        f"where char_length(b.id::text) < 200 order by 1 limit {_MOST_BUCKETS}"
    )
    rows: list[Any] = []
    with contextlib.suppress(psycopg.Error), connection.transaction():
        rows = connection.execute(query.encode()).fetchall()
    return [name for name, types in rows if may_hold_readings(name, types)]


def _write_query(tree: Node, forms: Forms, name: str, buckets: Sequence[str]) -> str:
    schema, _, table = forms.relation.partition(".")
    writer = _Writer(Scope({table: f"{schema}.{table}"}))
    condition = writer.write_condition(tree)
    types, labels = types_of(f"{schema}.{table}"), {term.text: label for term, label in writer.variables.items()}
    values = [
        f"(select ({_make_value(column, types[column], name, buckets)})::{types[column]} as {label}) as t{label}"
        for column, label in labels.items()
    ]
    people = ", ".join(write_caller(place, caller) for place, caller in enumerate(list_callers(forms.roles)))
    sources = [f"(values {people}) as caller (place, title, subject, role, claims)", *values]
    shown = f"caller.title, {labels.get('bucket_id', 'null')}"
    return f"select {shown} from {' cross join '.join(sources)} where {condition} order by caller.place limit 1"


def _make_value(column: str, kind: str, name: str, buckets: Sequence[str]) -> str:
    if column == "bucket_id":
        return f"unnest(array[{', '.join(map(quote, buckets))}])"
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
