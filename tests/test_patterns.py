"""Patterns in other words: the same words mean the same to Postgres, and what is made for a pattern fits it."""

import random

import psycopg
import pytest

from fixtures.servers import Database
from lab.checks.schema.equivalence.patterns import match_pattern, simplify_pattern
from lab.database.embedded.server import EmbeddedPostgres
from lab.rules.derived import quote

SAME = {
    "spelled out": ("^[a-z][a-z][a-z]$", "^[a-z]{3}$"),
    "one or more": ("aa*", "a+"),
    "counts that add up": ("[0-9]{2}[0-9]{1,3}", "[0-9]{3,5}"),
    "order in a set": ("[a-z_-]", "[-_a-z]"),
    "order of branches": ("^(a|b)$", "^(b|a)$"),
    "a needless group": ("^(ab)c$", "^abc$"),
    "a needless escape": (r"a\-b", "a-b"),
    "a set of one sign": (r"a[.]b", r"a\.b"),
    "a count of one": ("ab{1}", "ab"),
    "a group that is not kept": ("^(?:re|pyr)_(?:a)$", "^(pyr|re)_a$"),
}
DIFFERENT = {
    "another count": ("^[a-z]{3}$", "^[a-z]{2}$"),
    "no end": ("^[a-z]{3}$", "^[a-z]{3}"),
    "any sign": (r"a\.b", "a.b"),
    "a sign more": ("[a-z]", "[a-z ]"),
    "all others": ("[a-z]", "[^a-z]"),
    "a class": (r"\s", "s"),
    "a group that comes again": ("(ab)*", "ab*"),
    "a branch of the whole": ("^a|b$", "^(a|b)$"),
    "an escaped sign": (r"\$", "$"),
    "another order": ("ab", "ba"),
    "a question and a colon": ("(?:ab)?", "(:ab)?"),
}
UNREADABLE = (
    *(
        "(?i)a",
        "(?=a)",
        "(?!a)b",
        "(?<=a)b",
        "(?",
        "(?n)^a$",
        "***=a",
        "a+?",
        "a{2,1}",
        "a**",
        "[[:alpha:]]",
        "[[.a.]]",
        r"(a)\1",
        r"\ma",
        "a(",
        "a)",
    ),
    *("[a-z-_]", "[z-a]", "[+--x]", r"[/-\?]", r"[a-\]]", "[%--]", "a{256}", "a{1,300}", "a" * 401),
    *("[a", "a{", "a{x}", "*a", "^*", "[]a]", r"[\d-z]", "a\\"),
)


@pytest.mark.parametrize("name", SAME)
def test_patterns_in_the_same_words(name: str) -> None:
    one, other = SAME[name]
    assert simplify_pattern(one) == simplify_pattern(other)


@pytest.mark.parametrize("name", DIFFERENT)
def test_patterns_that_differ(name: str) -> None:
    one, other = DIFFERENT[name]
    assert simplify_pattern(one) != simplify_pattern(other)


@pytest.mark.parametrize("pattern", UNREADABLE)
def test_what_is_not_understood_stays_as_it_is(pattern: str) -> None:
    assert simplify_pattern(pattern) == pattern
    assert match_pattern(pattern) == ()


def test_a_pattern_that_is_too_deep_stays_as_it_is() -> None:
    deep = "(" * 5000 + "a" + ")" * 5000
    assert simplify_pattern(deep) == deep


def test_no_text_is_made_that_nobody_could_hold() -> None:
    assert match_pattern("((a{255}){255}){255}") == ()
    assert max(map(len, match_pattern("^[a-z]{1,255}$"))) == 255


ATOMS = ("a", "b", "[ab]", "[^a]", "[a-c]", r"\s", r"\.", ".", "-", "[-a]", r"[\]a]", r"[\^a]", "[a^]", r"\d", r"\w")
COUNTS = ("", "", "", "*", "+", "?", "{2}", "{0}", "{1,2}", "{2,}")
TEXTS = (
    "",
    "a",
    "b",
    "c",
    "-",
    ".",
    " ",
    "]",
    "^",
    "aa",
    "ab",
    "ba",
    "bb",
    "a.",
    "a b",
    "aab",
    "abab",
    "aaaa",
    "a\na",
    "1",
    "_",
)


def make_pattern(dice: random.Random, depth: int = 2) -> str:
    def make_piece() -> str:
        atom = f"({make_pattern(dice, depth - 1)})" if depth and dice.random() < 0.25 else dice.choice(ATOMS)
        return atom + dice.choice(COUNTS)

    branches = ["".join(make_piece() for _ in range(dice.randrange(1, 4))) for _ in range(dice.choice((1, 1, 2)))]
    whole = "|".join(branches)
    return f"^({whole})$" if dice.random() < 0.6 else whole


def test_other_words_mean_the_same_to_postgres(server: EmbeddedPostgres, database: type[Database]) -> None:
    dice = random.Random(7)
    patterns = [make_pattern(dice) for _ in range(1500)]
    pairs = [(pattern, simplify_pattern(pattern)) for pattern in patterns]
    assert sum(one != other for one, other in pairs) > 500
    listed = ", ".join(f"({quote(one)}, {quote(other)})" for one, other in pairs)
    texts = ", ".join(map(quote, TEXTS))
    query = (
        f"select p.one, p.other, t.text from (values {listed}) as p (one, other), unnest(array[{texts}]) as t (text) "
        "where (t.text ~ p.one) is distinct from (t.text ~ p.other)"
    )
    with psycopg.connect(database(server, "bare").url) as connection:
        assert connection.execute(query.encode()).fetchall() == []


def test_what_is_made_for_a_pattern_fits_it(server: EmbeddedPostgres, database: type[Database]) -> None:
    patterns = ("^[a-z_]+\\.[a-z_]+$", "^[A-Za-z0-9_-]{1,80}$", "^[^@\\s]+@[^@\\s]+$", "^(a|bc)?[0-9]{2,4}$", "^.-$")
    made = [(pattern, text) for pattern in patterns for text in match_pattern(pattern)]
    assert len(made) > 40
    listed = ", ".join(f"({quote(pattern)}, {quote(text)})" for pattern, text in made)
    with psycopg.connect(database(server, "bare").url) as connection:
        query = f"select * from (values {listed}) as p (pattern, text) where text !~ pattern"
        assert connection.execute(query.encode()).fetchall() == []
