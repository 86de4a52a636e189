"""Searches for a witness: a row and a caller that two expressions treat differently, of whatever parts they consist.

The search runs the expressions, written anew from their trees, over guessed values. No stored row is read. Only
functions without side effects may be called: those of Postgres, and those that are exactly as in the rules. If no
witness is found, that proves nothing.
"""

import contextlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from math import prod
from typing import NamedTuple

from psycopg import sql

from lab.checks.schema.equivalence.candidates import (
    CALLER,
    STRANGER,
    Clues,
    find_clues,
    guess_claims,
    guess_values,
    is_token,
)
from lab.checks.schema.equivalence.nodes import Node, Unreadable
from lab.checks.schema.equivalence.terms import Scope, Term, tables_of_ours
from lab.rules.derived import quote

MOST_ROWS = 20_000
# Of Postgres; the result of each is not much larger than what it is given.
_CALLED = """
abs age array_append array_cat array_length array_lower array_ndims array_position array_positions array_prepend
array_remove array_replace array_to_string array_upper ascii bit_length btrim cardinality ceil ceiling char_length
character_length chr clock_timestamp coalesce concat concat_ws current_timestamp date date_part date_trunc decode
encode extract floor greatest initcap isfinite json_array_length json_extract_path_text json_typeof jsonb_array_length
jsonb_build_array jsonb_build_object jsonb_exists jsonb_exists_all jsonb_exists_any jsonb_extract_path
jsonb_extract_path_text jsonb_path_exists jsonb_strip_nulls jsonb_typeof least left length lower ltrim make_date md5
mod now nullif num_nonnulls num_nulls octet_length overlay pg_column_size position quote_literal regexp_count
regexp_like regexp_match regexp_replace replace reverse right round rtrim sha256 sign split_part starts_with
statement_timestamp string_to_array strpos substr substring textlen timezone to_char to_date to_json to_jsonb
to_number to_timestamp transaction_timestamp translate trunc upper width_bucket
"""
_FUNCTIONS = frozenset(_CALLED.split())
# Operators that are fast for every value: a time limit can't stop the power of a large number.
_OPERATORS = frozenset(
    (
        *("+", "-", "*", "/", "%", "&", "|", "#", "||", "~", "~*", "!~", "!~*", "~~", "~~*", "!~~", "!~~*"),
        *("->", "->>", "#>", "#>>", "?", "?|", "?&", "@>", "<@", "&&"),
    )
)
# What the platform's functions say of the caller.
_ASKED = {
    "auth.uid": "caller.subject",
    "auth.role": "caller.role",
    "auth.jwt": "caller.claims",
    "auth.email": "(caller.claims ->> 'email')",
}
MOST_NODES, MOST_DIGITS = 2_000, 20  # of an expression, and of a number in it
MOST_HINTS, MOST_TELLERS = 12, 32  # values of a variable for the other checks of the row, and callers with a claim
_TYPES = re.compile(
    r"(text|character varying|character|bpchar|name|smallint|integer|bigint|numeric|real|double precision|boolean|uuid"
    r"|jsonb?|jsonpath|date|timestamp|time|interval|bytea)( \( [-\d ,]+ \))?( with(out)? time zone)?( \[ \])?",
    re.ASCII,
)
_COLLATION = re.compile(r'"[\w-]+"', re.ASCII)  # a function of Postgres itself; the names of others have a schema
_TOKEN_SAYS_ANYWAY = (("sub",), ("role",), ("is_anonymous",))
# What every token says, and what every token of a session says. Source: supabase.com/docs/guides/auth/jwt-fields.
_EVERY_TOKEN: dict[str, object] = {"iss": "https://q7x.supabase.co/auth/v1", "iat": 1_700_000_000, "exp": 4_000_000_000}
_EVERY_SESSION: dict[str, object] = {
    "aal": "aal1",
    "session_id": "00000000-0000-4000-8000-00000000005e",
    "phone": "",
    "amr": [{"method": "password", "timestamp": 1_700_000_000}],
    "app_metadata": {"provider": "email", "providers": ["email"]},
    "user_metadata": {},
}


class Caller(NamedTuple):
    """A caller: a title, a role, the signed-in person, and a further claim of the token.

    Args:
        title: Name for people.
        role: The database role of the caller.
        subject: Who is signed in.
        anonymous: Whether the person signed in anonymously.
        claim: Path of a further claim; empty for none.
        value: The value of that claim.
    """

    title: str
    role: str
    subject: str | None = None
    anonymous: bool = False
    claim: tuple[str, ...] = ()
    value: str = ""

    @property
    def claims(self) -> dict[str, object]:
        """Return the claims of the token."""
        told: dict[str, object] = {"role": self.role, **_EVERY_TOKEN}
        if self.subject:
            told |= {"sub": self.subject, "is_anonymous": self.anonymous, "aud": self.role, **_EVERY_SESSION}
            told["email"] = "" if self.anonymous else "q7x@example.test"
        further: object = self.value
        for name in reversed(self.claim):
            further = {name: further}
        return told | (further if isinstance(further, dict) else {})


_VISITOR = Caller("an anonymous visitor", "anon")
_PEOPLE = (
    Caller("a signed-in person", "authenticated", CALLER),
    Caller("a guest who signed in anonymously", "authenticated", STRANGER, anonymous=True),
)


def list_callers(roles: Iterable[str], *trees: Node) -> tuple[Caller, ...]:
    """Return the callers that can have one of these roles; all callers when none is named, or PUBLIC.

    Args:
        roles: Names of database roles.
        trees: Expressions that may read claims of a token; a caller is added for each value that they compare with.
    """
    named = set(roles) or {"public"}
    others = sorted(named - {"public", "anon", "authenticated"})
    known = [one for one in (_VISITOR, *_PEOPLE) if named & {one.role, "public"}]
    known += [Caller(f"everybody who acts as {role}", role) for role in others]
    person = next((one for one in known if one.subject), known[0])
    return (*known, *_list_tellers(person, trees))


def _list_tellers(caller: Caller, trees: tuple[Node, ...]) -> Iterator[Caller]:
    """Yield a caller for each value that a claim may be compared with."""
    for claim, value in islice(guess_claims(*trees), MOST_TELLERS):
        if claim not in _TOKEN_SAYS_ANYWAY:
            title = f"{caller.title} whose token says {'.'.join(claim)}: {value}"
            yield caller._replace(title=title, claim=claim, value=value)


def write_search(
    expected: Node,
    live: Node,
    *others: Node,
    scope: Scope,
    callers: Iterable[Caller],
    null_passes: bool,
    documents: type = object,
    guarded: bool = False,
) -> str:
    """Write the query that finds a witness: the row, whether the live form lets it through, and for whom.

    Args:
        expected: The rules' form.
        live: The database's form.
        others: Further checks that the row should meet, if it can; those with other columns are left out.
        scope: The names that both may use.
        callers: The possible callers.
        null_passes: Whether null counts as true, as in a check.
        documents: Which are guessed: any kind, only lists or only objects, because an operator may fail on others.
        guarded: Whether the forms run only on rows that meet the others: a function may fail on other rows.

    Raises:
        Unreadable: Something in them can't be run here, or has a type without guesses.
    """
    writer = Writer(scope)
    forms = [f"coalesce(({writer.write(tree)})::boolean, {str(null_passes).lower()})" for tree in (expected, live)]
    differs = f"{forms[0]} is distinct from {forms[1]}"
    met = {tree: condition for tree in others if (condition := _write_other(writer, tree))}
    if guarded and met:
        differs = f"case when {' and '.join(met.values())} then {differs} end"
    clues, hints = (find_clues(*trees)._replace(documents=documents) for trees in ((expected, live), met))
    values = {term: _guess(term, clues, hints, scope) for term in writer.variables}
    people = ", ".join(write_caller(place, caller) for place, caller in enumerate(callers))
    while prod(map(len, values.values())) > MOST_ROWS:
        longest = max(values, key=lambda one: len(values[one]))
        values[longest] = values[longest][:-1]
    sources = [
        f"(values {', '.join(f'({value})' for value in values[term])}) as t{name} ({name})"
        for term, name in writer.variables.items()
    ]
    shown = [f"{sql.Literal(term.text).as_string(None)}, {name}" for term, name in writer.variables.items()]
    nulls = f"num_nulls({', '.join(writer.variables.values()) or 1})"
    meeting = [f"({' and '.join(met.values())}) desc"] if met else []
    who = "caller.title || coalesce(' (' || caller.subject || ')', '')"
    return (
        f"select jsonb_build_object({', '.join(shown)}), {forms[1]}, {who} "
        f"from {' cross join '.join([*sources, f'(values {people}) as caller (place, title, subject, role, claims)'])} "
        f"where {differs} "
        f"order by {', '.join([f'{forms[1]} desc', *meeting, nulls, 'caller.place'])} limit 1"
    )


def write_conditions(tree: Node, others: Iterable[Node], scope: Scope) -> tuple[dict[Term, str], str, list[str]]:
    """Write a check over variables; return their names, the check, and the other checks on the same columns.

    Raises:
        Unreadable: A part of the check cannot be run here.
    """
    writer = Writer(scope)
    written = writer.write(tree)
    return writer.variables, written, [met for other in others if (met := _write_other(writer, other))]


def _write_other(writer: "Writer", tree: Node) -> str:
    """Write a check over the existing variables; empty when it has other columns, or can't be run here."""
    own = Writer(writer.scope, writer.variables.copy())
    with contextlib.suppress(Unreadable):
        written = own.write(tree)
        return f"(({written}) is not false)" if own.variables == writer.variables else ""
    return ""


def _guess(term: Term, clues: Clues, hints: Clues, scope: Scope) -> list[str]:
    """Guess a variable's values: many near the constants of the forms, some near those of the other checks."""
    limits = scope.find_limits(term)
    values = list(dict.fromkeys((*guess_values(term, clues, limits), *guess_values(term, hints, limits)[:MOST_HINTS])))
    if not values:
        raise Unreadable(f"{term.text}, of a type without guesses")
    return values if scope.never_null(term) else [*values[:1], f"null::{TYPES[term.sort]}", *values[1:]]


TYPES = {
    "text": "text", "uuid": "uuid", "boolean": "boolean", "number": "bigint", "moment": "timestamptz",
    "bytes": "bytea", "document": "jsonb", "list": "text[]",
}  # fmt: skip


def write_caller(place: int, caller: Caller) -> str:
    """Write a caller as a row of values."""
    subject = f"'{caller.subject}'::uuid" if caller.subject else "null::uuid"
    claims = quote(json.dumps(caller.claims))
    return f"({place}, {quote(caller.title)}, {subject}, {quote(caller.role)}, {claims}::jsonb)"


class Writer:
    """Writes trees as SQL over variables, one for each column, and one for each table of a sub-select."""

    def __init__(self, scope: Scope, variables: dict[Term, str] | None = None) -> None:
        self.scope, self.variables, self.written = scope, variables or {}, 0

    def name(self, term: Term) -> str:
        """Return a variable's name."""
        return self.variables.setdefault(term, f"v{len(self.variables)}")

    def write(self, node: Node) -> str:
        """Write a tree."""
        self.written += 1
        if self.written > MOST_NODES:
            raise Unreadable("more than anybody reads")
        match node:
            case Node("name", "current_timestamp"):
                return "now()"
            case Node("name", "current_user" | "current_role" | "user"):
                return "caller.role"
            case Node("name", "session_user"):
                return "'authenticator'"
            case Node("call", "current_setting") if is_token(node):
                return "caller.claims::text"
            case Node("name", text):
                return self.name(self.scope.find_column(text))
            case Node("select", "", (shown, condition)):
                return f"(select {self.write(shown)} where {self.write(condition)})"
            case Node("exists", _, (query,)):
                return self._write_query(query)
            case Node("within", _, (one, query)):
                return self._write_query(query, one)
        return self._write_whole(node, [self.write(part) for part in node.parts])

    def _write_whole(self, node: Node, parts: list[str]) -> str:
        match node.form:
            case "number" if len(node.text) > MOST_DIGITS:
                raise Unreadable("a number that is too long")
            case "operate" if node.text not in _OPERATORS:
                raise Unreadable(f"an operator {node.text}")
            case "string" | "number" | "constant":
                return node.text
            case "and" | "or":
                return f"({f' {node.form} '.join(parts)})"
            case "not":
                return f"(not {parts[0]})"
            case "compare" | "operate":
                return f"({f' {node.text} '.join(parts) if len(parts) > 1 else f'{node.text} {parts[0]}'})"
            case "distinct":
                return f"({parts[0]} is distinct from {parts[1]})"
            case "is":
                return f"({parts[0]} is {node.text})"
            case "quantified":
                return f"({parts[0]} {node.text} ({parts[1]}))"
            case "row" | "array":
                return f"row({', '.join(parts)})" if node.form == "row" else f"array[{', '.join(parts)}]"
            case "case":
                pairs = zip(parts[:-1:2], parts[1::2], strict=True)
                return f"case {' '.join(f'when {a} then {b}' for a, b in pairs)} else {parts[-1]} end"
            case "collate" if _COLLATION.fullmatch(node.text):
                return f"({parts[0]} collate {node.text})"
            case "cast" if _TYPES.fullmatch(node.text):
                return f"({parts[0]})::{node.text}"
            case "call":
                return self._write_call(node.text, parts)
        raise Unreadable(f"{node.form} {node.text}")

    def _write_call(self, name: str, parts: list[str]) -> str:
        if name in _ASKED and not parts:
            return _ASKED[name]
        if name.strip('"') not in _FUNCTIONS and name not in self.scope.calls:
            raise Unreadable(f"a call of {name}")
        return f"{name}({', '.join(parts)})"

    def _write_query(self, query: Node, one: Node | None = None) -> str:
        """Write whether a table has such a row, for a table of one row at most."""
        if not query.text:
            *shown, condition = (self.write(part) for part in query.parts)
            rows = f"(select {', '.join(shown)} where {condition})"
            return f"({self.write(one)} in {rows})" if one else f"(exists {rows})"
        table, _, alias = query.text.removeprefix("public.").partition(" ")
        if self.scope.inner or table not in tables_of_ours() or not query.text.startswith("public."):
            raise Unreadable(f"a query of {table}")
        there = self.name(Term("found", f"a row of {table}", (), "boolean"))
        outer, self.scope = self.scope, replace(self.scope, inner={alias: table})
        *shown, condition = (self.write(part) for part in query.parts)
        equal = f" and ({self.write(one)} = {shown[0]})" if one else ""  # which may be unknown
        self.scope = outer
        return f"({there} and coalesce({condition}, false){equal})"
