"""The commands check and history, on real databases: exit codes, forms, repairs, acceptances and failures."""

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest

from fixtures.servers import Database
from lab.checks.state import State
from lab.cli.check import exit_code
from lab.database.connect import connect, name_database
from lab.database.embedded.server import EmbeddedPostgres
from lab.readiness import ReportVerdict
from lab.readiness.families import FAMILIES, Family
from lab.readiness.formats.markdown import MARKER
from lab.readiness.reads import Reads
from lab.readiness.report import Answer, make_report
from lab.readiness.request import Request
from lab.readiness.run import inspect_target
from lab.text.product_files import PROJECT
from tests.readiness.reports import NOW, UNASKED, UNKNOWN, answer, finding

Databases = Callable[..., Database]
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def sound(server: EmbeddedPostgres, shared_database: Databases) -> str:
    return shared_database(server).url


@pytest.fixture
def weak(server: EmbeddedPostgres, database: Databases) -> str:
    """A database whose wall has two gaps."""
    url = database(server).url
    with connect(url) as connection:
        connection.execute("alter table public.oracle_scrolls no force row level security")
        connection.execute("grant select on public.share_cards to anon")
        connection.commit()
    return url


def accept_lines(script: str) -> bytes:
    """Return a script with its proposals, as whoever found out whose the grants are leaves it."""
    return script.replace("\n-- revoke ", "\nrevoke ").encode()


def test_a_sound_wall_is_ready(run: Run, sound: str) -> None:
    code, out, err = run("check", "--database-url", sound)
    assert (code, err) == (0, "")
    assert "Ready: nothing was found in schema, access and strangers; not run: probes, environment, " in out
    assert all(f"+ {family}" in out for family in ("schema", "access", "strangers"))
    assert "- environment" in out


def test_an_empty_database_is_not_ready_and_the_report_asks_whether_it_is_the_right_one(
    run: Run, server: EmbeddedPostgres, database: Databases
) -> None:
    code, out, _ = run("check", "--database-url", database(server, "bare").url, "--json")
    told = json.loads(out)
    assert (code, told["verdict"]) == (1, "not ready")
    assert "Name the right one, or create the tables" in told["headline"]


def test_findings_name_what_is_broken_and_the_repair_mends_it(run: Run, weak: str, tmp_path: Path) -> None:
    script = tmp_path / "repair.sql"
    code, out, _ = run("check", "--database-url", weak, "--json", "--repair", script)
    subjects = {found["subject"] for found in json.loads(out)["findings"] if found["severity"] != "info"}
    assert code == 1
    assert "public.oracle_scrolls" in subjects
    assert any(subject.startswith("public.share_cards") for subject in subjects)
    text = script.read_text()
    assert text.startswith(f"-- Repairs of {name_database(weak)}, checked on ")
    with connect(weak) as connection:
        connection.execute(text.encode())
        connection.commit()
    (left,) = json.loads(run("check", "--database-url", weak, "--json")[1])["findings"]
    assert (left["subject"], left["proposal"]) == ("public.share_cards", True)  # no rule declares this grant
    with connect(weak) as connection:
        connection.execute(accept_lines(text))
        connection.commit()
    assert run("check", "--database-url", weak)[0] == 0


def test_one_check_in_every_form(run: Run, weak: str, tmp_path: Path) -> None:
    files = {form: tmp_path / form for form in ("text", "json", "junit", "sarif", "markdown")}
    writes = [part for form, path in files.items() for part in ("--write", f"{form}={path}")]
    code, out, _ = run("check", "--database-url", weak, *writes)
    assert code == 1
    assert files["text"].read_text() == out
    assert json.loads(files["json"].read_text())["verdict"] == "not ready"
    assert json.loads(files["sarif"].read_text())["runs"][0]["results"]
    assert Xml.fromstring(files["junit"].read_text()).get("failures") == "2"
    assert files["markdown"].read_text().startswith(MARKER)
    assert "s3cret" not in "".join(path.read_text() for path in files.values())


def test_accepted_findings_do_not_fail(run: Run, weak: str, tmp_path: Path) -> None:
    found = json.loads(run("check", "--database-url", weak, "--json")[1])["findings"]
    entries = [
        f'[[acceptance]]\nkey = {json.dumps(entry["key"])}\nreason = "until the next release"\n'
        f'accepted_by = "Ada"\nexpires = {NOW.date()}\n'
        for entry in found
    ]
    path = tmp_path / "acceptances.toml"
    path.write_text("\n".join(entries).replace(str(NOW.date()), "2000-01-01"))
    code, out, _ = run("check", "--database-url", weak, "--acceptances", path)
    assert code == 1
    assert "acceptance expired on 2000-01-01" in out
    path.write_text("\n".join(entries).replace(str(NOW.date()), datetime.now(UTC).date().isoformat()))
    code, out, _ = run("check", "--database-url", weak, "--acceptances", path)
    assert code == 0, out
    assert "Accepted" in out


def test_a_layer_leaves_out_what_it_does_not_need(run: Run, weak: str) -> None:
    def subjects(layer: str) -> str:
        _, out, _ = run("check", "--database-url", weak, "--layer", layer, "--json")
        return " ".join(found["subject"] for found in json.loads(out)["findings"])

    assert "oracle_scrolls" in subjects("scroll")
    assert "share_cards" not in subjects("scroll")
    assert "share_cards" in subjects("artifacts")
    assert "oracle_scrolls" not in subjects("stripe")


def test_the_environment_needs_no_database(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "env"
    path.write_text("STRIPE_SECRET_KEY=s3cret_value_here\n")
    code, out, err = run("check", "--family", "environment", "--env-file", path)
    assert code == 1
    assert "STRIPE_SECRET_KEY" in out
    assert "s3cret" not in out + err
    assert "target: environment (env)" in out


def test_an_environment_file_is_checked_besides(run: Run, sound: str, tmp_path: Path) -> None:
    path = tmp_path / "env"
    path.write_text("# empty\n")
    _, out, _ = run("check", "--database-url", sound, "--env-file", path, "--json")
    assert {f["id"]: f["state"] for f in json.loads(out)["families"]} == {
        family.id: "holds" if family.always else "broken" if family.id == "environment" else "not asked"
        for family in FAMILIES
    }


def test_all_rows_ask_the_data(run: Run, sound: str) -> None:
    code, out, _ = run("check", "--database-url", sound, "--all-rows", "--json")
    assert (code, states(out)["data"]) == (0, "holds")


def states(out: str) -> dict[str, str]:
    return {family["id"]: family["state"] for family in json.loads(out)["families"]}


def test_families_are_asked_by_their_options(
    run: Run, server: EmbeddedPostgres, database: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = database(server).url  # what other tests took back still counts in the size of a shared one's tables
    monkeypatch.delenv("STRIPE_SECRET_KEY", raising=False)
    code, out, _ = run("check", "--database-url", sound, "--data", "--json")
    assert json.loads(out)["unknown"] == []
    assert (code, states(out)["data"], states(out)["stripe"]) == (0, "holds", "not asked")
    code, out, _ = run("check", "--database-url", sound, "--stripe", "--json")
    assert (code, states(out)["stripe"], json.loads(out)["verdict"]) == (1, "unknown", "unknown")
    assert "set STRIPE_SECRET_KEY" in json.loads(out)["unknown"][0]["why"]
    code, out, _ = run("check", "--database-url", sound, "--family", "operations", "--json")
    assert (code, states(out)["schema"]) == (1, "not asked")
    assert "Whether there are backups." in [entry["what"] for entry in json.loads(out)["unknown"]]


def test_what_could_not_be_asked_at_all_could_not_be_done(
    run: Run, sound: str, server: EmbeddedPostgres, database: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("STRIPE_SECRET_KEY", raising=False)
    bare = database(server, "bare").url
    for url, family in ((sound, "stripe"), (bare, "stripe"), (bare, "data")):
        code, out, _ = run("check", "--database-url", url, "--family", family, "--json")
        assert (code, states(out)[family]) == (2, "unknown"), family


def test_an_old_server_could_not_be_done(run: Run, sound: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lab.checks.schema.check.OLDEST", 99)
    code, out, err = run("check", "--database-url", sound)
    assert (code, out) == (2, "")
    assert "Upgrade it to Postgres 99 or newer" in err


def test_a_slip_of_ours_is_no_finding(run: Run, sound: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lab.cli.check.inspect_target", lambda *_, **__: 1 / 0)
    code, _, err = run("check", "--database-url", sound)
    assert (code, "ZeroDivisionError" in err) == (2, True)


def test_a_terminal_that_knows_few_letters(server: EmbeddedPostgres, database: Databases, tmp_path: Path) -> None:
    url = database(server).url
    with connect(url) as connection:
        connection.execute('create table public."größe" (id int)')
        connection.commit()
    environ = {**os.environ, "PYTHONIOENCODING": "ascii", "PERSISTENCE_LAB_HOME": str(tmp_path)}
    command = [sys.executable, "-m", "lab", "check", "--database-url", url, "--format", "markdown"]
    told = subprocess.run(command, cwd=PROJECT, env=environ, capture_output=True, text=True, check=False)
    assert (told.returncode, told.stderr) == (1, "")
    assert "gr\\xf6\\xdfe" in told.stdout


def test_names_cannot_slip_statements_into_the_script(
    run: Run, server: EmbeddedPostgres, database: Databases, tmp_path: Path
) -> None:
    made, script = database(server), tmp_path / "repair.sql"
    name = '"x\ndrop table public.purchases; --\r\x1b[2J"'
    with connect(made.url) as connection:
        connection.execute(f"create table public.{name} (id int)".encode())
        connection.execute(f"grant all on public.{name} to anon".encode())
        connection.commit()
    code, out, _ = run("check", "--database-url", made.url, "--repair", script)
    assert (code, "\x1b" in out) == (1, False)
    with connect(made.url) as connection:
        connection.execute(script.read_bytes())
        connection.commit()
        assert connection.execute("select to_regclass('public.purchases') is not null").fetchone() == (True,)


def test_a_role_without_rights_sees_the_whole_wall(run: Run, sound: str) -> None:
    """What everybody may read of the catalogue is enough, but for the platform's buckets; rows are another family's."""
    url = sound.replace("postgres@", "authenticator@", 1)
    code, out, _ = run("check", "--database-url", url, "--json")
    assert (code, json.loads(out)["findings"]) == (1, [])
    assert [entry["what"] for entry in json.loads(out)["unknown"]] == ["which buckets are public"]
    code, out, _ = run("check", "--database-url", url, "--family", "data", "--json")
    assert (code, states(out)["data"]) == (2, "unknown")
    assert "This role may not read everything" in json.loads(out)["unknown"][0]["why"]


def test_rows_that_a_walk_leaves_are_unknown_until_all_are_asked_for(
    run: Run, server: EmbeddedPostgres, database: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = database(server)
    monkeypatch.setattr("lab.readiness.families.RECENT", 2)
    with connect(made.admin_url) as connection:
        connection.execute("insert into auth.users (id) select gen_random_uuid() from generate_series(1, 3)")
        connection.execute("insert into public.oracle_scrolls (subject_id, question) select id, '?' from auth.users")
        connection.execute("analyze public.oracle_scrolls")
        connection.commit()
    asked = ("check", "--database-url", made.url, "--family", "data")
    code, out, _ = run(*asked)
    assert (code, "--all-rows" in out) == (1, True)
    code, out, _ = run(*asked, "--all-rows")
    assert (code, "--all-rows" in out) == (0, False)


def test_targets_by_name(run: Run, sound: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_TARGET_STAGING", sound)
    code, out, _ = run("check", "--target", "Staging", "--json")
    assert (code, json.loads(out)["target"]) == (0, "staging")


def test_history_follows_checks(run: Run, weak: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "No check has been kept yet" in run("history")[1]
    monkeypatch.setenv("LAB_TARGET_SHOP", weak)
    script = tmp_path / "repair.sql"
    run("check", "--target", "shop", "--repair", script)
    with connect(weak) as connection:
        connection.execute(accept_lines(script.read_text()))
        connection.commit()
    run("check", "--target", "shop", "--no-history")
    run("check", "--target", "shop")
    told = json.loads(run("history", "--target", "shop", "--json")[1])
    assert [point["verdict"] for point in told["trend"]] == ["not ready", "ready"]
    assert len(told["changes"]["resolved"]) >= 2
    assert "resolved:" in run("history", "--target", "shop")[1]
    assert [entry["target"] for entry in json.loads(run("history", "--json")[1])["targets"]] == ["shop"]
    assert run("history", "--target", "shop", "--against", "shop")[0] == 0
    assert stat.S_IMODE((tmp_path / "home").stat().st_mode) & 0o077 == 0


def test_a_damaged_history_does_not_change_what_was_found(run: Run, sound: str, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "history.sqlite").write_text("damaged " * 200)
    code, _, err = run("check", "--database-url", sound)
    assert code == 0
    assert "warning: this check is not kept" in err
    code, _, err = run("history")
    assert (code, "Nothing was deleted" in err) == (2, True)


def test_colours_only_on_a_terminal_that_wants_them(run: Run, sound: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b" not in run("check", "--database-url", sound)[1]
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    assert "\x1b[1;32mReady" in run("check", "--database-url", sound)[1]
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in run("check", "--database-url", sound)[1]


CODES = [
    ("ready", [answer()], 0),
    ("found", [answer(finding())], 1),
    ("found and unknown", [answer(finding(), unknown=(UNKNOWN,), checked=())], 1),
    ("partly unknown", [answer(unknown=(UNKNOWN,))], 1),
    ("nothing could be looked at", [answer(unknown=(UNKNOWN,), checked=())], 2),
    ("nothing was run", [UNASKED], 2),
    ("one of two could be looked at", [answer(), answer(unknown=(UNKNOWN,), checked=())._replace(family="data")], 1),
]


@pytest.mark.parametrize(("answers", "code"), [case[1:] for case in CODES], ids=[case[0] for case in CODES])
def test_exit_codes(answers: list[Answer], code: int) -> None:
    assert exit_code(make_report("x", answers, started_at=NOW)) == code


def test_a_family_is_one_entry(server: EmbeddedPostgres, sound: str) -> None:
    """A family that the database refuses is unknown, and the others go on."""

    def refuse(reads: Reads) -> Answer:
        with connect(reads.request.url) as connection:
            connection.execute("select * from public.no_such_table")
        raise AssertionError

    refused = Family(id="luck", title="Luck holds.", answer=refuse, flag="--luck")
    question = Request(url=sound, target="x", also=("luck",))
    made = inspect_target(question, families=(*FAMILIES, refused), now=NOW)
    states = {family.id: family.state for family in made.families}
    assert (states["schema"], states["luck"]) == (State.HOLDS, State.UNKNOWN)
    assert made.verdict is ReportVerdict.UNKNOWN
    assert "SQLSTATE 42P01" in made.unknown[0].why
    assert "s3cret" not in repr(Request(url="postgresql://a:s3cret@b/c", target="x"))


def test_an_embedded_database_that_is_empty_says_how_to_fill_it(server: EmbeddedPostgres, database: Databases) -> None:
    asked = inspect_target(Request(url=database(server, "bare").url, target="embedded"), now=NOW)
    assert asked.headline.endswith("with `python -m lab demo`.")


def test_families_have_names_of_their_own() -> None:
    assert len({family.id for family in FAMILIES}) == len(FAMILIES)
    flags = [family.flag for family in FAMILIES if family.flag]
    assert len(set(flags)) == len(flags)
