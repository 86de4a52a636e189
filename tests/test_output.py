"""No name from outside reaches a terminal, the log of a CI or a page as anything but text, by whatever command."""

import ast
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from psycopg import sql

from fixtures.servers import Database, clone_database, drop_database
from lab.database.embedded.server import EmbeddedPostgres
from lab.text.escape import show_output, write_json
from lab.text.product_files import PROJECT
from lab.ui.kit.markdown import name, plain, prose
from tests.readiness.test_formats import COMMAND, CONTROL, HOSTILE

Run = Callable[..., tuple[int, str, str]]
# Of at most 63 bytes, as names are; what no name may hold is left out.
NAMES = [
    "::error file=a::b",
    "##[error]x ##vso[task.complete]y",
    "\x1b]8;;http://evil.example\x07link\x1b]8;;\x07",
    "\x1b[2J\x1b[31mred\r\n::add-mask::z",
    "\u202eright\u2066\u2028::warning::x",
    "[x](http://evil.example) <a href=http://e.example>y</a>",
    "| `code` | # heading\n\n- www.evil.example",
]
COMMANDS = [
    ("check", "--no-history"), ("check", "--no-history", "--format", "markdown"), ("check", "--no-history", "--json"),
    ("check", "--no-history", "--format", "sarif"), ("check", "--no-history", "--format", "junit"),
    ("chapters",), ("chapters", "--json"), ("migrate",), ("migrate", "--json"), ("migrate", "--apply"),
    ("anchor", "verify", "none"), ("anchor", "--file", "a", "--key", "k", "--new-key"),
]  # fmt: skip
EVERY_FAMILY = ("check", "--no-history", "--probe", "--data", "--operations")
LIVED_IN = """
create table public.{n} (id int);
grant select on public.{n} to anon;
comment on table public.oracle_scrolls is {w};
create policy {n} on public.purchases using (currency = {w});
alter table public.products add column {n} text default {w};
create function public.{n}() returns text language sql security definer as $f$ select {w} $f$;
create trigger {n} before insert on public.products for each row execute function wall.refuse_change({w});
create schema {n};
alter table public.products add constraint {n} check (title <> {w});
create index {i} on public.products (title) where title <> {w};
insert into supabase_migrations.schema_migrations (version, name) values ({w}, {w});
create publication {n} for table public.oracle_scrolls;
alter database {d} set gate.x = {w};
"""


@pytest.fixture(scope="module")
def hostile(server: EmbeddedPostgres) -> Iterator[list[Database]]:
    """Databases in which everything has a hostile name and a hostile text; one of them is named so itself."""
    made = [clone_database(server, "migrated") for _ in NAMES]
    with psycopg.connect(server.admin_url(), autocommit=True) as admin:
        for number, (place, word) in enumerate(zip(made, NAMES, strict=True)):
            with psycopg.connect(place.admin_url, autocommit=True) as inside:
                given = {
                    "n": sql.Identifier(word),
                    "i": sql.Identifier(f"{word[:50]}i"),
                    "w": sql.Literal(word),
                    "d": sql.Identifier(place.name),
                }
                for statement in filter(str.strip, LIVED_IN.split(";\n")):
                    inside.execute(sql.SQL(statement).format(**given))
            named = f"{word[:28]}{place.name[-12:]}"  # unlike the name in another process of the tests
            admin.execute(sql.SQL("alter database {} rename to {}").format(given["d"], sql.Identifier(named)))
            made[number] = Database(server, named)
        yield made
    for place in made:
        drop_database(place)


def look_for_tricks(told: str) -> None:
    assert not CONTROL.search(told)
    assert not COMMAND.search(told)


@pytest.fixture
def try_on(run: Run, hostile: list[Database], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Run a command on one of the databases, in a folder of its own, and look at what it prints."""

    def try_command(command: tuple[str, ...], number: int) -> None:
        folder = tmp_path / str(number)
        folder.mkdir()
        monkeypatch.chdir(folder)
        code, out, err = run(*command, "--database-url", hostile[number].url)
        assert code in (0, 1, 2)
        look_for_tricks(out)
        look_for_tricks(err)
        if out and {"--json", "sarif"} & {*command}:
            json.loads(out)

    return try_command


@pytest.mark.sample(every=5)
@pytest.mark.parametrize("number", range(len(NAMES)))
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_command_prints_a_name_raw(command: tuple[str, ...], number: int, try_on: Callable[..., None]) -> None:
    """Each command on one or two of the databases; `--whole` runs it on all of them."""
    try_on(command, number)


@pytest.mark.sample(every=3)
@pytest.mark.parametrize("number", range(len(NAMES)))
def test_no_family_prints_a_name_raw(number: int, try_on: Callable[..., None]) -> None:
    """On three of the databases; `--whole` checks all of them."""
    try_on(EVERY_FAMILY, number)


@pytest.mark.parametrize("word", NAMES)
def test_no_error_prints_a_name_raw(word: str, run: Run, server: EmbeddedPostgres, tmp_path: Path) -> None:
    """Of a database, a user, a target, a file, an option or a parameter that is not there."""
    at = server.url()
    calls = [
        ("check", "--database-url", at.replace("/postgres?", f"/{quote(word, safe='')}?")),
        ("migrate", "--database-url", at.replace("//postgres@", f"//{quote(word, safe='')}@")),
        ("chapters", "--database-url", f"{at}&{quote(word, safe='')}=1"),
        ("check", "--target", word), ("check", "--layer", word), ("history", "--target", word),
        ("history", "--since", word), ("check", "--write", word), ("plan", "--layer", word),
        ("check", "--env-file", tmp_path / quote(word, safe=" :[]#")),
        ("plan", "--layer", "shop", "--channel", word), ("sql", "--diff", word), ("anchor", "verify", word),
        ("anchor", word), ("check", "--acceptances", word), ("migrate", "--database-url-file", word), (word,),
    ]  # fmt: skip
    for call in calls:
        code, out, err = run(*call)
        assert code == 2, call
        look_for_tricks(out + err)


@pytest.mark.parametrize("text", [*HOSTILE, *NAMES])
def test_what_is_printed_or_written_as_json_is_harmless(text: str) -> None:
    look_for_tricks(show_output(f"{text}\n{text}"))
    told = write_json({text: [text]})
    look_for_tricks(told)
    assert json.loads(told) == {text: [text]}


# What a page makes a link of by itself, after escapes are resolved. Source: mdast-util-gfm-autolink-literal.
AUTOLINK = re.compile(r"(https?://|www(?=\.))([-.\w]+)|([-.\w+]+)@([-\w]+(?:\.[-\w]+)+)", re.IGNORECASE)


@pytest.mark.parametrize("text", [*HOSTILE, *NAMES])
def test_a_page_makes_no_link_of_a_name(text: str) -> None:
    assert not AUTOLINK.search(re.sub(r"\\(.)", r"\1", plain(text)))
    assert not re.search(r"(?<!\\)[\[\]<>]", plain(text))
    outside = re.sub(r"`[^`]*`", "", prose(text))
    assert not AUTOLINK.search(re.sub(r"\\(.)", r"\1", outside))
    assert not re.search(r"(?<!\\)[\[\]<>]", outside)
    assert name(text).count("`") == 2


def test_only_one_place_prints() -> None:
    """So that a new command can't forget it."""
    for path in (PROJECT / "lab").rglob("*.py"):
        if path.name not in ("outcome.py", "__main__.py"):
            calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
            called = {ast.unparse(call.func) for call in calls}
            assert not {"print", "sys.stdout.write", "traceback.print_exc"} & called, path
