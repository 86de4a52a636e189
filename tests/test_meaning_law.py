"""The law of comparison by meaning: what is said to be reworded differs on no row, whatever was rewritten in it.

Random conditions are rewritten at random, some so that they mean the same and some so that they nearly do. Where the
two are said to be one, they are asked of very many other rows, as written: none may tell them apart.
"""

import random
from collections import Counter
from collections.abc import Callable
from typing import Any, TypeAlias

import psycopg
import pytest

from fixtures.servers import Database
from lab.checks.finding import Finding
from lab.checks.schema.difference import Difference, Forms
from lab.checks.schema.equivalence import judge
from lab.database.embedded.server import EmbeddedPostgres
from lab.rules.model import Severity

PAIRS = 120
TEXTS = ("channel", "leg", "error_class")
IDS = ("id", "artifact_id", "purchase_id")
COUNTS = ("attempts", "max_attempts")
MOMENTS = ("created_at", "lease_until")
WORDS = ("'a'::text", "'AA'::text", "'AB'::text")
PATTERNS = ("'^a'", "'^[aA]{2}$'", "'^[ab]+$'")
Tree: TypeAlias = tuple[Any, ...]  # a word and what it joins; or the text of an atom alone


def _make_atom(dice: random.Random) -> Tree:
    one, other = dice.choice(TEXTS), dice.choice(TEXTS)
    measured = dice.choice(
        (f"char_length({one})", f"COALESCE(char_length({one}), 2)", f"NULLIF(char_length({one}), 2)")
    )
    bounds = (str(dice.randrange(4)), f"char_length({other})", f"(char_length({other}))::bigint")
    words = ", ".join(dice.sample(WORDS, 2))
    case = f"CASE WHEN ({one} IS NULL) THEN {dice.choice(WORDS)} ELSE {other} END"
    return (
        dice.choice(
            (
                f"({measured} {dice.choice(('<', '<=', '>', '>=', '=', '<>'))} {dice.choice(bounds)})",
                f"({one} {dice.choice(('=', '<>', 'IS DISTINCT FROM'))} {dice.choice((*WORDS, other, case))})",
                f"({one} {dice.choice(('= ANY', '<> ALL', '= ALL'))} (ARRAY[{words}]))",
                f"({one} IS {dice.choice(('NULL', 'NOT NULL'))})",
                f"({dice.choice(MOMENTS)} {dice.choice(('<', '>='))} {dice.choice((*MOMENTS, 'now()'))})",
                f"({dice.choice(IDS)} {dice.choice(('=', '<>'))} {dice.choice(IDS)})",
                f"({dice.choice(COUNTS)} {dice.choice(('<', '<=', '='))} {dice.choice((*COUNTS, *bounds))})",
                f"({one} ~ {dice.choice(PATTERNS)}::text)",
                "cancel_requested",
            )
        ),
    )


def _make_tree(dice: random.Random, depth: int) -> Tree:
    if depth == 0:
        return _make_atom(dice)
    word = dice.choice(("and", "or", "not", "case", "coalesce"))
    many = {"not": 1, "case": 3, "coalesce": 1}.get(word, 2)
    return word, *(_make_tree(dice, depth - dice.choice((1, 1, depth))) for _ in range(many))


def _write(tree: Tree) -> str:
    word: str = tree[0]
    parts: list[Tree] = list(tree[1:])
    texts = [_write(part) for part in parts]
    match word:
        case "and" | "or":
            return f"({f' {word.upper()} '.join(texts)})"
        case "not":
            return f"(NOT {texts[0]})"
        case "case":
            return f"CASE WHEN {texts[0]} THEN {texts[1]} ELSE {texts[2]} END"
        case "coalesce":
            return f"COALESCE({texts[0]}, false)"
    return word


SLIPS = (
    *((" <= ", " < "), (" > ", " >= "), (" < ", " <= "), (" = ", " IS DISTINCT FROM "), (" 1)", " 2)"), (" 2)", " 1)")),
    *((" 0)", " 1)"), ("'a'", "'aa'"), ("channel", "leg"), ("error_class", "leg"), ("= ANY", "= ALL")),
    *(
        (" <> ALL", " = ALL"),
        ("lease_until", "created_at"),
        ("IS NULL", "IS NOT NULL"),
        ("ELSE error_class", "ELSE channel"),
        *(("'^a'", "'^(a)'"), ("'^a'", "'a'"), ("[aA]{2}", "[Aa][aA]"), ("[ab]+", "[ab]*"), ("[ab]+", "[ab][ba]*")),
    ),
)


def _rewrite(tree: Tree, dice: random.Random) -> Tree:
    """Return it with something rewritten somewhere: mostly with the same meaning, at times with nearly the same."""
    word, *parts = tree
    if parts and dice.random() < 0.7:
        place = dice.randrange(len(parts))
        parts[place] = _rewrite(parts[place], dice)
        return word, *parts
    slips = [slip for slip in SLIPS if slip[0] in word]
    if slips and dice.random() < 0.6:
        return (word.replace(*dice.choice(slips)),)
    if word == "case":
        asked, then, other = parts
        return "or", ("and", asked, then), ("and", ("not", ("coalesce", asked)), other)
    if word in ("and", "or"):
        opposite = "or" if word == "and" else "and"
        return "not", (opposite, *(("not", part) for part in reversed(parts)))
    return dice.choice((("not", ("not", tree)), ("coalesce", tree), ("and", tree, tree), ("case", tree, tree, tree)))


ROWS = """
(select (array['a', 'A', 'AA', 'aa', 'ab', 'AB', 'x', '', 'abc', 'B'])[ceil(random() * 10)] as channel,
        (array['a', 'A', 'AA', 'aa', 'ab', 'AB', 'x', '', 'abc', 'abcd'])[ceil(random() * 10)] as leg,
        (array['a', 'A', 'AA', 'aa', 'ab', 'AB', 'x', '', 'abc', null])[ceil(random() * 10)] as error_class,
        now() + floor(random() * 5 - 2) * interval '1 hour' as created_at,
        case when random() < 0.8 then now() + floor(random() * 5 - 2) * interval '1 hour' end as lease_until,
        md5(floor(random() * 3)::text)::uuid as id,
        case when random() < 0.8 then md5(floor(random() * 3)::text)::uuid end as artifact_id,
        case when random() < 0.8 then md5(floor(random() * 3)::text)::uuid end as purchase_id,
        floor(random() * 7 - 1)::int as attempts, floor(random() * 7 - 1)::int as max_attempts,
        random() < 0.5 as cancel_requested
   from generate_series(1, 2000)) as rows
"""


@pytest.mark.parametrize("use", ["policy", "check"])
def test_what_is_reworded_differs_on_no_row(
    server: EmbeddedPostgres, shared_database: Callable[..., Database], use: str
) -> None:
    dice, tally = random.Random(use), Counter[str]()
    with psycopg.connect(shared_database(server).admin_url, prepare_threshold=None) as connection:
        for _ in range(PAIRS):
            tree = _make_tree(dice, 2)
            expected, seen = _write(tree), _write(_rewrite(tree, dice))
            (judged,) = judge(connection, [_find(use, expected, seen)])
            said = "reworded" if judged.severity is Severity.INFO else "different" if judged.counterexample else "doubt"
            tally[said] += 1
            if said == "reworded":
                assert _differing(connection, expected, seen, use) is None, f"{expected}\n{seen}"
    assert tally["reworded"] > PAIRS / 3
    assert tally["different"] > PAIRS / 20


def _find(use: str, expected: str, seen: str) -> Difference:
    forms = Forms.model_validate({"use": use, "relation": "public.delivery_jobs", "expected": expected, "seen": seen})
    facts = dict.fromkeys(("kind", "rule", "subject", "expected", "seen", "why"), "made up")
    return Difference(Finding(**facts, chapter=1, severity=Severity.HIGH), forms)


def _differing(connection: psycopg.Connection, expected: str, seen: str, use: str) -> object:
    """Return a row that tells them apart."""
    otherwise = "true" if use == "check" else "false"
    return connection.execute(
        f"select rows from {ROWS} where coalesce({expected}, {otherwise}) <> coalesce({seen}, {otherwise}) limit 1"
    ).fetchone()
