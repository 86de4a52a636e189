"""Parses an expression, as Postgres prints it, into a tree; anything outside this small grammar is refused.

Source of precedence: Postgres' documentation, "Operator Precedence".
"""

from collections.abc import Callable

from lab.checks.schema.equivalence.nodes import TRUE, Node, Unreadable, fold_aggregate, replace_names
from lab.checks.schema.equivalence.token_reader import TokenReader
from lab.sql.tokens import Token, take_apart

# Operators that match a text with a pattern; an exclamation mark negates them.
REGULAR, LIKES = ("~", "~*"), ("~~", "~~*")
COMPARISONS = frozenset(("=", "<>", "!=", "<", ">", "<=", ">="))
_NO_NAMES = frozenset(
    (
        *("all", "and", "any", "array", "as", "at", "between", "case", "check", "collate", "cross", "distinct", "else"),
        *("end", "except", "exists", "fetch", "for", "from", "full", "group", "having", "ilike", "in", "inner"),
        *("intersect", "is", "isnull", "join", "left", "like", "limit", "natural", "not", "notnull", "offset", "on"),
        *("or", "order", "over", "right", "select", "similar", "some", "then", "union", "using", "when", "where"),
        *("window", "with"),
    )
)
_TYPE_WORDS = frozenset(("varying", "precision", "with", "without", "time", "zone"))
_ANSWERS = ("null", "true", "false", "unknown")


def read_expression(text: str, *, items: bool = False) -> Node:
    """Return an expression's tree.

    Args:
        text: As Postgres prints it.
        items: Whether to read an array's subscript, as a node of the form `item`; only some readers support it.

    Forms: and, or, not, compare, quantified (`= any (...)`), is, distinct, row, case, array, call, operate, cast,
    select, exists, within (`in (select ...)`), collate, name, string, number, constant.

    Raises:
        Unreadable: It is outside the grammar, or nested too deep.
    """
    reader = _Reader(take_apart(text), items=items)
    try:
        found = reader.read_or()
    except RecursionError:
        raise Unreadable("too many nested brackets") from None
    if reader.place != len(reader.tokens):
        raise Unreadable(f"what begins with {reader.tokens[reader.place].text}")
    return found


class _Reader(TokenReader):
    """Reads expressions, from the loosest operator to single operands."""

    def __init__(self, tokens: tuple[Token, ...], *, items: bool = False) -> None:
        super().__init__(tokens)
        self.items = items
        self.named: dict[str, list[tuple[Node, str]]] = {}  # queries of WITH, by name: their columns with labels

    # Conditions, from the loosest to the tightest

    def read_or(self) -> Node:
        return self._joined("or", self._read_and)

    def _read_and(self) -> Node:
        return self._joined("and", self._read_not)

    def _joined(self, word: str, read: Callable[[], Node]) -> Node:
        parts = [read()]
        while self.take(word):
            parts.append(read())
        return Node(word, "", tuple(parts)) if len(parts) > 1 else parts[0]

    def _read_not(self) -> Node:
        return Node("not", "", (self._read_not(),)) if self.take("not") else self._read_is()

    def _read_is(self) -> Node:
        found = self._read_comparison()
        while self.take("is"):
            if found.form == "row":
                raise Unreadable("is, of a row: what is not null is then not the opposite of null")
            negated = self.take("not")
            if self.take("distinct", "from"):
                asked = Node("distinct", "", (found, self._read_comparison()))
            else:
                answer = self.next_token().text
                if answer not in _ANSWERS:
                    raise Unreadable(f"is {answer}")
                asked = Node("is", answer, (found,))
            found = Node("not", "", (asked,)) if negated else asked
        return found

    def _read_comparison(self) -> Node:
        left = self._read_operation()
        if self.take_select("in", "("):
            return Node("within", "", (left, self._read_select()))
        if self.take("in", "(", "values"):
            return Node("quantified", "= any", (left, Node("array", "", self._read_values())))
        operator = self.operator()
        if operator not in COMPARISONS:
            return left
        self.place += 1
        for word in ("any", "all"):
            if self.take(word, "("):
                return self._read_quantified(left, operator, word)
        return Node("compare", "<>" if operator == "!=" else operator, (left, self._read_operation()))

    def _read_quantified(self, left: Node, operator: str, word: str) -> Node:
        if self.take_select():
            among = self._read_single()
        else:
            among = self.read_or()
            self.need(")")
        return Node("quantified", f"{operator} {word}", (left, among))

    def _read_single(self) -> Node:
        """Read the rest of a query that always returns one row, as an array of its columns."""
        query = self._read_select()
        if query.text or len(query.parts) != 2 or query.parts[1] != TRUE:
            raise Unreadable("a query of many rows, or of none")
        return Node("array", "", query.parts[:1])

    def _read_operation(self) -> Node:
        """Read one operation; two without brackets are refused, so that their order never matters."""
        if operator := self.operator():
            self.place += 1
            return Node("operate", operator, (self._read_cast(),))
        left = self._read_cast()
        operator = self.operator()
        if not operator or operator in COMPARISONS:
            return left
        self.place += 1
        return Node("operate", operator, (left, self._read_cast()))

    def _read_cast(self) -> Node:
        found = self._read_primary()
        while True:
            if self.take("::"):
                found = Node("cast", self._read_type(), (found,))
            elif self.take("at", "time", "zone"):
                found = Node("call", "timezone", (self._read_cast(), found))
            elif self.take("collate"):
                found = Node("collate", self.next_token().text, (found,))
            else:
                return found

    def _read_type(self) -> str:
        """Return a type as it is printed; a type with a length is a different type."""
        words = [self.next_token().text]
        while self.place < len(self.tokens):
            token = self.tokens[self.place]
            if token.text in ("(", "["):
                end = ")" if token.text == "(" else "]"
                while not self.looks_at(end):
                    words.append(self.next_token().text)
            elif token.text not in _TYPE_WORDS and token.text != ".":
                break
            words.append(self.next_token().text)
        return " ".join(words)

    # Single operands

    def _read_primary(self) -> Node:
        token = self.next_token()
        if token.form == "number" or (token.form == "string" and token.text[0] == "'"):
            return Node(token.form, token.text)
        if token.text == "(" and token.form == "mark":
            return self._read_bracket()
        if token.form == "quoted":
            self.place -= 1
            return self._read_name()
        if token.form != "word":
            raise Unreadable(token.text)
        if token.text in ("null", "true", "false"):
            return Node("constant", token.text)
        special = {"case": self._read_case, "exists": self._read_exists, "array": self._read_array}.get(token.text)
        if special:
            return special()
        self.place -= 1
        return self._read_name()

    def _read_bracket(self) -> Node:
        if self.take_select():
            return self._read_select()
        if self.take("values"):
            return Node("select", "", (self._read_only_value(), TRUE))
        found = self.read_or()
        self.need(")")
        found = self._read_item(found)
        if self.looks_at(".") or self.looks_at("["):
            raise Unreadable("a part of something")
        return found

    def _read_name(self) -> Node:
        names = [self._read_identifier()]
        while self.take("."):
            names.append(self._read_identifier())
        name = ".".join(names)
        if self.take("("):
            spelled = {"trim": self._read_trim, "position": self._read_position, "extract": self._read_extract}
            if name in spelled:
                return spelled[name]()
            return self._read_substring() if name == "substring" else self._read_call(name)
        found = self._read_item(Node("name", name))
        if self.looks_at("["):
            raise Unreadable("a part of an array")
        return found

    def _read_item(self, whole: Node) -> Node:
        """Read one item of an array, where items are understood."""
        if not self.items or not self.take("["):
            return whole
        found = Node("item", "", (whole, self.read_or()))
        self.need("]")
        return found

    def _read_call(self, name: str) -> Node:
        if name == "count" and self.take("*", ")"):
            return Node("call", "count")
        return Node("row" if name == "row" else "call", name, self._read_list(")"))

    # Calls with a syntax of their own, read as ordinary calls. Source: src/backend/utils/adt/ruleutils.c.

    def _read_trim(self) -> Node:
        name = {"both": "btrim", "leading": "ltrim", "trailing": "rtrim"}.get(self.next_token().text)
        if name is None:
            raise Unreadable("trim")
        signs = () if self.looks_at("from") else (self.read_or(),)
        self.need("from")
        return self._end_call(name, self.read_or(), *signs)

    def _read_position(self) -> Node:
        part = self.read_or()
        self.need("in")
        return self._end_call('"position"', self.read_or(), part)

    def _read_extract(self) -> Node:
        field = self.next_token()
        if field.form != "word":
            raise Unreadable("extract")
        self.need("from")
        return self._end_call('"extract"', Node("string", f"'{field.text}'"), self.read_or())

    def _read_substring(self) -> Node:
        text = self.read_or()
        self.need("from")
        start = self.read_or()
        return self._end_call('"substring"', text, start, *((self.read_or(),) if self.take("for") else ()))

    def _end_call(self, name: str, *parts: Node) -> Node:
        self.need(")")
        return Node("call", name, parts)

    def _read_identifier(self) -> str:
        """Return a name, with its quotes: a quoted word is never a keyword."""
        token = self.next_token()
        if token.form not in ("word", "quoted") or token.text in _NO_NAMES or "." in token.text:
            raise Unreadable(token.text)
        return token.text

    def _read_list(self, end: str) -> tuple[Node, ...]:
        if self.take(end):
            return ()
        items = [self.read_or()]
        while self.take(","):
            items.append(self.read_or())
        self.need(end)
        return tuple(items)

    def _read_array(self) -> Node:
        if self.take_select("("):
            return self._read_single()
        self.need("[")
        return Node("array", "", self._read_list("]"))

    def _read_case(self) -> Node:
        """Read a CASE as its conditions and results in turn; the last part is the result of ELSE."""
        given = None if self.looks_at("when") else self.read_or()
        parts: list[Node] = []
        while self.take("when"):
            asked = self.read_or()
            self.need("then")
            parts += [Node("compare", "=", (given, asked)) if given else asked, self.read_or()]
        parts.append(self.read_or() if self.take("else") else Node("constant", "null"))
        self.need("end")
        return Node("case", "", tuple(parts))

    def _read_exists(self) -> Node:
        if not self.take_select("("):
            raise Unreadable("exists")
        return Node("exists", "", (self._read_select(),))

    def take_select(self, *before: str) -> bool:
        """Step over these and the beginning of a query, if they are next."""
        if self.take(*before, "with"):
            self._read_with()
            self.need("select")
            return True
        return self.take(*before, "select")

    def _read_with(self) -> None:
        """Read the queries that a query names before it begins; each has one row."""
        while not self.named or self.take(","):
            name = self._read_identifier()
            labels = [node.text for node in self._read_list(")")] if self.take("(") else []
            self.need("as")
            self.take("not")
            self.take("materialized")
            self.need("(", "select")
            shown = self._read_shown()
            self.need(")")
            if name in self.named or len(labels) not in (0, len(shown)):
                raise Unreadable(f"the query {name}")
            columns = [label for _, label in shown]
            self.named[name] = list(zip((node for node, _ in shown), labels or columns, strict=True))

    def _read_select(self) -> Node:
        """Read a query of at most one table: selected expression and condition; the text names table and alias."""
        shown = [node for node, _ in self._read_shown()]
        table, inner = "", dict[str, Node]()
        if self.take("from", "("):
            inner = self._read_derived()
        elif self.take("from"):
            table = self._read_identifier()
            while self.take("."):
                table += f".{self._read_identifier()}"
            name, ends = table, self.looks_at("where") or self.looks_at(")")
            alias = table.rpartition(".")[2] if ends else self._read_identifier()
            table = "" if name in self.named else f"{table} {alias}"
            inner = {f"{alias}.{label}": node for node, label in self.named.get(name, ())}
        condition = self.read_or() if self.take("where") else TRUE
        if not table:
            self.take("limit", "1")  # a query without a table has no other row
        self.need(")")
        if table and Node("call", "count") in shown:
            raise Unreadable("a count of many rows")
        parts = tuple(replace_names(part, inner) for part in (*shown, condition))
        return Node("select", table, parts if table else fold_aggregate(*parts))

    def _read_shown(self) -> list[tuple[Node, str]]:
        """Read selected expressions, each with its label; an empty one if there is none."""
        shown: list[tuple[Node, str]] = []
        while not shown or self.take(","):
            if self.looks_at("from") or self.looks_at("where"):
                break
            found = self.read_or()
            shown.append((found, self._read_identifier() if self.take("as") else ""))
        return shown

    def _read_derived(self) -> dict[str, Node]:
        """Read a query of one row in FROM; return its columns by the names that the outer query uses."""
        if self.take("values"):
            columns = [(self._read_only_value(), "")]
        else:
            self.need("select")
            columns = self._read_shown()
            self.need(")")
        alias = self._read_identifier()
        labels = [label for _, label in columns]
        if self.take("("):
            labels = [node.text for node in self._read_list(")")]
        if len(labels) != len(columns):
            raise Unreadable("a column without a name")
        return {f"{alias}.{label}": node for (node, _), label in zip(columns, labels, strict=True)}

    def _read_values(self) -> tuple[Node, ...]:
        """Read the rest of VALUES with one column."""
        values: list[Node] = []
        while not values or self.take(","):
            self.need("(")
            values.append(self.read_or())
            self.need(")")
        self.need(")")
        return tuple(values)

    def _read_only_value(self) -> Node:
        """Read the rest of VALUES with one row of one column."""
        values = self._read_values()
        if len(values) > 1:
            raise Unreadable("several rows")
        return values[0]
