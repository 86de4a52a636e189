"""The doctor: each thing that is broken on purpose is named with its remedy, and a sound set-up has nothing wrong."""

import json
import socket
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from fixtures.servers import Database
from lab.database.embedded.server import EmbeddedPostgres
from lab.pictures import PictureUnavailable
from lab.readiness.doctor import Setup, examine, machine, settings, targets
from lab.readiness.doctor.sign import Sign
from lab.services.anchor import draw_key
from tests.ui.operating import execute

Databases = Callable[..., Database]
VKEY = {"LAB_ANCHOR_VKEY": draw_key("doctor").verifier.text}
Run = Callable[..., tuple[int, str, str]]
FINISH = """do $$ begin
  perform public.finish_scheduled_run(r.task, r.lease_token, 'done') from public.scheduled_runs r;
end $$"""
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


@pytest.fixture
def sound(tmp_path: Path) -> Setup:
    """A set-up of its own, without settings."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    lock = tmp_path / "requirements.txt"
    lock.write_text(f"psycopg=={metadata.version('psycopg')}\n")
    secrets = tmp_path / "secrets.toml"
    return Setup(environ={}, now=NOW, home=tmp_path / "home", secrets=secrets, port=port, requirements=lock)


def look(name: str, setup: Setup) -> list[Sign]:
    return [sign for sign in examine(setup) if sign.name == name]


def test_a_sound_set_up_has_nothing_wrong(sound: Setup) -> None:
    assert [sign for sign in examine(sound) if sign.state == "wrong"] == []


def test_an_old_python_comes_first(sound: Setup) -> None:
    first, *_ = examine(replace(sound, python=(3, 9, 2)))
    assert (first.name, first.state, first.seen) == ("Python", "wrong", "3.9.2")


@pytest.mark.parametrize(
    ("lock", "seen"),
    [
        ("psycopg==0.1 \\\n    --hash=sha256:00\n", "psycopg is 3."),
        ("not-there==1.0\n", "not-there is missing, the lock has 1.0"),
        ("not-there==1.0 ; sys_platform == 'win32'\n", ""),
    ],
)
def test_packages_are_compared_with_the_lock(sound: Setup, tmp_path: Path, lock: str, seen: str) -> None:
    (tmp_path / "lock.txt").write_text(lock)
    (sign,) = look("Packages", replace(sound, requirements=tmp_path / "lock.txt"))
    assert sign.state == ("wrong" if seen else "ok")
    assert seen in sign.seen


def test_a_missing_renderer_and_missing_fonts_are_named(sound: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    def miss(error: Exception) -> Callable[[], str]:
        def raise_it() -> str:
            raise error

        return raise_it

    monkeypatch.setattr(machine, "find_program", miss(PictureUnavailable("a")))
    monkeypatch.setattr(machine, "find_folders", miss(ModuleNotFoundError("The package x is not installed")))
    assert [look(name, sound)[0].state for name in ("Graphviz", "Fonts")] == ["wrong", "wrong"]


def test_a_full_disk_and_a_file_in_the_way_are_named(
    sound: Setup, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    (sign,) = look("Data folder", replace(sound, home=tmp_path / "file" / "home"))
    assert (sign.state, "cannot be written" in sign.seen) == ("wrong", True)
    monkeypatch.setattr(machine, "LEAST_ROOM", 10**18)
    assert look("Data folder", sound)[0].remedy.startswith("Make room")


def test_a_port_that_another_program_has_is_named(sound: Setup) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", sound.port))
        other.listen()
        (sign,) = look("Port", sound)
    assert (sign.state, sign.remedy.endswith(f"--server.port {sound.port + 1}")) == ("wrong", True)


@pytest.mark.parametrize(
    ("version", "seen"), [("16\n", "holds data of Postgres 16"), (None, "holds something else than a database")]
)
def test_data_that_the_embedded_database_cannot_use_is_named(sound: Setup, version: str | None, seen: str) -> None:
    folder = sound.home / "postgres-18"
    folder.mkdir(parents=True)
    if version:
        (folder / "PG_VERSION").write_text(version)
    (sign,) = look("Embedded database", sound)
    assert (sign.state, seen in sign.seen) == ("wrong", True)


@pytest.mark.parametrize(
    ("text", "mode", "seen"),
    [
        ("[operate", 0o600, "cannot be read as TOML"),
        ("[operate]\npeopel = []\n", 0o600, "under [operate] are not valid"),
        ("[auth]\n", 0o644, "other accounts of this machine can read them"),
    ],
)
def test_faults_of_the_secrets_are_named_without_their_words(sound: Setup, text: str, mode: int, seen: str) -> None:
    sound.secrets.write_text(text)
    sound.secrets.chmod(mode)
    wrong = [sign for sign in look("Secrets", sound) if sign.state == "wrong"]
    assert [seen in sign.seen for sign in wrong] == [True]


def test_a_variable_of_the_wrong_form_is_named_without_its_value(sound: Setup) -> None:
    (sign,) = look("STRIPE_SECRET_KEY", replace(sound, environ={"STRIPE_SECRET_KEY": "whsec_hunter2hunter2"}))
    assert sign.state == "wrong"
    assert sign.remedy
    assert "hunter2" not in str(sign)


def test_anchors_that_are_missing_or_unreadable_are_named(sound: Setup, tmp_path: Path) -> None:
    missing = replace(sound, environ=VKEY | {"LAB_ANCHOR": str(tmp_path / "none.txt")})
    assert look("Anchors", missing)[0].seen == "none.txt does not exist"
    (tmp_path / "anchors.txt").write_text("nothing that was signed\n")
    named = replace(sound, environ=VKEY | {"LAB_ANCHOR": str(tmp_path / "anchors.txt")})
    assert look("Anchors", named)[0].state == "wrong"


def test_old_anchors_are_named(sound: Setup, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "anchors.txt").write_text("")
    log = type("Log", (), {"newest": type("Newest", (), {"at": datetime(2026, 11, 20, tzinfo=UTC)})})
    monkeypatch.setattr(settings, "read_anchors", lambda path, keys: {"consent_events": log})
    (sign,) = look("Anchors", replace(sound, environ=VKEY | {"LAB_ANCHOR": str(tmp_path / "anchors.txt")}))
    assert (sign.state, sign.seen) == ("wrong", "the newest is 10 d 12 h old")


@pytest.mark.parametrize(
    ("url", "seen"),
    [
        ("mysql://a:hunter2@h/d", "its URL"),
        ("postgresql://me:hunter2@127.0.0.1:1/shop", ""),
        ("", "its URL is empty"),
    ],
)
def test_a_target_that_cannot_be_used_is_named_without_its_password(sound: Setup, url: str, seen: str) -> None:
    signs = examine(replace(sound, environ={"LAB_TARGET_STAGING": url}))
    (sign,) = [sign for sign in signs if sign.name == "Target staging"]
    assert (sign.state, seen in sign.seen, bool(sign.remedy)) == ("wrong", True, True)
    assert "hunter2" not in str(signs)


def test_an_empty_database_lacks_its_schema(sound: Setup, server: EmbeddedPostgres, database: Databases) -> None:
    signs = examine(replace(sound, environ={"DATABASE_URL": database(server, "bare").url}))
    assert [sign.state for sign in signs if sign.name == "Schema of DATABASE_URL"] == ["wrong"]


def test_the_gate_the_worker_and_the_pooler_of_a_target(
    sound: Setup, server: EmbeddedPostgres, database: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = database(server).url
    named = replace(sound, environ={"LAB_TARGET_SHOP": url})

    def read(part: str) -> tuple[str, str]:
        (sign,) = look(f"{part} of Target shop", named)
        return sign.state, sign.seen

    assert read("Worker") == ("wrong", "no scheduled task has ever succeeded")
    assert read("Environment")[0] == "not used"
    execute(url, "set role service_role; select public.open_environment('production')")
    assert read("Environment") == ("ok", "open")
    execute(url, "set role service_role; select public.begin_scheduled_run('seal_ledgers', 'host:1')")
    assert read("Worker")[0] == "wrong"
    execute(url, "set role service_role; " + FINISH)
    assert read("Worker") == ("ok", "a task succeeded within two hours")
    monkeypatch.setattr(targets, "POOLED", 5432)  # the port of the test's server
    assert read("Pooler")[0] == "unknown"


@pytest.mark.parametrize(("hours", "state"), [(None, "wrong"), (0, "ok"), (1, "ok"), (3, "wrong"), (72, "wrong")])
def test_a_silent_worker_is_named(hours: int | None, state: str) -> None:
    succeeded: Any = None if hours is None else NOW - timedelta(hours=hours)
    assert targets._judge_worker("shop", succeeded, NOW).state == state


def test_the_command_says_what_is_wrong_and_ends_with_1(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRIPE_SECRET_KEY", "pk_test_hunter2")
    code, out, _ = run("doctor", "--port", "1")
    assert code == 1
    assert "x STRIPE_SECRET_KEY: " in out
    assert "Begin with the first." in out.splitlines()[-1]
    assert "hunter2" not in out
    code, out, _ = run("doctor", "--port", "1", "--json")
    assert {"name", "state", "seen", "remedy"} == set(json.loads(out)[0])
