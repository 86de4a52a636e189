"""Makes values for each variable: enough of them to represent all others, and no more.

Only comparisons depend on a value. For variables that are compared with one another and with constants, only this
matters: which are equal, how they are ordered, and at or between which constants they are. So each of `n` such
variables needs, for equality alone, the constants and `n` other values. If order matters, it needs `n` values around
each constant. If a text's length matters, it needs `n` texts of each length that makes a difference. Of the `n` other
values, the first variable needs only one, the second two, and so on.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

from lab.checks.schema.equivalence.nodes import read_string
from lab.checks.schema.equivalence.terms import VARIABLES, Term, find_terms, fits

LONGEST = 10_000  # characters of a made-up text; the longest that the rules measure has 4,000


@dataclass
class Group:
    """Variables that are compared with each other, and the constants that they are compared with."""

    members: list[Term] = field(default_factory=list)
    constants: list[Term] = field(default_factory=list)


def find_groups(*forms: Term) -> dict[Term, Group]:
    """Return the group of every variable and length in these forms."""
    groups = {one: Group([one]) for form in forms for one in find_terms(form, *VARIABLES, "length")}
    for form in forms:
        for atom in find_terms(form, "compare", "quantified", "distinct", "nullif"):
            leaves = [leaf for part in atom.parts for leaf in _leaves(part)]
            members = [leaf for leaf in leaves if leaf in groups]
            constants = [leaf for leaf in leaves if leaf not in groups]
            for member in members:
                _join(groups, groups[members[0]], groups[member])
            if members:
                groups[members[0]].constants += constants
    for one in [one for one in groups if one.form == "length"]:
        groups[one].constants += [_measure(text, one.text) for text in groups[one.parts[0]].constants]
    return groups


def _measure(text: Term, way: str) -> Term:
    """Return a constant's own length, which is used like a length that is named."""
    plain = read_string(text.text)
    return Term("literal", str(len(plain.encode() if way == "octet_length" else plain)), (), "number")


def _join(groups: dict[Term, Group], one: Group, other: Group) -> None:
    if one is not other:
        one.members += other.members
        one.constants += other.constants
        groups.update(dict.fromkeys(other.members, one))


def _leaves(term: Term) -> Iterator[Term]:
    """Yield the variables and constants that a term's value may come from."""
    if term.is_variable or term.form in ("length", "literal", "clock"):
        yield term
    elif term.form in ("coalesce", "nullif", "case", "cast"):
        for part in term.parts[len(term.parts) // 2 :] if term.form == "case" else term.parts:
            yield from _leaves(part)


def make_values(term: Term, groups: dict[Term, Group], limits: tuple[int, int] | None = None) -> list[str]:
    """Return a variable's values as SQL, without null; numbers within limits."""
    group = groups[term]
    if term.sort == "boolean":
        return ["true", "false"]
    if term.sort == "number":
        return [f"({number})::numeric" for number in _numbers(group) if fits(number, limits)]
    if term.sort == "moment":
        steps = range(-len(group.members), len(group.members) + 1)
        moments = dict.fromkeys([write_constant(one) for one in group.constants] or ["now()"])
        return [f"{moment} + {step} * interval '1 microsecond'" for moment in moments for step in steps]
    measured = [one for one in groups if one.form == "length" and one.parts[0] in group.members]
    lengths = {length for one in measured for length in _lengths(groups[one])}
    written = [write_constant(one) for one in group.constants]
    others = [other for length in sorted(lengths or {1}) for other in _others(term, group, length)]
    return list(dict.fromkeys([*written, *others]))


def reaches_every_length(groups: dict[Term, Group]) -> bool:
    """Tell whether made-up texts can have every length that makes a difference."""
    numbers = [number for one, group in groups.items() if one.form == "length" for number in _numbers(group)]
    return all(number <= LONGEST for number in numbers)


def write_constant(term: Term) -> str:
    """Write a constant, as SQL of its sort."""
    if term.form == "clock":
        return "now()"
    types = {"number": "numeric", "moment": "timestamptz"}
    return term.text if term.sort == "boolean" else f"({term.text})::{types.get(term.sort, term.sort)}"


def _numbers(group: Group) -> list[float]:
    """Return numbers at, just below and just above each constant; also fractions, if an opaque part may be one."""
    many = len(group.members)
    around = {int(one.text) for one in group.constants} | {0}
    found: set[float] = {number + step for number in around for step in range(-many, many + 1)}
    if any(member.form == "opaque" for member in group.members):
        found |= {number + step / (many + 1) for number in around for step in range(1, many + 1)}
    return sorted(found)


def _lengths(group: Group) -> set[int]:
    return {int(number) for number in _numbers(group) if 0 <= number <= LONGEST}


def _others(term: Term, group: Group, length: int) -> Iterator[str]:
    """Yield different values other than the constants: one for the first of a group, two for the second, and so on."""
    many = group.members.index(term) + 1
    if term.sort == "uuid":
        taken = {one.text.strip("'").lower() for one in group.constants}
        ids = (f"00000000-0000-4000-8000-{number:012}" for number in count(1))
        yield from (f"'{next(one for one in ids if one not in taken)}'::uuid" for _ in range(many))
        return
    written = "".join(one.text for one in group.constants)
    letters = (letter for code in count(ord("A")) if (letter := chr(code)).isalpha() and letter not in written)
    shapes = {
        "bytes": "decode(repeat('{code:02x}', {length}), 'hex')",
        "document": "'\"{letter}\"'::jsonb",
        "list": "'{{{letter}}}'::text[]",
    }
    shape = shapes.get(term.sort, "repeat('{letter}', {length})")
    for number in range(many):
        yield shape.format(letter=next(letters), code=number + 1, length=length)
