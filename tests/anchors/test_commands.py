"""`lab anchor`, `anchor verify` and `check --anchor` on a real database, as the owner of the tables."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from lab.cli import main
from lab.demo import prepare_demo
from lab.embedded import EmbeddedPostgres, binaries
from lab.readiness.acceptances import FILE_NAME
from tests.servers import Database

Databases = Callable[..., Database]
Said = pytest.CaptureFixture[str]
HAVE_TRIGGERS = """update pg_catalog.pg_class c set relhastriggers = {} where relnamespace = 'public'::regnamespace
   and relkind = 'r' and exists (select from pg_catalog.pg_trigger t where t.tgrelid = c.oid);"""
TURN = "update public.consent_events set action = 'withdrawn' where id = (select min(id) from public.consent_events)"
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
    made = Place(database(server), tmp_path)
    prepare_demo(made.database.url)
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
    assert "nobody can accept" in said


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
    assert "is lost" in said


def test_a_service_anchors_what_is_new(place: Place, capsys: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each turn by itself; it ends when it is stopped."""
    turns = []

    def sleep(seconds: float) -> None:
        turns.append(seconds)
        if len(turns) == 3:
            raise KeyboardInterrupt
        with psycopg.connect(place.database.url) as owner:
            owner.execute("select public.record_audit_event('system', 'thing.done', 'products', '1')")

    monkeypatch.setattr("lab.cli.anchor.time.sleep", sleep)
    code, said = place.anchor(capsys, "--every")
    assert (code, turns) == (130, [60.0] * 3)
    assert said.count("admin_audit_events: 1 anchored now") == 2
    assert place.run(capsys, "anchor", "verify", str(place.file))[0] == 0
