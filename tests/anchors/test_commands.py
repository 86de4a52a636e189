"""`lab anchor`, `anchor verify` and `check --anchor` on a real database, as the owner of the tables."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from fixtures.servers import Database
from lab.cli import main
from lab.database.embedded.server import EmbeddedPostgres, binaries
from lab.migrations.demo import prepare_demo
from lab.readiness.acceptances import FILE_NAME
from lab.services.anchor import find_source

Databases = Callable[..., Database]
Said = pytest.CaptureFixture[str]
HAVE_TRIGGERS = """update pg_catalog.pg_class c set relhastriggers = {} where relnamespace = 'public'::regnamespace
   and relkind = 'r' and exists (select from pg_catalog.pg_trigger t where t.tgrelid = c.oid);"""
TURN = "update public.consent_events set action = 'withdrawn' where id = (select min(id) from public.consent_events)"
DATA = ("check", "--family", "data", "--json", "--no-history")
CUT = "delete from public.consent_events where id = (select max(id) from public.consent_events)"


class Place:
    """A database with made-up data, its anchors and their key."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database, self.folder = database, folder
        self.file, self.key = folder / "ledgers.anchors", folder / "anchor.key"

    def run(self, said: Said, *arguments: str) -> tuple[int, str]:
        """Run a command of the lab on the database."""
        code = main([*arguments, "--database-url", self.database.url])
        return code, said.readouterr().out

    def anchor(self, said: Said, *more: str) -> tuple[int, str]:
        """Anchor once."""
        return self.run(said, "anchor", "--file", str(self.file), "--key", str(self.key), *more)

    def harm(self, statement: str) -> None:
        """Tamper as the superuser, and leave every trigger as it was."""
        with psycopg.connect(self.database.admin_url) as admin:
            admin.execute(HAVE_TRIGGERS.format("false").encode())
            admin.execute(statement.encode())
            admin.execute(HAVE_TRIGGERS.format("true").encode())


@pytest.fixture
def place(
    server: EmbeddedPostgres, database: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Said
) -> Place:
    """A database that was anchored once, its verifier key in the environment."""
    made = Place(database(server, "demo"), tmp_path)
    assert main(
        ["anchor", "--file", str(made.file), "--key", str(made.key), "--new-key", "--database-url", made.database.url]
    ) == 0  # fmt: skip
    vkey = capsys.readouterr().err.partition("verifier key: ")[2].split("\n")[0]
    monkeypatch.setenv("LAB_ANCHOR_VKEY", vkey)
    return made


def test_a_sound_ledger_fits(place: Place, capsys: Said) -> None:
    code, said = place.run(capsys, "anchor", "verify", str(place.file))
    assert code == 0
    assert said.count("holds") == 2
    assert place.anchor(capsys)[0] == 0
    assert place.run(capsys, "check", "--anchor", str(place.file), "--family", "anchors", "--no-history")[0] == 0
    assert place.run(capsys, "check", "--no-history")[0] == 0


def test_a_full_verification_says_first_how_long_it_takes(place: Place, capsys: Said) -> None:
    assert main(["anchor", "verify", str(place.file), "--full", "--database-url", place.database.url]) == 0
    assert "A full verification reads about" in capsys.readouterr().err


@pytest.mark.parametrize(("harm", "wrong"), [(TURN, "changed"), (CUT, "lost")])
def test_a_tampered_ledger_is_named_everywhere(place: Place, capsys: Said, harm: str, wrong: str) -> None:
    place.harm(harm)
    code, said = place.run(capsys, "anchor", "verify", str(place.file), "--json")
    (consent, audit) = json.loads(said)["ledgers"]
    assert (code, consent["wrong"], audit["fits"]) == (1, wrong, True)
    assert consent["shorter_than_its_anchor"] is (wrong == "lost")
    assert place.anchor(capsys)[0] == 0  # anchoring goes on, and makes nothing right
    code, said = place.run(capsys, "check", "--anchor", str(place.file), "--json", "--no-history")
    (finding,) = json.loads(said)["findings"]
    assert (code, finding["rule"], finding["severity"]) == (1, "consent_events_anchored", "critical")
    assert f"Entry {consent['first_wrong_entry']} of public.consent_events" in finding["seen"]
    code, said = place.run(capsys, "chapters", "--anchor", str(place.file), "--json")
    states = {chapter["number"]: chapter["state"] for chapter in json.loads(said)["chapters"]}
    assert (states[3], states[7], states[9]) == ("broken", "broken", "holds")


def test_nobody_accepts_it_away(place: Place, capsys: Said) -> None:
    place.harm(CUT)
    entry = '[[acceptance]]\nrule = "consent_events_anchored"\nsubject = "public.consent_events"\n'
    path = place.folder / FILE_NAME
    path.write_text(f'{entry}reason = "We live with it for now."\naccepted_by = "me"\nexpires = 2026-12-01\n')
    options = ("--family", "anchors", "--anchor", str(place.file), "--acceptances", str(path), "--no-history")
    code, said = place.run(capsys, "check", *options)
    assert code == 1
    assert "cannot be accepted. Remove the entry" in said


def test_without_an_anchor_a_repair_that_sends_is_withheld(place: Place, capsys: Said) -> None:
    place.harm("update public.consents set standing = not standing")

    def repair(*more: str) -> tuple[str | None, str]:
        _, said = place.run(capsys, "check", "--family", "data", "--json", "--no-history", *more)
        found = next(f for f in json.loads(said)["findings"] if f["rule"] == "consents_unlike_ledger")
        return found["repair"], found["decide"] or ""

    assert repair()[0] is None
    assert "--anchor FILE" in repair()[1]
    assert "verify_ledger" in str(repair("--anchor", str(place.file))[0])
    place.harm(TURN)
    assert repair("--anchor", str(place.file))[0] is None


def test_the_repair_itself_refuses_beside_a_broken_ledger(place: Place) -> None:
    place.harm(TURN)
    script = (Path("sql/repairs") / "emails_waiting_needlessly.sql").read_text()
    with psycopg.connect(place.database.url) as owner, pytest.raises(psycopg.errors.InsufficientPrivilege):
        owner.execute(script.encode())


def test_a_ledger_that_does_not_fit_withholds_a_repair_in_its_own_words(place: Place, capsys: Said) -> None:
    place.harm("update public.consents set standing = not standing")
    place.harm(TURN)
    said = place.run(capsys, *DATA, "--anchor", str(place.file))[1]
    (decide,) = {f["decide"] for f in json.loads(said)["findings"] if f["rule"] == "consents_unlike_ledger"}
    assert "public.consent_events does not fit its anchors. Put the entries back" in decide
    assert "--anchor FILE" not in decide


def test_anchors_that_the_environment_names_are_used(
    place: Place, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also for a target by name, in a variable that a shell can export."""
    place.harm(TURN)
    monkeypatch.setenv("LAB_ANCHOR", str(place.file))
    for options in (
        ("check", "--no-history", "--json"),
        ("check", "--anchor", str(place.file), "--no-history", "--json"),
    ):
        code, said = place.run(capsys, *options)
        assert (code, [f["rule"] for f in json.loads(said)["findings"]]) == (1, ["consent_events_anchored"])
    said = place.run(capsys, "check", "--no-history", "--json", "--family", "access")[1]
    assert json.loads(said)["findings"] == []
    monkeypatch.delenv("LAB_ANCHOR")
    monkeypatch.setenv("LAB_ANCHOR_MY_SHOP", str(place.file))
    source = find_source(os.environ, target="my-shop")
    assert source
    assert source.path == place.file


def test_a_missing_or_mistyped_key_is_told_and_ends_no_check(
    place: Place, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAB_ANCHOR", str(place.file))
    for vkey, told in (("", "there is no verifier key"), ("shop+00000000+AAAA", "the verifier key is mistyped")):
        monkeypatch.setenv("LAB_ANCHOR_VKEY", vkey)
        code, said = place.run(capsys, "check", "--no-history", "--json")
        report = json.loads(said)
        assert (code, report["findings"], report["verdict"]) == (1, [], "unknown")
        assert {told in entry["why"] for entry in report["unknown"]} == {True}
        assert "schema" in {family["id"] for family in report["families"] if family["state"] == "holds"}
        assert place.run(capsys, "chapters", "--json")[0] == 1


def test_a_mistyped_target_leaves_no_key_behind(place: Place, capsys: Said) -> None:
    key = place.folder / "second.key"
    options = ["--file", str(place.folder / "second"), "--key", str(key), "--new-key"]
    for url in (place.database.url + "x", "postgresql://postgres@localhost:1/none"):
        assert main(["anchor", *options, "--database-url", url]) == 2
        assert not key.exists()
    assert main(["anchor", "--file", str(place.file), *options[2:], "--database-url", place.database.url]) == 2
    assert "a key that was not given" in capsys.readouterr().err
    assert not key.exists()
    assert main(["anchor", *options, "--database-url", place.database.url]) == 0
    assert key.exists()


@pytest.fixture
def other(server: EmbeddedPostgres, database: Databases, place: Place) -> Place:
    """Another database with ledgers of its own, to whose name the anchors of the first are given."""
    made = Place(database(server), place.folder)
    prepare_demo(made.database.url)
    return made


def test_the_anchors_of_another_database_are_called_so(other: Place, capsys: Said) -> None:
    """It is neither tampering nor an anchor: nothing is known of the ledger, and nothing is anchored in that file."""
    code, said = other.run(capsys, "anchor", "verify", str(other.file))
    assert (code, said.count("this file anchors another database")) == (1, 2)
    code, said = other.run(capsys, "check", "--anchor", str(other.file), "--json", "--no-history")
    found = json.loads(said)["findings"]
    assert {finding["rule"] for finding in found} == {
        "consent_events_anchored_elsewhere",
        "admin_audit_events_anchored_elsewhere",
    }
    assert {finding["severity"] for finding in found} == {"critical"}
    assert "Entry" not in said
    said = other.run(capsys, "chapters", "--anchor", str(other.file), "--json")[1]
    states = {chapter["number"]: chapter["state"] for chapter in json.loads(said)["chapters"]}
    assert states[3] == states[9] == "unknown"
    before = other.file.read_bytes()
    assert other.anchor(capsys)[0] == 2
    assert other.file.read_bytes() == before


STAND_INS = {
    "is a view": "alter table public.consent_events rename to kept;"
    " create view public.consent_events as table public.kept",
    "has a rewrite rule": "create rule r as on update to public.consent_events do also nothing",
    "has child tables": "create table public.child () inherits (public.consent_events)",
    "has columns of a type": "create domain public.code as uuid;"
    " alter table public.consent_events alter column personal_salt type public.code",
}


@pytest.mark.parametrize("stands", STAND_INS)
def test_what_stands_in_a_ledger_s_place_is_not_read(place: Place, capsys: Said, stands: str) -> None:
    with psycopg.connect(place.database.admin_url) as admin:
        admin.execute("set local session_replication_role = replica")
        admin.execute(STAND_INS[stands].encode())
        admin.execute("grant select on public.consent_events to postgres")
    code, said = place.run(capsys, "anchor", "verify", str(place.file), "--json")
    (consent, audit) = json.loads(said)["ledgers"]
    assert (code, consent["fits"], consent["wrong"], consent["first_wrong_entry"]) == (1, False, "replaced", None)
    assert audit["fits"] is True
    told = place.run(capsys, "check", "--family", "anchors", "--anchor", str(place.file), "--no-history")[1]
    assert f"public.consent_events {stands}" in told
    before = place.file.read_bytes()
    assert (
        main(["anchor", "--file", str(place.file), "--key", str(place.key), "--database-url", place.database.url]) == 2
    )
    assert f"public.consent_events: {stands}" in capsys.readouterr().err
    assert place.file.read_bytes() == before


FORGED = "00000000-0000-4000-8000-000000000000"
SHOW = """create function public.show(uuid) returns text language sql as $$
 select case when $1 = '{}' then '{}' else textin(uuid_out($1)) end $$"""


def test_a_cast_that_shows_the_old_value_hides_nothing(place: Place, capsys: Said) -> None:
    with psycopg.connect(place.database.admin_url) as admin:
        row = admin.execute("select id, request_id from public.consent_events order by id limit 1").fetchone()
    assert row
    place.harm(f"update public.consent_events set request_id = '{FORGED}' where id = {row[0]}")
    with psycopg.connect(place.database.admin_url) as admin:
        admin.execute(SHOW.format(FORGED, row[1]).encode())
        admin.execute("create cast (uuid as text) with function public.show(uuid)")
        shown = admin.execute("select request_id::text from public.consent_events where id = %s", [row[0]]).fetchone()
    assert shown == (str(row[1]),)
    (consent, audit) = json.loads(place.run(capsys, "anchor", "verify", str(place.file), "--json")[1])["ledgers"]
    assert (consent["wrong"], consent["first_wrong_entry"], audit["fits"]) == ("changed", row[0], True)


def test_what_was_only_counted_is_said(place: Place, capsys: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lab.services.anchor.verification.NEWEST", 3)
    options = ("--anchor", str(place.file), "--json")

    def see(*more: str) -> str:
        chapters = json.loads(place.run(capsys, "chapters", *options, *more)[1])["chapters"]
        return next(str(proof["seen"]) for proof in chapters[2]["proofs"] if proof["id"] == "consents_anchored")

    assert see().startswith("3 entries fit their anchors, ")
    assert "older ones were only counted" in see()
    assert "counted" not in see("--full")
    notes = json.loads(place.run(capsys, "check", "--no-history", *options)[1])["notes"]
    assert sum("only counted, not read. --all-rows reads every entry." in note for note in notes) == 2
    said = json.loads(place.run(capsys, "anchor", "verify", str(place.file), "--json")[1])["ledgers"][0]
    assert said["only_counted"] == said["anchored"] - 3
    assert "only counted" in place.run(capsys, "anchor", "verify", str(place.file))[1]


def test_a_missing_key_or_file_is_no_fault_of_the_ledger(
    place: Place, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, said = place.run(
        capsys, "check", "--family", "anchors", "--anchor", str(place.folder / "none"), "--json", "--no-history"
    )
    assert (code, json.loads(said)["findings"], json.loads(said)["verdict"]) == (2, [], "unknown")
    monkeypatch.delenv("LAB_ANCHOR_VKEY")
    assert place.run(capsys, "anchor", "verify", str(place.file)) == (2, "")


@pytest.mark.parametrize("form", ["plain", "custom", "tar", "directory"])
def test_a_dump_is_verified_without_being_restored(place: Place, capsys: Said, form: str) -> None:
    def verify(number: int) -> tuple[int, str]:
        dump = place.folder / f"dump {number}"
        call = [str(binaries() / "pg_dump"), f"--format={form}", "-f", str(dump), place.database.admin_url]
        subprocess.run(call, check=True, capture_output=True)
        return main(["anchor", "verify", str(place.file), "--dump", str(dump)]), capsys.readouterr().out

    code, said = verify(1)
    assert code == 0
    assert said.count("holds") == 2
    place.harm(CUT)
    code, said = verify(2)
    assert code == 1
    assert "set back to an older state" in said


def test_a_service_waits_for_a_database_that_is_not_up_yet(
    place: Place, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sleep(seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("lab.cli.anchor.sleep", sleep)
    nowhere = "postgresql://postgres@localhost:1/none"
    keys = ("--file", str(place.file), "--key", str(place.key), "--every")
    assert main(["anchor", *keys, "--database-url", nowhere]) == 130
    assert "warning: localhost:1/none" in capsys.readouterr().err


def test_a_service_anchors_what_is_new(place: Place, capsys: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each turn by itself; it ends when it is stopped."""
    turns = []

    def sleep(seconds: float) -> None:
        turns.append(seconds)
        if len(turns) == 3:
            raise KeyboardInterrupt
        with psycopg.connect(place.database.url) as owner:
            owner.execute("select public.record_audit_event('system', 'thing.done', 'products', '1')")

    monkeypatch.setattr("lab.cli.anchor.sleep", sleep)
    code, said = place.anchor(capsys, "--every")
    assert (code, turns) == (130, [60.0] * 3)
    assert said.count("admin_audit_events: 1 anchored now") == 2
    assert place.run(capsys, "anchor", "verify", str(place.file))[0] == 0
