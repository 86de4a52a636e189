"""Dumps: only what pg_dump itself says of a ledger counts; anything else is refused, with a reason."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from fixtures.servers import Database
from lab.database.embedded.server import EmbeddedPostgres, binaries
from lab.rules.anchoring import LEDGERS
from lab.services.anchor import AnchorFault, open_ledgers, read_dump

MADE = "CREATE TABLE public.{} (\n    id bigint NOT NULL\n);\n"
ROWS = "COPY public.{} ({}) FROM stdin;\n\\.\n"
COLUMNS = {ledger.id: ", ".join(column.name for column in ledger.columns) for ledger in LEDGERS}
TABLES = "".join(MADE.format(ledger) for ledger in COLUMNS)
BOTH = TABLES + "".join(ROWS.format(*ledger) for ledger in COLUMNS.items())
CONSENTS = ROWS.format("consent_events", COLUMNS["consent_events"])
ONE_TABLE = BOTH.replace(MADE.format("consent_events"), "")
VIEW = "CREATE VIEW public.consent_events AS\n SELECT 1 AS id;\n"


def write(folder: Path, text: str, head: str = "\\restrict token\n", foot: str = "\\unrestrict token\n") -> Path:
    """Write a dump with these statements."""
    path = folder / "dump.sql"
    path.write_bytes(f"--\n-- PostgreSQL database dump\n--\n\n{head}{text}{foot}".encode())
    return path


def test_rows_of_both_tables_are_read(tmp_path: Path) -> None:
    text = "CREATE FUNCTION public.f() AS $a$ it's; $a$;\n" + BOTH + "COMMENT ON TABLE public.a IS '; -- it''s';\n"
    assert [read_dump(write(tmp_path, text)).size(ledger) for ledger in LEDGERS] == [0, 0]


QUOTED = {
    "a comment": "COMMENT ON POLICY p ON public.consents IS '\n{}';\n",
    "a comment with a quote": "COMMENT ON POLICY p ON public.consents IS '''\n{}';\n",
    "an escaped string": "COMMENT ON POLICY p ON public.consents IS E'\\\\\\'''\n{}';\n",
    "a body": "CREATE FUNCTION public.f() AS $_$\nit's $$\n{}$_$;\n",
    "a name": 'CREATE VIEW public."a""\n{}" AS SELECT 1;\n',
}


@pytest.mark.parametrize("quoted", QUOTED.values(), ids=QUOTED)
def test_what_stands_in_quotes_is_no_row_and_no_table(tmp_path: Path, quoted: str) -> None:
    """It neither stands in for a ledger, nor makes one that is there once look as if it were there twice."""
    planted = quoted.format(MADE.format("consent_events") + CONSENTS)
    for text in (ONE_TABLE + planted, BOTH.replace(CONSENTS, "") + planted):
        with pytest.raises(
            AnchorFault, match=r"the dump (does not create the table|has no rows of) public\.consent_events"
        ):
            read_dump(write(tmp_path, text))
    assert read_dump(write(tmp_path, BOTH + planted)).size(LEDGERS[0]) == 0


REFUSED = {
    "a view": (ONE_TABLE + VIEW, "is not a plain table"),
    "a view beside the table": (BOTH + VIEW.replace("CREATE", "CREATE OR REPLACE"), "is not a plain table"),
    "a foreign table": (ONE_TABLE + VIEW.replace("VIEW", "FOREIGN TABLE"), "is not a plain table"),
    "a quoted name": (ONE_TABLE + VIEW.replace("consent_events", '"consent_events"'), "is not a plain table"),
    "a rule": (BOTH + "CREATE RULE r AS\n ON UPDATE TO public.consent_events DO INSTEAD NOTHING;\n", "rewrite rule"),
    "a child": (BOTH + "CREATE TABLE public.c (\n)\nINHERITS (public.consent_events);\n", "child tables"),
    "a later child": (BOTH + "ALTER TABLE ONLY public.c INHERIT public.consent_events;\n", "child tables"),
    "a part": (BOTH + "ALTER TABLE ONLY public.consent_events ATTACH PARTITION public.c DEFAULT;\n", "child tables"),
    "rows twice": (BOTH + CONSENTS, "rows of public.consent_events twice"),
    "a table twice": (BOTH + MADE.format("consent_events"), "table public.consent_events twice"),
    "inserts": (BOTH + "INSERT INTO public.consent_events VALUES (1);\n", "Dump without --inserts"),
    "a deletion": (BOTH + "DELETE FROM public.consent_events;\n", "Dump without --inserts"),
    "another format": (BOTH.replace(" stdin;", " stdin CSV;"), "Dump without --inserts"),
    "fewer columns": (BOTH.replace("(id, request_id, ", "(id, "), "without some of its columns"),
    "no schema": (BOTH.replace(TABLES, ""), "Dump the schema, too"),
    "another encoding": ("SET client_encoding = \'LATIN1\';\n" + BOTH, "Dump with --encoding=UTF8"),
    "other quotes": ("SET standard_conforming_strings = off;\n" + BOTH, "standard_conforming_strings OFF"),
    "a backslash": (BOTH + "SELECT 1 \\g |cat\n;\n", "cannot be read as SQL"),
    "a block comment": (BOTH + "/* a */\n", "cannot be read as SQL"),
    "half of a row": (BOTH.replace("stdin;\n", "stdin;\n1\t2\n"), "truncated"),
    "half of its rows": (BOTH.removesuffix("\\.\n"), "truncated"),
    "half of a string": (BOTH + "COMMENT ON TABLE public.a IS \'", "truncated"),
    "lines of Windows": (BOTH.replace("\n", "\r\n"), "Windows"),
}  # fmt: skip


@pytest.mark.parametrize("how", REFUSED)
def test_what_says_something_else_of_a_ledger_is_refused(tmp_path: Path, how: str) -> None:
    text, said = REFUSED[how]
    with pytest.raises(AnchorFault, match=said):
        read_dump(write(tmp_path, text))


@pytest.mark.parametrize(("head", "foot"), [("", "\\unrestrict token\n"), ("\\restrict token\n", "")])
def test_a_text_of_an_older_pg_dump_or_without_its_end_is_refused(tmp_path: Path, head: str, foot: str) -> None:
    with pytest.raises(AnchorFault, match="since 13.22" if foot else "last line"):
        read_dump(write(tmp_path, BOTH, head, foot))


FILES = {
    "gzip": (b"\x1f\x8b\x08", "packed with gzip. Unpack it first"),
    "zstd": (b"\x28\xb5\x2f\xfd", "packed with zstd"),
    "other text": ("é\n".encode("latin-1"), "cannot be read as SQL"),
    "half an archive": (b"PGDMP\x01", "pg_restore could not read this archive"),
    "half a tar": (bytes(257) + b"ustar", "pg_restore could not read this archive"),
}


@pytest.mark.parametrize("how", FILES)
def test_another_file_is_refused(tmp_path: Path, how: str) -> None:
    data, said = FILES[how]
    (tmp_path / "dump").write_bytes(data)
    with pytest.raises(AnchorFault, match=said):
        read_dump(tmp_path / "dump")


def test_a_folder_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(AnchorFault, match="pg_restore could not read"):
        read_dump(tmp_path)
    with pytest.raises(AnchorFault, match="No such file"):
        read_dump(tmp_path / "none")


@pytest.fixture
def filled(server: EmbeddedPostgres, database: Callable[..., Database]) -> Database:
    """A database with made-up data."""
    return database(server, "demo")


def dump(database: Database, path: Path, *more: str, options: str = "") -> Path:
    """Dump a database as its superuser."""
    call = [str(binaries() / "pg_dump"), *more, "-f", str(path), database.admin_url]
    subprocess.run(call, check=True, capture_output=True, env={**os.environ, "PGOPTIONS": options})
    return path


@pytest.mark.parametrize(
    "options", ["", "-c bytea_output=escape", "-c timezone=Asia/Kolkata", "-c datestyle=German"], ids=str
)
@pytest.mark.parametrize("form", ["plain", "custom"])
def test_a_dump_has_the_entries_that_the_database_has(
    filled: Database, tmp_path: Path, form: str, options: str
) -> None:
    read = read_dump(dump(filled, tmp_path / "dump", f"--format={form}", options=options))
    with open_ledgers(filled.url) as ledgers:
        for ledger in LEDGERS:
            assert list(read.entries(ledger)) == list(ledgers.entries(ledger)) != []


@pytest.mark.parametrize("form", ["plain", "custom"])
@pytest.mark.parametrize("after", ["create view public.consent_events as select * from public.kept where id <> 1", ""])
def test_a_planted_block_does_not_pass_for_the_ledger(filled: Database, tmp_path: Path, form: str, after: str) -> None:
    whole = dump(filled, tmp_path / "whole").read_text()
    rows = whole[whole.index("COPY public.consent_events") :].partition("\\.\n")[0] + "\\.\n"
    made = whole[whole.index("CREATE TABLE public.consent_events") :].partition(";\n")[0] + ";\n"
    with psycopg.connect(filled.admin_url) as admin:
        admin.execute("alter table public.consent_events rename to kept")
        admin.execute(after.encode())
        admin.execute(psycopg.sql.SQL("comment on table public.kept is {}").format(f"\n{made}{rows}"))
    with pytest.raises(AnchorFault, match=r"public\.consent_events"):
        read_dump(dump(filled, tmp_path / "dump", f"--format={form}"))
