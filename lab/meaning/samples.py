"""Made-up values: for each column those around every literal and number that two expressions name."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from lab.meaning.tokens import take_apart

ME, OTHER, THIRD = (f"00000000-0000-4000-8000-00000000000{digit}" for digit in "123")
LEAST, GREATEST = "0" * 32, "f" * 32
_LONGEST = 100_000  # characters of a made-up text
_STEPS = ("- interval '1 day'", "+ interval '1 day'")
_INTERVAL = re.compile(r"-?\d+ (second|minute|hour|day|week|mon|month|year)s?")


@dataclass(frozen=True)
class Literals:
    """The texts and numbers that two expressions name."""

    texts: tuple[str, ...] = ()
    numbers: tuple[int, ...] = ()


def find_literals(*expressions: str) -> Literals:
    """Return every text and number that expressions name."""
    texts: dict[str, None] = {}
    numbers: dict[int, None] = {}
    for expression in expressions:
        for token in take_apart(expression):
            if token.form == "string":
                value = read_string(token.text)
                texts[value] = None
                if value.lstrip("-").isdigit() and len(value) < 10:
                    numbers[int(value)] = None
            elif token.form == "number" and "." not in token.text:
                numbers[int(token.text)] = None
    return Literals(tuple(texts), tuple(numbers))


def read_string(text: str) -> str:
    """Return what an SQL string literal holds."""
    if text[:1] in "eE":
        return text[2:-1].replace("''", "'").replace("\\\\", "\\")
    return text[1:-1].replace("''", "'")


def write_string(value: str) -> str:
    """Write an SQL string literal."""
    return "'" + value.replace("'", "''") + "'"


def make_values(type_name: str, literals: Literals, keys: Iterable[str] = ()) -> list[str]:
    """Return made-up values of a type as SQL, null first.

    Args:
        type_name: The column's type, as Postgres prints it.
        literals: What the expressions name.
        keys: Ids of made-up rows elsewhere that this column may point at.
    """
    base = type_name.split("(")[0]
    if base == "uuid":
        given = [text for text in literals.texts if re.fullmatch(r"[0-9a-fA-F-]{36}", text)]
        values = [ME, OTHER, THIRD, *given, *keys, LEAST, GREATEST]
        return ["null::uuid", *dict.fromkeys(f"{write_string(value)}::uuid" for value in values)]
    makers = {"text": _texts, "character varying": _texts, "bytea": _bytes, "text[]": _arrays, "jsonb": _documents}
    if base in makers:
        return [f"null::{type_name}", *(f"{write}::{type_name}" for write in dict.fromkeys(makers[base](literals)))]
    if base in ("integer", "bigint", "smallint", "numeric"):
        return [
            f"null::{base}",
            *(f"({n})::{base}" for n in _numbers(literals) if base != "smallint" or abs(n) < 32768),
        ]
    if base == "boolean":
        return ["null::boolean", "true", "false"]
    if base.startswith("timestamp"):
        dates = [f"{write_string(t)}::timestamptz" for t in literals.texts if re.match(r"\d{4}-\d\d-\d\d", t)]
        spans = [write_string(t) for t in literals.texts if _INTERVAL.fullmatch(t)]
        dates += [f"now() {sign} interval {span}" for span in spans for sign in "-+"]
        moments = [f"{date} {step}" for date in ("now()", *dates) for step in ("", *_STEPS)]
        return ["null::timestamptz", *moments]
    return []


def make_few_values(type_name: str, literals: Literals) -> list[str]:
    """Return the made-up values that matter most, for a row elsewhere that an expression looks for."""
    if type_name == "uuid":
        return [f"{write_string(value)}::uuid" for value in (ME, OTHER)] + ["null::uuid"]
    if type_name == "text":
        return [f"{write_string(value)}::text" for value in (*literals.texts[:4], "x")] + ["null::text"]
    return make_values(type_name, literals)[:4]


def _numbers(literals: Literals) -> list[int]:
    around = {n + step for n in literals.numbers for step in (-1, 0, 1)}
    return sorted({-1, 0, 1, 2} | around)


def _lengths(literals: Literals) -> list[int]:
    return [n for n in _numbers(literals) if 0 <= n <= _LONGEST]


def _texts(literals: Literals) -> list[str]:
    values = ["x", "y", *literals.texts, *(text + "x" for text in literals.texts)]
    repeated = [f"repeat('{letter}', {n})" for letter in "x\u00e9" for n in _lengths(literals) if n > 1]
    return [write_string(value) for value in ("", *values)] + repeated


def _bytes(literals: Literals) -> list[str]:
    return [f"decode(repeat('00', {n}), 'hex')" for n in _lengths(literals)]


def _arrays(literals: Literals) -> list[str]:
    items = [write_string(text) for text in literals.texts]
    return [
        "'{}'",
        "'{x}'",
        "'{null}'",
        *(f"array[{item}]" for item in items),
        *([f"array[{', '.join(items)}]"] if items else []),
    ]


def _documents(literals: Literals) -> list[str]:
    keys = [text.replace("\\", "").replace('"', "") for text in literals.texts]
    objects = [write_string(f'{{"{key}": "{other}"}}') for key in keys for other in ("x", *keys)]
    long = [f"to_jsonb(repeat('x', {n - 2}))" for n in _lengths(literals) if n > 10]  # with its two quotes
    return ["'{}'", "'[]'", "'\"x\"'", "'1'", *objects[:40], *long]
