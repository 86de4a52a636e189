"""Expressions compared by form and by meaning: no false peace, no false alarm."""

import pytest

from lab.checks.schema.equivalence.equivalence_query import Question, write_question
from lab.checks.schema.equivalence.grammar import read_expression
from lab.checks.schema.equivalence.interpret import understand
from lab.checks.schema.equivalence.logic import same_condition, same_query
from lab.checks.schema.equivalence.nodes import Unreadable
from lab.checks.schema.equivalence.samples import find_groups, make_values
from lab.checks.schema.equivalence.terms import Scope, Term, find_terms
from lab.checks.schema.expected import load_expected
from lab.sql.tokens import same_text, take_apart, write_name

SAME = {
    "order": ("a and b and c", "c and (b and a)"),
    "brackets": ("((a = 1) or (b = 2))", "b = 2 or a = 1"),
    "spacing": ("a  =\n1 -- why\n", "a = 1"),
    "nested": ("a and (b or c)", "(c or b) and a"),
    "case": ("case when a or b then c end and d", "d and case when a or b then c end"),
}
DIFFERENT = {
    "precedence": ("a and (b or c)", "(a and b) or c"),
    "case's inside": ("case when a or b then c end", "case when b or c then a end"),
    "a literal": ("a = 'x  y'", "a = 'x y'"),
    "a missing part": ("a and b", "a"),
    "a query's condition": ("(select a from t where x or y)", "y or (select a from t where x)"),
    "and for or": ("a and b", "a or b"),
}


@pytest.mark.parametrize("name", SAME)
def test_same_conditions(name: str) -> None:
    assert same_condition(*SAME[name])


@pytest.mark.parametrize("name", DIFFERENT)
def test_different_conditions(name: str) -> None:
    assert not same_condition(*DIFFERENT[name])


def test_queries_with_a_reordered_condition() -> None:
    one = "select a from t where x and y;"
    assert same_query(one, "select a from t where (y and x)")
    assert not same_query(one, "select b from t where x and y")
    assert not same_query(one, "select a from t where x and y limit 1")
    assert not same_query("select a from t", one)


def test_texts_with_comments() -> None:
    assert same_text("begin -- one\n return 1; end", "BEGIN /* two */ return 1;\nend")
    assert not same_text("select '-- one'", "select '-- two'")
    assert [token.form for token in take_apart("a ~ E'\\'' || $x$ ' $x$")] == [
        "word", "operator", "string", "operator", "string",
    ]  # fmt: skip


COMMENTS = {
    "nested": ("a /* b /* c */ d */ e", "a e"),
    "deeply nested": ("a /*/**//* */*/ e", "a e"),
    "never closed": ("a /* b /* c */ e", "a"),
    "with a string": ("a /* ' */ e", "a e"),
    "with a dollar quote": ("a /* $x$ */ e", "a e"),
    "in a string": ("a '/*' e '*/'", "a '/*'  e '*/'"),
    "in a dollar quote": ("a $$ /* $$ e", "a $$ /* $$\n e"),
    "behind an operator": ("a =-- b\n e", "a = e"),
    "in an operator": ("a </* b */ e", "a < e"),
    "ended by a carriage return": ("a -- b\r e", "a e"),
}


@pytest.mark.parametrize("name", COMMENTS)
def test_comments_end_where_postgres_ends_them(name: str) -> None:
    assert same_text(*COMMENTS[name])


def test_texts_that_only_look_the_same() -> None:
    assert not same_text("a \u00a0b", "a b")  # part of the name
    assert not same_text("a\u00c9", "a\u00e9")  # capitals count beyond ASCII
    assert not same_text("select 1_000", "select 1 _000")  # a number, and a number with a name
    assert not same_text("select x'1f'", "select x '1f'")  # bits, and a literal of type x


@pytest.mark.parametrize(
    ("name", "written"), {"anon": "anon", "my role": '"my role"', 'a"b': '"a""b"', "Public": '"Public"'}.items()
)
def test_names_are_quoted_when_they_must(name: str, written: str) -> None:
    assert write_name(name) == written


SCROLLS = Scope({"oracle_scrolls": "oracle_scrolls"})
UNREADABLE = {
    "a cut": "locale = 'a",
    "a collation of a schema": "locale collate pg_catalog.\"C\" = 'a'",
    "a part of a text from nowhere": "substring(locale for 2) = 'a'",
    "a trim of nothing": "trim(locale) = 'a'",
    "a part that is no word": "extract('month' from created_at) = 1",
    "an operator with a schema": "locale operator(pg_catalog.=) 'a'",
    "two operations without brackets": "1 + 2 * 3 = 7",
    "a query of two tables": "exists (select from public.products, public.purchases)",
    "a query with a limit": "exists (select from public.products limit 0)",
    "an alias with columns": "exists (select from public.products as p (id))",
    "an aggregate": "exists (select count(*) from public.products)",
    "a part of an array": "locale = (array['a'])[1]",
    "a window": "rank() over () = 1",
    "an order": "string_agg(locale, 'a' order by locale) = 'a'",
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_the_grammar_does_not_know_is_refused(name: str) -> None:
    with pytest.raises(Unreadable):
        read_expression(UNREADABLE[name])


def test_another_order_of_letters_is_not_understood() -> None:
    with pytest.raises(Unreadable):
        understand("locale collate \"C\" = 'a'", SCROLLS)


def test_every_expression_of_the_rules_is_understood() -> None:
    rules = load_expected(18)
    found = [
        (facts["relation"], facts[fact])
        for kind, fact in (("policy", "using"), ("policy", "with_check"), ("constraint", "expression"))
        for facts in rules.of(kind).values()
        if facts.get(fact)
    ]
    assert len(found) > 90
    for relation, expression in found:
        table = relation.removeprefix("public.")
        assert understand(expression, Scope({table: table})).sort == "boolean"


DOUBTS = {
    "a function": ("locale = 'a'", "locale = 'a' or md5(question) = 'b'"),
    "a name": ("locale = 'a'", "locale = 'a' or current_user = 'b'"),
    "an operation": ("locale = 'a'", "locale = 'a' or (question || locale) = 'b'"),
    "a pattern": ("locale ~ 'a'", "locale ~ 'b'"),
    "a key": ("(auth.jwt() ->> 'a') = 'x'", "(auth.jwt() ->> 'b') = 'x'"),
    "a schema": ("auth.role() = 'x'", "public.role() = 'x'"),
    "a quoted function": ("created_at < now()", 'created_at < "now"()'),
    "a span": ("created_at < (now() - '1 day'::interval)", "created_at < (now() - '2 days'::interval)"),
    "an order of texts": ("locale = 'a'", "locale = 'a' or locale < 'a'"),
    "an order of ids": ("id is not null", "id > '00000000-0000-0000-0000-000000000000'::uuid"),
    "an order of any of them": ("locale = 'a'", "locale < any (array['a'])"),
    "a length": ("locale = 'a'", "(locale)::character varying(1) = 'a'"),
    "a literal's length": ("locale = 'a'", "locale = 'ab'::character varying(1)"),
    "an array's length": ("locale = 'a'", "locale = any ((array['ab'])::character varying(1)[])"),
    "another type of text": ("locale = 'a'", "(locale)::bpchar = ('a'::text)::bpchar"),
    "a type of somebody": ("locale = 'a'", "locale = 'a'::public.text"),
    "a fraction": ("char_length(locale) < 3", "char_length(locale) < 2.5"),
    "a fraction that is cut": ("f(locale) < 3", "(coalesce(f(locale), 0))::bigint < 3"),
    "a float": ("char_length(locale) < 3", "(char_length(locale))::double precision < 3"),
    "both lengths": ("char_length(locale) < 3", "char_length(locale) < 3 or octet_length(locale) < 3"),
    "a length of something else": ("char_length(locale) < 3", "char_length(coalesce(locale, 'a')) < 3"),
    "fewer digits": ("created_at < now()", "created_at < current_timestamp(0)"),
    "another clock": ("created_at < now()", "created_at < clock_timestamp()"),
    "another zone": ("created_at < now()", "created_at < ('2020-01-01'::timestamp without time zone)"),
    "two sorts": ("locale = 'a'", "locale = 1"),
    "a part of two sorts": ("f(locale) = 'a' or f(locale) = 1", "f(locale) = 'a'"),
    "no column": ("locale = 'a'", "xmin = 'a'"),
    "two sub-selects": (
        "locale = 'a'",
        "exists (select from public.products p where p.active) or exists (select from public.products)",
    ),
    "a table of somebody": ("locale = 'a'", "exists (select from extensions.products p)"),
    "a function in a sub-select": (
        "lower(locale) = 'a'",
        "exists (select from public.oracle_scrolls s where lower(s.locale) = 'a')",
    ),
    "a list that may hold null": (
        "locale = 'a'",
        "answer in (select s.answer from public.oracle_scrolls s)",
    ),
}


def ask(expected: str, seen: str) -> Question:
    forms = understand(expected, SCROLLS), understand(seen, SCROLLS)
    return write_question(*forms, SCROLLS, declared=forms[0], null_passes=False)


@pytest.mark.parametrize("name", DOUBTS)
def test_doubt(name: str) -> None:
    with pytest.raises(Unreadable):
        ask(*DOUBTS[name])


TEXTS = ("locale", "question", "answer")
COMPLETE = {
    "turned over": ("locale = 'a'", "not (locale <> 'a')", True),
    "coalesce": ("locale = 'a'", "coalesce(locale, 'x') = 'a'", True),
    "a length": ("locale = 'a'", "length(locale) = 5", True),
    "a list": ("locale = 'a'", "(locale)::text = any ((array['a'::character varying, 'b'])::text[])", True),
    "a list as text": ("locale = 'a'", "locale = any ('{a,b}'::text[])", True),
    "another alias": (
        "exists (select from public.share_cards a where a.id = oracle_scrolls.id)",
        "exists (select 1 from public.share_cards b where id = b.id)",
        True,
    ),
    "a clock": ("created_at < now()", "created_at < current_timestamp(6)", True),
    "an opaque part in other words": ("locale ~ 'a'", "not ((locale)::character varying !~ 'a'::text)", True),
    "a length beyond every made-up text": ("locale = 'a'", "char_length(locale) = 10001", False),
    "a moment of its own": ("created_at < now()", "created_at < '2020-01-01 00:00:00+00'::timestamptz", False),
    "too many rows": ("locale = 'a'", " or ".join(f"{c} = '{n}'" for c in TEXTS for n in range(50)), False),
}  # fmt: skip


@pytest.mark.parametrize("name", COMPLETE)
def test_values_are_complete_or_said_not_to_be(name: str) -> None:
    expected, seen, complete = COMPLETE[name]
    forms = (understand(expected, SCROLLS), understand(seen, SCROLLS))
    assert write_question(*forms, SCROLLS, declared=forms[0], null_passes=False).complete is complete


def _values(expression: str, column: str) -> list[str]:
    form = understand(expression, SCROLLS)
    groups = find_groups(form)
    return make_values(next(one for one in find_terms(form, "column") if one.text == column), groups)


def test_values_stand_around_every_constant() -> None:
    assert _values("locale = 'b' or locale = 'A'", "locale") == ["('b')::text", "('A')::text", "repeat('B', 1)"]
    assert _values("locale = question", "question") == ["repeat('A', 1)", "repeat('B', 1)"]
    lengths = _values("char_length(question) >= 5", "question")
    assert lengths == [f"repeat('A', {length})" for length in (0, 1, 4, 5, 6)]
    assert _values("id = '00000000-0000-4000-8000-000000000001'::uuid", "id")[1] == (
        "'00000000-0000-4000-8000-000000000002'::uuid"
    )
    moments = _values("created_at < now() or created_at > sealed_at", "sealed_at")
    assert moments == [f"now() + {step} * interval '1 microsecond'" for step in range(-2, 3)]


def test_fractions_stand_where_an_opaque_part_may_be_one() -> None:
    form = understand("f(locale) > 1", SCROLLS)
    (part,) = find_terms(form, "opaque")
    assert {"(0)::numeric", "(0.5)::numeric", "(1)::numeric", "(1.5)::numeric"} <= set(
        make_values(part, find_groups(form))
    )


def test_constants_of_one_comparison_are_none_of_another() -> None:
    groups = find_groups(understand("(locale = 'a') = (char_length(question) = 3)", SCROLLS))
    assert [one.text for one in groups[Term("column", "locale", (), "text")].constants] == ["'a'"]
