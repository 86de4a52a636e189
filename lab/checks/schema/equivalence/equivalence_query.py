"""Writes the query that finds values of the variables for which two forms differ."""

from collections.abc import Mapping
from math import prod
from typing import NamedTuple

from psycopg import sql

from lab.checks.schema.equivalence.nodes import Unreadable
from lab.checks.schema.equivalence.samples import find_groups, make_values, reaches_every_length, write_constant
from lab.checks.schema.equivalence.terms import Scope, Term, find_terms, say

MOST_ROWS = 60_000  # a tenth of a second on a small server


class Question(NamedTuple):
    """A query for the server, and what its result proves.

    Args:
        query: Finds a row on which the forms differ: the caller, the other values by name, and whether the live form
            lets it through.
        complete: Whether an empty result proves that the forms never differ.
        plain: Whether a found row is a real row: it consists of columns, and not of parts that may exclude each other.
    """

    query: str
    complete: bool
    plain: bool


def write_question(expected: Term, live: Term, scope: Scope, *, declared: Term, null_passes: bool) -> Question:
    """Write the query that finds whether two forms ever differ.

    Args:
        expected: The rules' form.
        live: The database's form.
        scope: The names that both may use.
        declared: The part of the rules' form that the rules write themselves; the rest is from the live database.
        null_passes: Whether null counts as true, as in a check.

    Raises:
        Unreadable: Made-up values cannot decide it.
    """
    _refuse_undeclared_parts(declared, live)
    complete = _knows_moments(declared, live)
    expected, live = _agree_on_lookups(*_agree_on_sorts(expected, live))
    groups = find_groups(expected, live)
    values = {one: make_values(one, groups, scope.find_limits(one)) for one in groups if one.form != "length"}
    never = {one: scope.never_null(one) or (one.form == "opaque" and bool(one.parts)) for one in values}
    values = {one: made if never[one] else ["null", *made] for one, made in values.items()}
    values |= {_row_of(one): ["true", "false"] for one in find_terms(_both(expected, live), "exists")}
    complete = complete and reaches_every_length(groups)
    while prod(map(len, values.values())) > MOST_ROWS:
        complete = False
        longest = max(values, key=lambda one: len(values[one]))
        if len(values[longest]) <= 2:
            raise Unreadable("too many variables")
        values[longest] = values[longest][:-1]
    plain = all(one.form != "opaque" for one in values)
    return Question(_write_query(expected, live, values, "true" if null_passes else "false"), complete, plain)


def _both(expected: Term, live: Term) -> Term:
    return Term("row", "", (expected, live))


def _row_of(lookup: Term) -> Term:
    """Return the variable for whether the table of a sub-select has a row."""
    return Term("found", f"a row of {lookup.text}", (), "boolean")


def _agree_on_sorts(expected: Term, live: Term) -> tuple[Term, Term]:
    """Give each opaque part the same sort everywhere, as soon as one place determines it."""
    sorts = {(one.text, one.sort) for one in find_terms(_both(expected, live), "opaque") if one.sort}
    known = dict(sorts)
    if len(known) < len(sorts):
        raise Unreadable("one part of two sorts")
    changes = {one: one._replace(sort=known.get(one.text, "")) for one in find_terms(_both(expected, live), "opaque")}
    return _replace(expected, changes), _replace(live, changes)


def _agree_on_lookups(expected: Term, live: Term) -> tuple[Term, Term]:
    """Replace each sub-select that both forms have by a variable, and allow one further sub-select in each.

    For these, tables with one row or none are enough: if larger tables make a difference, so does one of their rows.
    """
    common = set(find_terms(expected, "exists")) & set(find_terms(live, "exists"))
    changes = {one: Term("found", say(one), (), "boolean") for one in common}
    expected, live = _replace(expected, changes), _replace(live, changes)
    if any(len(set(find_terms(form, "exists"))) > 1 for form in (expected, live)):
        raise Unreadable("more than one sub-select")
    return expected, live


def _replace(term: Term, changes: Mapping[Term, Term]) -> Term:
    return changes.get(term) or term._replace(parts=tuple(_replace(part, changes) for part in term.parts))


def _refuse_undeclared_parts(declared: Term, live: Term) -> None:
    """Refuse a live form with an opaque part that the rules do not have, or one text's length in two units."""
    known, used = ({one.text for one in find_terms(form, "opaque")} for form in (declared, live))
    if strange := used - known:
        raise Unreadable(", ".join(sorted(strange)))
    measured = set(find_terms(_both(declared, live), "length"))
    if len({one.parts for one in measured}) < len(measured):
        raise Unreadable("characters and octets of one text")


def _knows_moments(declared: Term, live: Term) -> bool:
    """Tell whether the live form has no moment that the rules do not have: after it, two equal forms may differ."""
    known, used = ({one for one in find_terms(form, "literal") if one.sort == "moment"} for form in (declared, live))
    return used <= known


# The query ---------------------------------------------------------------------------------------------


def _write_query(expected: Term, live: Term, values: Mapping[Term, list[str]], otherwise: str) -> str:
    """Write the query: every combination of the values, and both forms over it."""
    names = {term: f"v{number}" for number, term in enumerate(values)}
    rows = [
        f"(values {', '.join(f'({value})' for value in values[term])}) as t{name} ({name})"
        for term, name in names.items()
    ]
    wanted, seen = (f"coalesce({write_term(form, names)}, {otherwise})" for form in (expected, live))
    shown = [
        f"{sql.Literal(term.text).as_string(None)}, {name}" for term, name in names.items() if term.form == "column"
    ]
    caller = next((name for term, name in names.items() if term.form == "caller"), "null")
    nulls = f"num_nulls({', '.join(names.values()) or 1})"
    return (
        f"select jsonb_build_object({', '.join(shown)}), {seen}, {caller} "
        f"from {' cross join '.join(rows) or '(select) as made'} "
        f"where {wanted} is distinct from {seen} order by {seen} desc, {nulls} limit 1"
    )


def write_term(term: Term, names: Mapping[Term, str]) -> str:
    """Write a term as SQL, its variables by these names."""
    if term in names:
        empty = " or ".join(f"{names[part]} is null" for part in term.parts)
        return f"(case when {empty} then null else {names[term]} end)" if empty else names[term]
    if term.form == "cast":
        return write_term(term.parts[0], names)
    parts = [write_term(part, names) for part in term.parts]
    match term.form:
        case "and" | "or":
            return f"({f' {term.form} '.join(parts)})"
        case "not":
            return f"(not {parts[0]})"
        case "compare":
            return f"({parts[0]} {term.text} {parts[1]})"
        case "distinct":
            return f"({parts[0]} is distinct from {parts[1]})"
        case "quantified":
            return f"({parts[0]} {term.text} (array[{', '.join(parts[1:])}]))"
        case "is":
            return f"({parts[0]} is {term.text})"
        case "case":
            return _write_case(parts)
        case "coalesce" | "nullif" | "array":
            around = "[]" if term.form == "array" else "()"
            return f"{term.form}{around[0]}{', '.join(parts)}{around[1]}"
        case "length":
            return f"{term.text}({parts[0]})"
        case "exists":
            return f"({names[_row_of(term)]} and coalesce({parts[0]}, false))"
    return "null" if term.form == "null" else write_constant(term)


def _write_case(parts: list[str]) -> str:
    """Write a CASE from pairs of condition and result, and the result of ELSE."""
    half = len(parts) // 2
    pairs = zip(parts[:half], parts[half:], strict=False)
    return f"case {' '.join(f'when {asked} then {answer}' for asked, answer in pairs)} else {parts[-1]} end"
