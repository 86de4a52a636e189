"""The command line: what it prints, and its exit codes; run as a person runs it."""

import contextlib
import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

from fixtures.servers import Database
from lab.cli import main
from lab.database.embedded.server import EmbeddedPostgres
from lab.migrations.files import forward_names, read_migrations
from lab.rules import Rules
from lab.sql import make_migrations, whole_sql
from lab.text.product_files import PROJECT

Databases = Callable[..., Database]


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Run a command in this process; return its exit code, output and errors."""
    try:
        code = main(list(arguments))
    except SystemExit as left:
        code = int(left.code or 0)
    told = capsys.readouterr()
    return code, told.out, told.err


PLANS = [
    ("golden", ["--layer", "artifacts"], 0, "ready"),
    ("missing", ["--layer", "artifacts", "--channel", "email"], 1, "missing consent"),
    ("given", ["--layer", "artifacts", "--channel", "email", "--consent", "email_delivery"], 0, "ready"),
    ("not offered", ["--layer", "stripe", "--channel", "pdf"], 1, "not offered"),
]


@pytest.mark.parametrize(("options", "code", "verdict"), [case[1:] for case in PLANS], ids=[case[0] for case in PLANS])
def test_plan(capsys: pytest.CaptureFixture[str], options: list[str], code: int, verdict: str) -> None:
    told = run(capsys, "plan", *options, "--json")
    assert told[0] == code
    assert json.loads(told[1])["verdict"] == verdict
    assert told[2] == ""


def test_plan_names_the_missing_consent(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "plan", "--layer", "artifacts", "--channel", "email", "--json")
    assert [line["name"] for line in json.loads(out)["missing_consents"]] == ["email_delivery"]


@pytest.mark.parametrize("form", ["text", "markdown", "sql"])
def test_plan_forms(capsys: pytest.CaptureFixture[str], form: str) -> None:
    code, out, _ = run(capsys, "plan", "--layer", "artifacts", "--format", form)
    assert code == 0
    assert "public.oracle_artifacts" in out


def test_plan_answers_what_ifs(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "plan", "--layer", "artifacts", "--channel", "email", "--what-if", "minor")
    assert code == 1
    assert "E-mail is ruled out by “Minor”." in out
    assert "Minor (minor)" in out
    _, out, _ = run(capsys, "plan", "--layer", "scroll", "--what-if", "eu_buyer", "--format", "markdown")
    assert "Source: Directive 2011/83/EU, articles 8(7), 9 to 11 and 16(m), since 2014-06-13." in out


SECOND = ["plan", "--layer", "artifacts", "--channel", "pdf", "--b-channel", "share_card", "--b-what-if", "eu_buyer"]


def test_two_plans_are_compared_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, *SECOND)
    assert code == 1
    only_a, only_b = out.partition("Only A")[2].split("Only B")
    assert "job: PDF (pdf)" in only_a
    assert "consent: Public share-card (public_share)" in only_b
    assert "table: Withdrawals (public.withdrawals)" in only_b


def test_the_files_of_a_comparison_hold_both_plans(capsys: pytest.CaptureFixture[str]) -> None:
    told = json.loads(run(capsys, *SECOND, "--json")[1])
    assert (told["a"]["scenario"]["channels"], told["b"]["scenario"]["channels"]) == (["pdf"], ["share_card"])
    assert "public_share" in [entry["name"] for entry in told["only_b"]]
    text = run(capsys, *SECOND, "--format", "markdown")[1]
    assert text.index("# What differs") < text.index("## A: Artifacts, through PDF") < text.index("## B: Artifacts")
    assert text.count("### Tables") == 2


def test_two_plans_that_are_ready_hold(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "plan", "--layer", "scroll", "--b-layer", "shop")[0] == 0


FAULTS = [
    (["plan", "--layer", "scroll", "--what-if", "alien"], "choose from eu_buyer, minor, anonymous_visitor"),
    (["plan", "--layer", "scroll", "--b-layer", "tarot"], "unknown layer tarot"),
    (["plan", "--layer", "scroll", "--b-layer", "shop", "--format", "sql"], "Use text, json, markdown, pdf for two"),
    (["plan", "--layer", "tarot"], "choose from scroll, artifacts, echo, council, passport, shop, stripe"),
    (["plan", "--layer", "scroll", "--channel", "fax"], "choose from email, pdf"),
    (["plan"], "--layer"),
    (["dance"], "invalid choice"),
    (["migrate", "--database-url", "postgresql://who:s3cret@127.0.0.1:1/db"], "nothing listens there"),
    (["migrate", "--database-url", "http://who:s3cret@host/db"], "not a Postgres URL"),
    (["sql", "--out", "/dev/null/here"], "Choose another folder"),
    (["demo", "--run", "no.sql"], "no.sql: cannot be read (No such file or directory). Check the path."),
    (
        ["demo", "--run", "no.sql", "--shop"],
        "--run: It runs SQL on the embedded database, and --shop serves a shop. Give one of them.",
    ),
    (["demo", "--port", "8600"], "--port: It is the port of the shop, which is not served. Add --shop."),
]


@pytest.mark.parametrize(("arguments", "said"), FAULTS, ids=[" ".join(fault[0][:2]) for fault in FAULTS])
def test_what_cannot_be_done(capsys: pytest.CaptureFixture[str], arguments: list[str], said: str) -> None:
    code, out, err = run(capsys, *arguments)
    assert code == 2
    assert said in err
    assert "s3cret" not in out + err
    assert "Traceback" not in err


def test_every_command_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "--help")
    commands = [line.split()[0] for line in out.splitlines() if line.startswith("    ") and line.strip()]
    assert {"plan", "sql", "rules", "migrate", "chapters", "check", "history", "demo"} <= set(commands)
    for command in ("plan", "sql", "rules", "migrate", "chapters", "check", "history", "demo"):
        code, out, _ = run(capsys, command, "--help")
        assert code == 0
        assert f"example: python -m lab {command}" in out


def test_sql(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run(capsys, "sql")[1].strip() == whole_sql().strip()
    if forward_names():
        pytest.skip("the baseline is not written any more: forward migrations stand on it")
    code, out, _ = run(capsys, "sql", "--out", str(tmp_path / "new" / "folder"))
    assert code == 0
    written = {path.name for path in (tmp_path / "new" / "folder").glob("*.sql")}
    assert written == {migration.file_name for migration in make_migrations()}
    assert all(name in out for name in written)


def test_rules_and_their_schema(capsys: pytest.CaptureFixture[str]) -> None:
    rules = json.loads(run(capsys, "rules", "--json")[1])
    schema = json.loads(run(capsys, "rules", "--schema")[1])
    jsonschema.validate(rules, schema)
    assert list(rules) == list(Rules.model_fields)
    assert "layers: scroll, artifacts" in run(capsys, "rules")[1]


def test_migrate_shows_applies_and_stays(
    capsys: pytest.CaptureFixture[str], server: EmbeddedPostgres, database: Databases
) -> None:
    url = database(server, "bare").url
    code, out, _ = run(capsys, "migrate", "--database-url", url, "--json")
    assert (code, {s["state"] for s in json.loads(out)["states"]}) == (1, {"missing"})
    code, out, _ = run(capsys, "migrate", "--database-url", url, "--apply")
    assert code == 0
    assert out.count("just now") == len(read_migrations())
    code, out, _ = run(capsys, "migrate", "--database-url", url, "--apply", "--json")
    assert (code, json.loads(out)["applied"]) == (0, [])


def test_chapters(capsys: pytest.CaptureFixture[str], server: EmbeddedPostgres, database: Databases) -> None:
    code, out, _ = run(capsys, "chapters", "--database-url", database(server, "bare").url)
    assert code == 1
    assert "broken" in out
    url = database(server).url
    code, out, _ = run(capsys, "chapters", "--database-url", url, "--json")
    states = {chapter["number"]: chapter["state"] for chapter in json.loads(out)["chapters"]}
    assert code == 1  # what has no anchor, or only people can confirm, is unknown, never taken for sound
    assert states[4] == states[11] == "holds"
    assert states[3] == states[9] == states[12] == states[15] == states[16] == "unknown"


def test_the_module_runs_by_itself(tmp_path: Path) -> None:
    """In a process of its own, from another folder, the database URL from the environment."""
    environ = {**os.environ, "DATABASE_URL": "postgresql://a:s3cret@127.0.0.1:1/db", "PYTHONPATH": str(PROJECT)}
    command = [sys.executable, "-m", "lab", "migrate"]
    told = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)
    assert told.returncode == 2
    assert "127.0.0.1:1/db" in told.stderr
    assert "s3cret" not in told.stdout + told.stderr


@pytest.mark.parametrize("command", ["check", "migrate", "chapters", "anchor"])
def test_a_url_from_a_file_or_standard_input(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    """So that a password is in no list of processes."""
    monkeypatch.chdir(tmp_path)
    url = "postgresql://who:s3cret@127.0.0.1:1/db\n"
    (tmp_path / "url").write_text(url)
    more = ["--file", "a", "--key", "k", "--new-key"] if command == "anchor" else []
    for place in ("url", "-"):
        monkeypatch.setattr("sys.stdin", io.StringIO(url))
        code, out, err = run(capsys, command, "--database-url-file", place, *more)
        assert (code, out) == (2, "")
        assert "127.0.0.1:1/db: nothing listens there" in err
        assert "s3cret" not in err


@pytest.mark.parametrize(
    ("text", "said"), [(None, "cannot be read"), ("", "is set, but empty"), ("a://s3cret\nb\n", "more than one line")]
)
def test_a_file_that_holds_no_url(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, text: str | None, said: str
) -> None:
    place = tmp_path / "url"
    if text is not None:
        place.write_text(text)
    code, out, err = run(capsys, "migrate", "--database-url-file", str(place))
    assert (code, out) == (2, "")
    assert said in err
    assert "s3cret" not in err
    assert run(capsys, "migrate", "--database-url-file", str(place), "--database-url", "x")[0] == 2


def test_the_list_of_processes_holds_no_password(tmp_path: Path) -> None:
    """Also not of what the command starts, and not under another name."""
    (tmp_path / "url").write_text("postgresql://who:s3cretCanary@10.255.255.1:1/db?connect_timeout=4")
    environ = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    command = [sys.executable, "-m", "lab", "migrate", "--database-url-file", "url"]
    with subprocess.Popen(
        command, cwd=tmp_path, env=environ | {"PYTHONPATH": str(PROJECT)}, stderr=subprocess.DEVNULL
    ) as running:
        seen = b""
        while running.poll() is None:
            for place in Path("/proc").glob("[0-9]*/cmdline"):
                with contextlib.suppress(OSError):
                    seen += place.read_bytes()
            time.sleep(0.2)
    assert b"--database-url-file" in seen
    assert b"s3cretCanary" not in seen
