"""Expressions compared by form and by meaning: no false peace, no false alarm."""

import pytest

from lab.meaning.logic import same_condition, same_query
from lab.meaning.samples import ME, find_literals, make_values, read_string
from lab.meaning.tokens import same_text, take_apart, write_name
from lab.meaning.vocabulary import find_doubt

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


@pytest.mark.parametrize(
    ("name", "written"), {"anon": "anon", "my role": '"my role"', 'a"b': '"a""b"', "Public": '"Public"'}.items()
)
def test_names_are_quoted_when_they_must(name: str, written: str) -> None:
    assert write_name(name) == written


COLUMNS = frozenset({"subject_id", "locale", "question"})
DOUBTS = {
    "function": ("locale = 'a'", "locale = 'a' or md5(question) = 'b'", "md5"),
    "keyword": ("locale = 'a'", "locale = 'a' or current_user = 'b'", "current_user"),
    "operator": ("locale = 'a'", "locale = 'a' or question || locale = 'b'", "||"),
    "pattern": ("locale ~ 'a'", "locale ~ 'b'", "another pattern"),
    "key": ("auth.jwt() ->> 'a' = 'x'", "auth.jwt() ->> 'b' = 'x'", "another pattern or key"),
    "quoted name": ("locale = 'a'", "\"locale\" = 'a'", '"locale"'),
    "function of the same schema": ("auth.uid() is null and role = 'x'", "auth.role() is null", "another function"),
    "span": ("a < now() - '1 day'::interval", "a < now() - '2 days'::interval", "another length of time"),
}


@pytest.mark.parametrize("name", DOUBTS)
def test_doubt(name: str) -> None:
    expected, seen, reason = DOUBTS[name]
    assert reason in str(find_doubt(expected, seen, COLUMNS))


@pytest.mark.parametrize(
    "seen", ["not (locale <> 'a')", "coalesce(locale, 'x') = 'a'", "length(locale) = 5", "locale in ('a', 'b')"]
)
def test_no_doubt(seen: str) -> None:
    assert find_doubt("locale = 'a'", seen, COLUMNS) is None


def test_values_stand_around_every_literal() -> None:
    literals = find_literals("length(a) between 1 and 80", "a in ('b', E'c\\\\d')")
    assert literals.numbers == (1, 80)
    assert literals.texts == ("b", "c\\d")
    texts = {value.removesuffix("::text") for value in make_values("text", literals)[1:]}
    assert {"b", "c\\d", "bx"} <= {read_string(text) for text in texts if text.startswith("'")}
    assert {f"repeat('x', {length})" for length in (79, 80, 81)} <= texts
    assert {"(79)::bigint", "(80)::bigint", "(81)::bigint"} <= set(make_values("bigint", literals))
    assert f"'{ME}'::uuid" in make_values("uuid", literals)
    assert make_values("point", literals) == []
    assert all(
        "null" in make_values(kind, literals)[0] for kind in ("text", "uuid", "boolean", "bytea", "text[]", "jsonb")
    )
