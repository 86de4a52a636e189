"""Terms, which an interpreted expression consists of, and the names that an expression may use."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from lab.checks.schema.equivalence.nodes import Unreadable
from lab.rules import RULES
from lab.rules.model import Table

VARIABLES = ("column", "caller", "opaque", "found")
SORTS = {
    "text": "text",
    "character varying": "text",
    "uuid": "uuid",
    "boolean": "boolean",
    "smallint": "number",
    "integer": "number",
    "bigint": "number",
    "timestamptz": "moment",
    "timestamp with time zone": "moment",
    "bytea": "bytes",
    "jsonb": "document",
    "text[]": "list",
}

# The least and the greatest number of each type. Source: Postgres' documentation, "Numeric Types".
LIMITS = {name: (-(1 << bits), (1 << bits) - 1) for name, bits in (("smallint", 15), ("integer", 31), ("bigint", 63))}


class Term(NamedTuple):
    """One part of an interpreted expression; it may be opaque.

    Args:
        form: and, or, not, compare, quantified, is, distinct, case, coalesce, nullif, length, exists, array, literal,
            null, clock, cast (one that changes no value), or a variable: column, caller, opaque, or found (whether a
            sub-select finds a row).
        text: Tells it apart from others of its form.
        parts: Its parts; of an opaque part, the columns whose null makes it null, and without which it is not null.
        sort: The sort of its values; empty when it is unknown.
    """

    form: str
    text: str
    parts: tuple["Term", ...] = ()
    sort: str = ""

    @property
    def is_variable(self) -> bool:
        """Tell whether it may have any value of its sort."""
        return self.form in VARIABLES


NULL = Term("null", "null")


@dataclass(frozen=True)
class Scope:
    """The names that an expression may use.

    Args:
        tables: Ids of the tables, by the names that the expression gives them.
        inner: The table that a sub-select reads, by its name there; none outside of one.
        nulls: Whether every column may be null: in a row of nulls that a join makes, and in a row that a trigger gets
            before it is checked.
        calls: Functions of ours that may be run.
        roles: The roles of a policy.
    """

    tables: Mapping[str, str]
    inner: Mapping[str, str] = field(default_factory=dict)
    nulls: bool = False
    calls: frozenset[str] = frozenset()
    roles: tuple[str, ...] = ()

    def find_column(self, name: str) -> Term:
        """Return a column by its name.

        Raises:
            Unreadable: No such column, or more than one.
        """
        alias, _, column = name.rpartition(".")
        column = column[1:-1] if column.startswith('"') else column
        for tables, label in ((self.inner, "any {table}.{column}"), (self.tables, "{alias}.{column}")):
            found = [(a, t) for a, t in tables.items() if alias in ("", a) and column in types_of(t)]
            if len(found) > 1:
                raise Unreadable(f"{name}, of more than one table")
            for place, table in found:
                sort = SORTS.get(types_of(table)[column], "")
                whole = column if len(self.tables) == 1 and tables is self.tables else label
                return Term("column", whole.format(table=table, alias=place, column=column), (), sort)
            if alias in tables:
                break
        raise Unreadable(name)

    def never_null(self, term: Term) -> bool:
        """Tell whether a term is never null, as a not-null column; a missing constraint is a finding of its own."""
        if term.form == "found":
            return True
        if term.form != "column" or (self.nulls and not term.text.startswith("any ")):
            return False
        table, name = self._place(term)
        return any(c.name == name and not c.nullable for c in tables_of_ours()[table].columns)

    def find_limits(self, term: Term) -> tuple[int, int] | None:
        """Return the least and the greatest number that a column holds."""
        table, name = self._place(term) if term.form == "column" else ("", "")
        return LIMITS.get(types_of(table).get(name, ""))

    def _place(self, term: Term) -> tuple[str, str]:
        """Return a column's table and its name."""
        alias, _, name = term.text.removeprefix("any ").rpartition(".")
        inner = term.text.startswith("any ")
        return alias if inner else self.tables.get(alias, next(iter(self.tables.values()))), name


@lru_cache(maxsize=1)
def tables_of_ours() -> dict[str, Table]:
    """Return the declared tables by id."""
    return {table.id: table for table in RULES.tables}


# Tables of the platform whose policies are judged.
# Source: github.com/supabase/storage and github.com/supabase/auth (migrations).
FILES = {
    "id": "uuid", "bucket_id": "text", "name": "text", "owner": "uuid", "owner_id": "text", "version": "text",
    "created_at": "timestamptz", "updated_at": "timestamptz", "last_accessed_at": "timestamptz", "metadata": "jsonb",
    "user_metadata": "jsonb", "path_tokens": "text[]", "level": "integer", "public": "boolean", "type": "text",
    "archived_at": "timestamptz", "is_delete_marker": "boolean", "is_versioned": "boolean",
    "avif_autodetection": "boolean", "file_size_limit": "bigint", "allowed_mime_types": "text[]",
    "versioning_status": "text", "key": "text", "upload_signature": "text", "upload_id": "text", "etag": "text",
    "in_progress_size": "bigint", "size": "bigint", "part_number": "integer",
}  # fmt: skip
ACCOUNTS = {
    "id": "uuid", "instance_id": "uuid", "aud": "text", "role": "text", "email": "text", "phone": "text",
    "created_at": "timestamptz", "updated_at": "timestamptz", "deleted_at": "timestamptz", "is_anonymous": "boolean",
    "raw_app_meta_data": "jsonb", "raw_user_meta_data": "jsonb", "is_super_admin": "boolean", "secret": "text",
    "email_confirmed_at": "timestamptz", "confirmed_at": "timestamptz", "phone_confirmed_at": "timestamptz",
    "invited_at": "timestamptz", "last_sign_in_at": "timestamptz", "banned_until": "timestamptz",
    "is_sso_user": "boolean",
}  # fmt: skip
PLATFORM = {"storage": FILES, "auth": ACCOUNTS, "vault": ACCOUNTS}  # by the beginning of a scope's table


def types_of(table: str) -> dict[str, str]:
    """Return the types of a table's columns, as the rules write them."""
    if "." in table:
        return PLATFORM.get(table.partition(".")[0], {})
    found = tables_of_ours().get(table)
    return {column.name: column.type for column in found.columns} if found else {}


def find_terms(term: Term, *forms: str) -> Iterator[Term]:
    """Yield every part of these forms, the whole included."""
    if term.form in forms:
        yield term
    for part in term.parts:
        yield from find_terms(part, *forms)


def fits(number: float, limits: tuple[int, int] | None) -> bool:
    """Tell whether a number is within the limits, if there are any."""
    return limits is None or limits[0] <= number <= limits[1]


def bare(term: Term) -> Term:
    """Return a term without casts that change no value."""
    return bare(term.parts[0]) if term.form == "cast" else term


def as_sort(term: Term, sort: str) -> Term:
    """Return a term as one of this sort.

    Raises:
        Unreadable: It has another sort.
    """
    if term.sort == sort or term.form == "null":
        return term
    if term.sort or term.form != "opaque":
        raise Unreadable(f"{say(term)}, which is no {sort}")
    return term._replace(sort=sort)


def say(term: Term) -> str:
    """Write a term for people; two different terms have different texts."""
    inside = ", ".join(say(part) for part in term.parts)
    if term.form == "literal":
        return f"{term.text}::{term.sort}" if term.sort in ("uuid", "moment") else term.text
    return f"{term.form} {term.text}({inside})" if term.parts else term.text
