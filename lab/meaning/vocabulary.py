"""Whether made-up rows can decide between two expressions: only when the live one uses no word that could hide a door.

A function, setting or pattern that the rules' own expression does not know might answer otherwise for a value
that nobody thought of. Such an expression is never called equal, whatever the rows say, and never run.
"""

from itertools import pairwise

from lab.meaning.tokens import Token, take_apart
from lab.sql.access import SCHEMAS

_WORDS = frozenset(
    [
        "and",
        "or",
        "not",
        "is",
        "null",
        "true",
        "false",
        "in",
        "any",
        "all",
        "array",
        "row",
        "case",
        "when",
        "then",
        "else",
        "end",
        "distinct",
        "from",
        "select",
        "as",
        "where",
        "exists",
        "unknown",
        "old",
        "new",
        "with",
        "time",
        "zone",
        "varying",
    ]
)
_NUMBERS = ("bigint", "integer", "smallint", "numeric")
_TYPES = frozenset((*_NUMBERS, "text", "character", "uuid", "boolean", "timestamp", "timestamptz", "bytea"))
# Answers that the made-up values cover: lengths around every number, and the clock.
_FUNCTIONS = frozenset(
    [
        "coalesce",
        "nullif",
        "char_length",
        "character_length",
        "length",
        "octet_length",
        "now",
        "transaction_timestamp",
        "current_timestamp",
    ]
)
_OPERATORS = frozenset(("=", "<>", "!=", "<", ">", "<=", ">=", "::"))
# What stands to the right of these is a pattern or a key: no made-up value would fit another one.
_PATTERNS = ("~", "~*", "!~", "!~*", "~~", "~~*", "!~~", "!~~*")
_KEYED = frozenset((*_PATTERNS, "->", "->>", "#>", "#>>", "?", "?|", "?&", "@>", "<@"))

# Schemas whose names stand before a table or function; anything else before a dot is a table's own alias.
_SCHEMAS = frozenset({*SCHEMAS, "public", "auth", "storage", "extensions", "pg_catalog"})


def find_doubt(expected: str, seen: str, columns: frozenset[str]) -> str | None:
    """Return why made-up rows can't decide, or None when they can.

    Args:
        expected: The rules' expression.
        seen: The live expression.
        columns: Columns, and names of tables, that both may name.
    """
    known, used = take_apart(expected), take_apart(seen)
    words = _WORDS | _TYPES | _FUNCTIONS | columns
    for form, usual in (("word", words), ("operator", _OPERATORS | _negated(known)), ("quoted", frozenset[str]())):
        strange = _texts(used, form) - _texts(known, form) - usual
        if strange:
            return f"it uses {', '.join(sorted(strange))}, which the rules do not"
    if _keys(used) != _keys(known):
        return "it has another pattern or key than the rules"
    if "interval" in _texts(used, "word") and _texts(used, "string") != _texts(known, "string"):
        return "it has another length of time than the rules"
    if not _qualified(used) <= _qualified(known):
        return "it asks another function or table than the rules"
    return None


def _texts(tokens: tuple[Token, ...], form: str) -> frozenset[str]:
    return frozenset(token.text for token in tokens if token.form == form)


def _negated(tokens: tuple[Token, ...]) -> frozenset[str]:
    """Return the pattern operators that tokens use, and their opposites."""
    used = {token.text.removeprefix("!") for token in tokens if token.form == "operator"} & _KEYED
    return frozenset(f"{no}{operator}" for operator in used for no in ("", "!"))


def _keys(tokens: tuple[Token, ...]) -> set[tuple[str, str]]:
    """Return every pattern or key with its operator."""
    keyed = [(one, other) for one, other in pairwise(tokens) if one.form == "operator" and one.text in _KEYED]
    return {(one.text.removeprefix("!"), other.text) for one, other in keyed}


def _qualified(tokens: tuple[Token, ...]) -> set[str]:
    """Return every name that stands in a schema."""
    triples = zip(tokens, tokens[1:], tokens[2:], strict=False)
    return {f"{a.text}.{c.text}" for a, b, c in triples if b.text == "." and a.text in _SCHEMAS}
