"""Whether two forms of an expression mean the same: the server itself decides, over made-up rows and identities.

Nothing stored is read: rows are values in the query, and a table that the expression asks about is one as well.
Two forms that never differ are one rule in other words, provided that each of their parts was seen to hold and
to fail. Where they differ, the finding shows the row and the identity. What can't be decided stays a finding.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from math import prod
from typing import Any, NamedTuple

import psycopg
from psycopg import sql

from lab.findings import Finding, Forms
from lab.meaning.logic import find_atoms, same_condition, same_query, split_where
from lab.meaning.samples import ME, OTHER, find_literals, make_few_values, make_values
from lab.meaning.tokens import Token, take_apart
from lab.meaning.vocabulary import find_doubt
from lab.rules import RULES
from lab.rules.model import Severity, Table

MOST_ROWS = 60_000  # of one evaluation: a tenth of a second on a small server
MOST_ELSEWHERE = 256  # in each made-up table that a sub-select asks
_PATTERNS = frozenset({"~", "~*", "!~", "!~*", "~~", "~~*", "!~~", "!~~*"})

IDENTITIES: Mapping[str, dict[str, Any]] = {
    "a signed-in person": {"role": "authenticated", "sub": OTHER},
    "an anonymous visitor": {"role": "anon"},
    "an anonymous sign-in": {"role": "authenticated", "sub": ME, "is_anonymous": True},
    "another signed-in person": {"role": "authenticated", "sub": ME},
    "nobody": {},
    "the site's server": {"role": "service_role"},
}


def judge(connection: psycopg.Connection[Any], findings: Iterable[Finding]) -> list[Finding]:
    """Return findings with those on expressions weighed by their meaning. Read-only."""
    return [_judge_one(connection, finding, finding.forms) if finding.forms else finding for finding in findings]


def _judge_one(connection: psycopg.Connection[Any], finding: Finding, forms: Forms) -> Finding:
    same = same_query if forms.use == "view" else same_condition
    if same(forms.expected, forms.seen):
        return _reworded(finding)
    forms, sides = _find_sides(forms)
    if not sides or find_doubt(forms.expected, forms.seen, _columns_named(forms, sides)):
        return finding
    try:
        with connection.transaction(force_rollback=True):
            return _evaluate(connection, finding, forms, sides)
    except psycopg.Error:
        return finding


def _reworded(finding: Finding) -> Finding:
    why = "It is reworded: for every made-up row and identity it decides as the rules do."
    return finding.model_copy(update={"severity": Severity.INFO, "why": why, "repair": None, "decide": None})


def _find_sides(forms: Forms) -> tuple[Forms, dict[str, str]]:
    """Return the forms as conditions, and the tables that they are about under the names that they use.

    Of a view, only its condition can be weighed: no table is returned when more than that differs.
    """
    if forms.use == "when":
        return forms, {"old": forms.relation, "new": forms.relation}
    if forms.use != "view":
        return forms, {forms.relation.rpartition(".")[2]: forms.relation}
    (head, expected), (seen_head, seen) = split_where(forms.expected), split_where(forms.seen)
    texts = {
        name: " ".join(token.text for token in part) or "true"
        for name, part in (("expected", expected), ("seen", seen))
    }
    return forms.model_copy(update=texts), _find_aliases(head) if head == seen_head else {}


def _find_aliases(head: tuple[Token, ...]) -> dict[str, str]:
    """Return our tables that a query reads, by the names that it gives them."""
    found = {}
    for place, token in enumerate(head[2:], start=2):
        if token.text in _tables() and [t.text for t in head[place - 2 : place]] == ["public", "."]:
            after = head[place + 1] if place + 1 < len(head) else Token("mark", "")
            named = after.form == "word" and after.text not in _AFTER_TABLE
            found[after.text if named else token.text] = token.text
    return found


_AFTER_TABLE = {"join", "left", "right", "full", "inner", "cross", "natural", "on", "using", "where"}


def _evaluate(connection: psycopg.Connection[Any], finding: Finding, forms: Forms, sides: Mapping[str, str]) -> Finding:
    """Look for a row and an identity that the two forms treat differently."""
    if forms.use == "default":
        if find_literals(forms.expected) != find_literals(forms.seen) and "now" in forms.expected:
            return finding  # thirty days are a month today, and not tomorrow
        row = connection.execute(f"select ({forms.expected}) is not distinct from ({forms.seen})".encode()).fetchone()
        return _reworded(finding) if row and row[0] else finding
    question = _write_question(forms, sides)
    if question is None:
        return finding
    seen: set[str] = set()
    for name, claims in _identities(forms):
        told = sql.Literal(json.dumps(claims) if claims else "").as_string(None)
        connection.execute(f"select set_config('request.jwt.claims', {told}, true)".encode())
        row = connection.execute(question.difference.encode()).fetchone()
        if row:
            return _contradicted(finding, forms, name, row[0], lets_through=row[1])
        seen.update((connection.execute(question.answers.encode()).fetchone() or ([],))[0])
    return _reworded(finding) if question.complete and seen == question.all_answers else finding


def _identities(forms: Forms) -> Iterable[tuple[str, dict[str, Any]]]:
    asked = "auth" in {token.text for text in (forms.expected, forms.seen) for token in take_apart(text)}
    return IDENTITIES.items() if asked else [("nobody", {})]


_VERBS = {
    "check": ("lets through what the rules refuse", "refuses what the rules let through"),
    "when": ("fires where the rules do not", "does not fire where the rules do"),
    "view": ("shows what the rules leave out", "leaves out what the rules show"),
    "predicate": ("covers what the rules leave out", "leaves out what the rules cover"),
}


def _contradicted(finding: Finding, forms: Forms, identity: str, row: dict[str, Any], *, lets_through: bool) -> Finding:
    verb = _VERBS.get(forms.use, _VERBS["check"])[0 if lets_through else 1]
    shown = ", ".join(f"{name} {_short(value)}" for name, value in row.items())
    who = f" for {identity}" if forms.use == "policy" else ""
    why = f"{finding.why} It {verb}{who}: a row with {shown}."
    return finding.model_copy(update={"why": why, "counterexample": {"identity": identity, "row": row}})


def _short(value: Any) -> str:
    text = "null" if value is None else str(value)
    return text if len(text) <= 60 else f"{text[:57]}... ({len(text)} characters)"


# The question ------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _tables() -> dict[str, Table]:
    return {table.id: table for table in RULES.tables}


def _types(relation: str) -> dict[str, str]:
    table = _tables().get(relation.rpartition(".")[2])
    names = {"timestamptz": "timestamp with time zone"}
    return {c.name: names.get(c.type, c.type) for c in table.columns} if table else {}


def _needed(relation: str) -> frozenset[str]:
    """Return the columns that are never null: a row with one would be refused anyway, and missing not-null is found."""
    table = _tables().get(relation.rpartition(".")[2])
    return frozenset(c.name for c in table.columns if not c.nullable) if table else frozenset()


def _columns_named(forms: Forms, sides: Mapping[str, str]) -> frozenset[str]:
    """Return the columns of the relations, and of every table that the rules' own expression asks about."""
    asked = (*sides.values(), *_asked_tables(forms))
    return frozenset(sides) | {name for table in asked for name in (table.rpartition(".")[2], *_types(table))}


def _asked_tables(forms: Forms) -> tuple[str, ...]:
    """Return the tables of ours that the expressions ask about in a sub-select."""
    found: dict[str, None] = {}
    for text in (forms.expected, forms.seen):
        tokens = take_apart(text)
        for one, dot, other in zip(tokens, tokens[1:], tokens[2:], strict=False):
            if one.text == "public" and dot.text == "." and other.text in _tables():
                found[other.text] = None
    return tuple(found)


class _Question(NamedTuple):
    """What the server is asked, for each identity."""

    difference: str  # the query for a row on which the forms differ
    answers: str  # the query for the parts of both that held on some row, and that failed on some
    all_answers: frozenset[str]
    complete: bool  # whether these are all rows that matter


def _write_question(forms: Forms, sides: Mapping[str, str]) -> _Question | None:
    """Write the queries, or nothing when made-up rows can't decide."""
    expected, seen = (tuple(_unqualified(take_apart(text))) for text in (forms.expected, forms.seen))
    fits: dict[str, str] = {}
    expected, seen = (_replace_patterns(tokens, fits) for tokens in (expected, seen))
    if any(token.text in _PATTERNS for token in (*expected, *seen)):
        return None
    shadows, keys = _write_shadows(forms)
    found = _choose_values(forms, sides, (*expected, *seen), keys, fits)
    if found is None:
        return None
    (values, complete), otherwise = found, "true" if forms.use == "check" else "false"
    wanted, live = (f"coalesce(({' '.join(t.text for t in tokens)}), {otherwise})" for tokens in (expected, seen))
    place = _write_rows(tuple(sides), values)
    shown = ", ".join(f"{sql.Literal(_label(name, fits)).as_string(None)}, {name}" for name in values)
    difference = (
        f"{shadows}select jsonb_build_object({shown}), {live} from {place} "
        f"where {wanted} is distinct from {live} "
        f"order by {live} desc, num_nulls({', '.join(values)}) limit 1"
    )
    needed = frozenset(name for table in sides.values() for name in _needed(table))
    atoms = {
        " ".join(token.text for token in atom)
        for atom in (*find_atoms(expected), *find_atoms(seen))
        if len(atom) > 1 and not _is_never_null(atom, needed)
    }
    answers = {
        f"{number} {word}": f"bool_or({no}({atom}))"
        for number, atom in enumerate(sorted(atoms))
        for word, no in (("holds", ""), ("fails", "not "))
    }
    told = ", ".join(f"case when {asked} then '{answer}' end" for answer, asked in answers.items())
    return _Question(
        difference,
        f"{shadows}select array_remove(array[{told}]::text[], null) from {place}",
        frozenset(answers),
        complete,
    )


def _is_never_null(atom: tuple[Token, ...], needed: frozenset[str]) -> bool:
    """Tell whether this asks a column that is never null whether it is null."""
    return atom[-1].text == "null" and atom[-2].text in ("is", "not") and any(t.text in needed for t in atom)


def _label(name: str, fits: Mapping[str, str]) -> str:
    return next((label for label, column in fits.items() if column == name), name)


def _unqualified(tokens: tuple[Token, ...]) -> Iterator[Token]:
    """Yield tokens without the schema public: a made-up table of the query then stands for the stored one."""
    place = 0
    while place < len(tokens):
        if tokens[place].text == "public" and place + 1 < len(tokens) and tokens[place + 1].text == ".":
            place += 2
            continue
        yield tokens[place]
        place += 1


def _replace_patterns(tokens: tuple[Token, ...], fits: dict[str, str]) -> tuple[Token, ...]:
    """Put a made-up answer in the place of each `column ~ 'pattern'`: patterns are the same on both sides."""
    made = list(tokens)
    for place in range(len(made) - 1, -1, -1):
        if made[place].text not in _PATTERNS or made[place].form != "operator" or place == 0:
            continue
        start = place - 3 if place >= 3 and made[place - 2].text == "." else place - 1
        end = place + (4 if [t.text for t in made[place + 2 : place + 4]] == ["::", "text"] else 2)
        if made[start].form == "word" and made[place + 1].form == "string":
            operator = made[place].text
            label = "".join([*(t.text for t in made[start:place]), operator.removeprefix("!"), made[place + 1].text])
            answer = Token("word", fits.setdefault(label, f"fits_{len(fits) + 1}"))
            negated = [Token("mark", "("), Token("word", "not"), answer, Token("mark", ")")]
            made[start:end] = negated if operator.startswith("!") else [answer]
    return tuple(made)


def _write_shadows(forms: Forms) -> tuple[str, list[str]]:
    """Write made-up tables for those that a sub-select asks; return them with the ids of their rows."""
    parts, keys = [], []
    literals = find_literals(forms.expected, forms.seen)
    words = {token.text for text in (forms.expected, forms.seen) for token in take_apart(text)}
    for number, name in enumerate(_asked_tables(forms), start=1):
        types = {column: kind for column, kind in _types(name).items() if column in words and column != "id"}
        rows = [""]
        for column, kind in types.items():
            rows = [f"{row}, {value} as {column}" for row in rows for value in make_few_values(kind, literals)][
                :MOST_ELSEWHERE
            ]
        ids = [f"00000000-0000-4000-8000-{number:04}{place:08}" for place in range(len(rows))]
        parts.append(
            f"{name} as ("
            + " union all ".join(f"select '{key}'::uuid as id{row}" for key, row in zip(ids, rows, strict=True))
            + ")"
        )
        keys += ids
    return (f"with {', '.join(parts)} " if parts else ""), keys


def _choose_values(
    forms: Forms, sides: Mapping[str, str], tokens: tuple[Token, ...], keys: list[str], fits: Mapping[str, str]
) -> tuple[dict[str, list[str]], bool] | None:
    """Choose each named column's values; fewer when there were too many rows, which proves nothing then."""
    literals = find_literals(forms.expected, forms.seen)
    values = {}
    for side, relation in sides.items():
        for name, kind in _types(relation).items():
            place = name if len(sides) == 1 else f"{side}.{name}"
            if _is_named(place, tokens):
                values[place] = make_values(kind, literals, keys)[1 if name in _needed(relation) else 0 :]
    values |= {name: ["null::boolean", "true", "false"] for name in fits.values()}
    if not all(values.values()) or not values:
        return None
    complete = prod(len(options) for options in values.values()) <= MOST_ROWS
    while prod(len(options) for options in values.values()) > MOST_ROWS:
        longest = max(values, key=lambda place: len(values[place]))
        if len(values[longest]) <= 2:
            return None
        values[longest] = values[longest][:-1]
    return values, complete


def _is_named(place: str, tokens: tuple[Token, ...]) -> bool:
    side, _, name = place.rpartition(".")
    if not side:
        return any(token.text == name for token in tokens)
    triples = zip(tokens, tokens[1:], tokens[2:], strict=False)
    return any((one.text, dot.text, other.text) == (side, ".", name) for one, dot, other in triples)


def _write_rows(sides: tuple[str, ...], values: Mapping[str, list[str]]) -> str:
    """Write the rows: every combination of the values, under the names that the expression uses."""
    parts = []
    for side in sides:
        own = {name.removeprefix(f"{side}."): v for name, v in values.items() if _is_of(side, name, sides)}
        columns = [
            f"(values {', '.join(f'({value})' for value in v)}) as v{i} ({name})"
            for i, (name, v) in enumerate(own.items())
        ]
        parts.append(f"(select * from {' cross join '.join(columns)}) as {side}" if columns else f"(select) as {side}")
    return " cross join ".join(parts)


def _is_of(side: str, name: str, sides: tuple[str, ...]) -> bool:
    """Tell whether a column belongs to this side; answers to patterns stand on the last one."""
    return name.startswith(f"{side}.") or ("." not in name and side == sides[-1])
