"""Interprets a tree as terms, as far as made-up values can represent all others; every other part is opaque.

Two forms are compared over all values of their variables. A variable is a column, the caller's id, or an opaque part: a
pattern, a path, a function, a cast or arithmetic. Of an opaque part only this is known: the same text has the same
value. The rules' own opaque parts may have any value; a live one that the rules do not have is refused.
"""

import contextlib
import re
from collections.abc import Iterator

from lab.checks.schema.equivalence.candidates import find_claim, find_string
from lab.checks.schema.equivalence.grammar import LIKES, REGULAR, read_expression
from lab.checks.schema.equivalence.nodes import Node, Unreadable, read_string
from lab.checks.schema.equivalence.patterns import simplify_pattern
from lab.checks.schema.equivalence.terms import NULL, SORTS, Scope, Term, as_sort, bare, find_terms, say, tables_of_ours
from lab.checks.schema.equivalence.wrapped_ids import compare_ids, find_id_of_text
from lab.rules.derived import quote

_ORDERED = frozenset(("number", "moment", "boolean"))
_ITEMS = re.compile(r"'\{\w+(,\w+)*\}'", re.ASCII)
_YES, _NO = (Term("literal", text, (), "boolean") for text in ("true", "false"))
_CALLER = Term("caller", "auth.uid()", (), "uuid")
_ROLE = (
    Node("call", "auth.role"),
    Node("name", "current_user"),
    Node("name", "current_role"),
    Node("name", "user"),
)
_CHARACTERS = ("char_length", "character_length", "length")
_CLOCK = (
    Node("call", "now"),
    Node("call", "transaction_timestamp"),
    Node("name", "current_timestamp"),
    Node("call", "current_timestamp", (Node("number", "6"),)),  # its precision anyway; fewer digits are another moment
)
_AMONG = ("@>", "<@", "&&")
_OPAQUE = ("number", "compare", "distinct", "call", "cast", "operate", "quantified")
_EXACT = {"text": ("text", "character varying"), "number": ("bigint", "numeric")}  # casts that change no value
_TOLD = {"text": ("'true'", "'false'"), "integer": ("1", "0")}  # casts of yes and no
_LITERALS = {
    "text": re.compile(r".*", re.DOTALL),
    "uuid": re.compile(r"'[0-9a-f-]{36}'"),
    "number": re.compile(r"'-?\d{1,18}'", re.ASCII),
    "boolean": re.compile(r"'(t|f|true|false)'"),
    "moment": re.compile(r"'\d{4}-\d\d-\d\d[^']*'", re.ASCII),
}


def understand(text: str, scope: Scope, sort: str = "boolean") -> Term:
    """Return an expression as a term.

    Raises:
        Unreadable: It is outside the grammar, uses an undeclared name, or mixes sorts.
    """
    found = _Meaning(scope).read(read_expression(text))
    return as_sort(found, sort) if sort else found


class _Meaning:
    """Reads trees in a scope."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    def read(self, node: Node) -> Term:
        """Return a tree as a term."""
        if node in _CLOCK:
            return Term("clock", "now()", (), "moment")
        if node.form == "cast" and node.text == "uuid" and (id_ := find_id_of_text(node.parts[0], self._read_id)):
            return id_
        match node:
            case Node("string", text):
                return Term("literal", text, (), "text")
            case Node("number", text):
                return Term("literal", text, (), "number") if text.isdecimal() else self._opaque(node)
            case Node("constant", text):
                return NULL if text == "null" else Term("literal", text, (), "boolean")
            case Node("name", text):
                return self.scope.find_column(text)
            case Node("select", "", (shown, condition)):
                return self._read_row(condition, self.read(shown), NULL)
            case Node("exists", _, (query,)):
                return self._read_exists(query) if query.text else self._read_found(query)
            case Node("within", _, (one, query)):
                return self._read_exists(query, one) if query.text else self._read_found(query, one)
            case Node("quantified", text, (one, Node("array", "", (other,)))):
                return self._read_comparison("compare", text.split()[0], one, other)
            case Node("compare" | "distinct", operator, (one, other)):
                return self._read_comparison(node.form, operator, one, other)
            case Node("and" | "or", _, parts):
                return self._read_whole(node, tuple(self.read(part) for part in _join_limits(node.form, parts)))
        return self._read_whole(node, tuple(self.read(part) for part in node.parts))

    def _read_whole(self, node: Node, parts: tuple[Term, ...]) -> Term:
        """Return a tree with these parts as a term."""
        match node.form:
            case "and" | "or" | "not":
                return Term(node.form, "", tuple(as_sort(part, "boolean") for part in parts), "boolean")
            case "is":
                asked = parts[0] if node.text == "null" else as_sort(parts[0], "boolean")
                return Term("is", node.text, (asked,), "boolean")
            case "case":
                conditions = tuple(as_sort(part, "boolean") for part in parts[:-1:2])
                answers = self._agree((*parts[1::2], parts[-1])) or self._refuse(node)
                return Term("case", "", (*conditions, *answers), _sort_of(answers))
            case "array":
                return self._read_array(node, parts)
            case "quantified":
                return self._read_quantified(node, *parts)
            case "cast":
                return self._read_cast(node, parts[0])
            case "call":
                return self._read_call(node, parts)
        if node.form == "operate" and len(parts) == 2 and node.text.removeprefix("!") in REGULAR + LIKES:
            return self._read_match(node, *parts)
        if node.form == "operate" and node.text in _AMONG and all(bare(part).form == "array" for part in parts):
            return self._read_among(node, *parts)
        return self._opaque(node, parts)

    def _read_among(self, node: Node, one: Term, other: Term) -> Term:
        """Return whether an array has all or one of the items of another; a null is never among them."""
        items, others = (bare(part).parts for part in ((other, one) if node.text == "@>" else (one, other)))
        agreed = self._agree((*items, *others)) or self._refuse(node)
        items, others = agreed[: len(items)], agreed[len(items) :]
        found = tuple(Term("quantified", "= any", (item, *others), "boolean") for item in items)
        known = tuple(Term("coalesce", "", (one, _NO), "boolean") for one in found)
        return Term("or" if node.text == "&&" else "and", "", known, "boolean")

    def _read_match(self, node: Node, text: Term, pattern: Term) -> Term:
        """Return whether a text matches a pattern; for texts, that is null only if one of them is null."""
        ids = [find_id_of_text(part, self._read_id) for part in node.parts]
        if node.text in ("~~", "~~*") and all(ids):  # an id's text has no sign that stands for others
            return Term("compare", "=", tuple(one for one in ids if one), "boolean")
        plain = node._replace(text=node.text.removeprefix("!"))
        if {text.sort, pattern.sort} == {"text"}:
            text, pattern = bare(text), bare(pattern)  # texts have one such operator
            pattern = _simplify(pattern) if plain.text in REGULAR and pattern.form == "literal" else pattern
        found = as_sort(self._opaque(plain, (text, pattern)), "boolean")
        if (text.form, text.sort, pattern.form) == ("column", "text", "literal"):
            found = found._replace(parts=(text,))
        return Term("not", "", (found,), "boolean") if plain.text != node.text else found

    def _opaque(self, node: Node, parts: tuple[Term, ...] = ()) -> Term:
        """Return an opaque part, known only by its text; refuse it in a sub-select, where its value varies by row."""
        if self.scope.inner or node.form not in _OPAQUE:
            self._refuse(node)
        inside = ", ".join(say(part) for part in parts)
        if node.form == "operate" and len(parts) == 2:
            return Term("opaque", f"({say(parts[0])} {node.text} {say(parts[1])})")
        return Term("opaque", f"({inside})::{node.text}" if node.form == "cast" else f"{node.text}({inside})")

    def _refuse(self, node: Node) -> tuple[Term, ...]:
        raise Unreadable(f"{node.form} {node.text}")

    def _agree(self, parts: tuple[Term, ...]) -> tuple[Term, ...]:
        """Return the parts as terms of one sort; none when the sort is unknown."""
        sorts = {part.sort for part in parts if part.sort}
        return tuple(as_sort(part, *sorts) for part in parts) if len(sorts) == 1 else ()

    def _read_comparison(self, form: str, operator: str, one: Node, other: Node) -> Term:
        if any(self._says_role(operator, *pair) for pair in ((one, other), (other, one))):
            return _YES
        if one.form == other.form == "row":
            return self._read_rows(form, operator, one, other)
        if ids := compare_ids(operator, one, other, self._read_id):
            return ids
        parts = (self.read(one), self.read(other))
        agreed = self._agree(parts)
        ordered = operator not in ("", "=", "<>")
        if not agreed or _is_list(agreed) or (ordered and _sort_of(agreed) not in _ORDERED):
            return as_sort(self._opaque(Node("operate", operator or "is distinct from"), parts), "boolean")
        return Term(form, operator, agreed, "boolean")

    def _says_role(self, operator: str, asked: Node, said: Node) -> bool:
        """Tell whether a comparison with the caller's role is true for all roles of the policy."""
        named, roles = find_string(said), set(self.scope.roles)
        if len(roles) != 1 or "public" in roles or named is None:
            return False
        role = asked in _ROLE or find_claim(asked) == "role"
        return role and (named in roles if operator == "=" else operator == "<>" and named not in roles)

    def _read_id(self, node: Node) -> Term | None:
        """Return what an expression is, if it is an id, or the caller's claim."""
        if find_claim(node) == "sub":
            return _CALLER
        with contextlib.suppress(Unreadable):
            found = self.read(node)
            return found if found.sort == "uuid" else None
        return None

    def _read_rows(self, form: str, operator: str, one: Node, other: Node) -> Term:
        """Return a comparison of rows as comparisons of their parts."""
        if len(one.parts) != len(other.parts) or operator not in ("", "=", "<>"):
            self._refuse(one)
        pairs = zip(one.parts, other.parts, strict=True)
        parts = tuple(self._read_comparison(form, operator, *pair) for pair in pairs)
        return Term("and" if operator == "=" else "or", "", parts, "boolean")

    def _read_array(self, node: Node, parts: tuple[Term, ...]) -> Term:
        items = self._agree(parts) or self._refuse(node)
        return Term("array", "", items, f"{_sort_of(items)} list")

    def _read_quantified(self, node: Node, one: Term, among: Term) -> Term:
        operator = node.text.split()[0]
        items = self._agree((one, *bare(among).parts)) if bare(among).form == "array" else ()
        if not items or (operator not in ("=", "<>") and _sort_of(items) not in _ORDERED):
            return as_sort(self._opaque(node, (one, among)), "boolean")
        return Term("quantified", node.text, items, "boolean")

    def _read_cast(self, node: Node, inside: Term) -> Term:
        """Return the operand of a cast that changes no value; a length, another sort or a smaller type might."""
        written = node.parts[0].form == "string"
        sort = "number" if node.text == "numeric" else SORTS.get(node.text, "")
        if written and sort in _LITERALS and _LITERALS[sort].fullmatch(inside.text):
            plain = inside.text[1:-1] if sort in ("number", "boolean") else inside.text
            made = Term("literal", {"t": "true", "f": "false"}.get(plain, plain), (), sort)
            return made if sort != "number" and node.text != "character varying" else _keep_cast(node, made)
        if written and node.text == "text [ ]" and _ITEMS.fullmatch(inside.text) and "null" not in inside.text.lower():
            items = inside.text[2:-2].split(",")
            return Term("array", "", tuple(Term("literal", f"'{item}'", (), "text") for item in items), "text list")
        if inside.sort == "text list" and node.text in ("text [ ]", "character varying [ ]"):
            return _keep_cast(node, inside)
        if inside.sort == "boolean" and node.text in _TOLD and not written:
            answers = tuple(Term("literal", text, (), sort) for text in _TOLD[node.text])
            return Term("case", "", (inside, Term("not", "", (inside,), "boolean"), *answers, NULL), sort)
        known = not written and not any(find_terms(inside, "opaque"))  # an opaque number may be a fraction
        same = inside.sort == sort and sort not in ("", "number")
        exact = inside.form == "null" or same or node.text in _EXACT.get(inside.sort, ())
        return _keep_cast(node, inside) if known and exact else self._opaque(node, (inside,))

    def _read_call(self, node: Node, parts: tuple[Term, ...]) -> Term:
        agreed = self._agree(parts) if node.text in ("coalesce", "nullif") else ()
        if agreed and not _is_list(agreed):
            return Term(node.text, "", agreed, _sort_of(agreed))
        if node == Node("call", "auth.uid"):
            return _CALLER
        if len(parts) == 1 and parts[0].form == "column":
            if parts[0].sort == "text" and node.text in _CHARACTERS:
                return Term("length", "char_length", parts, "number")
            if (parts[0].sort, node.text) in (("text", "octet_length"), ("bytes", "octet_length"), ("bytes", "length")):
                return Term("length", "octet_length", parts, "number")
        return self._opaque(node, parts)

    def _read_found(self, query: Node, one: Node | None = None) -> Term:
        """Return whether a query without a table returns its row, and for `in`, whether the row has that value."""
        *shown, condition = query.parts
        if one and len(shown) == 1:
            return self._read_row(condition, self._read_comparison("compare", "=", one, shown[0]), _NO)
        if one or any(True for part in shown for _ in find_terms(self.read(part), "opaque")):
            self._refuse(query)  # an aggregate always has a row, and other functions many or none
        return self._read_row(condition, _YES, _NO)

    def _read_row(self, condition: Node, shown: Term, otherwise: Term) -> Term:
        """Return the value of a query without a table, which depends on its condition."""
        asked = as_sort(self.read(condition), "boolean")
        if asked == _YES:
            return shown
        if any(find_terms(shown, "opaque")):
            raise Unreadable("a function in a query that may have no row")
        return Term("case", "", (asked, shown, otherwise), shown.sort)

    def _read_exists(self, query: Node, one: Node | None = None) -> Term:
        """Return whether a declared table has such a row; also for `in`, where neither side can be null."""
        table, _, alias = query.text.removeprefix("public.").partition(" ")
        if self.scope.inner or table not in tables_of_ours() or not query.text.startswith("public."):
            self._refuse(query)
        inside = _Meaning(Scope(self.scope.tables, {alias: table}, self.scope.nulls))
        *shown, condition = (inside.read(part) for part in query.parts)
        parts = [as_sort(condition, "boolean")]
        if one:
            sides = (*shown, inside.read(one))
            if (
                len(sides) != 2
                or not all(self.scope.never_null(side) for side in sides)
                or sides[0].sort != sides[1].sort
            ):
                self._refuse(query)
            parts.append(Term("compare", "=", sides, "boolean"))
        return Term("exists", table, (Term("and", "", tuple(parts), "boolean"),), "boolean")


def _join_limits(word: str, parts: tuple[Node, ...]) -> Iterator[Node]:
    """Yield the parts of an AND or OR; two limits at the same value are one comparison: not below and not above it."""
    opposite, joined = ({">=": "<=", "<=": ">="}, "=") if word == "and" else ({">": "<", "<": ">"}, "<>")
    left = list(parts)
    for part in parts:
        other = part._replace(text=opposite.get(part.text, ""))
        if part in left and part.form == "compare" and other in left and part.parts[0].form != "row":
            left.remove(other)
            left[left.index(part)] = part._replace(text=joined)
    yield from left


def _sort_of(parts: tuple[Term, ...]) -> str:
    return next(part.sort for part in parts if part.sort)


def _keep_cast(node: Node, inside: Term) -> Term:
    """Return a term with its cast, which changes no value, but may select another function or operator."""
    return inside if inside.form == "null" else Term("cast", node.text, (inside,), inside.sort)


def _is_list(parts: tuple[Term, ...]) -> bool:
    """Tell whether these are arrays that list their own items, which are not variables."""
    return _sort_of(parts).endswith(" list")


def _simplify(pattern: Term) -> Term:
    """Return a pattern in its normal form, if it is one."""
    return pattern._replace(text=quote(simplify_pattern(read_string(pattern.text))))
