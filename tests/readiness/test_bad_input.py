"""The commands check and history, asked for what cannot be: one line each, and nothing is lost."""

from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., tuple[int, str, str]]


def test_a_slip_is_told_before_anything_is_asked(run: Run, tmp_path: Path) -> None:
    """Nothing listens at the URL: whatever is asked would say so."""
    kept = tmp_path / "kept.json"
    kept.write_text("what was there")
    nowhere = ("check", "--database-url", "postgresql://who@127.0.0.1:1/db")
    for options, said in [
        (("--write", f"json={tmp_path / 'none' / 'x'}"), "cannot be written (No such file or directory)"),
        (("--repair", tmp_path), "cannot be written (Is a directory)"),
        (("--write", f"json={kept}", "--repair", f"{kept}/x"), "cannot be written (Not a directory)"),
        (("--env-file", tmp_path / "none"), "No such file or directory. Check the path"),
        (("--json", "--format", "sarif"), "--format: not allowed with argument --json"),
    ]:
        code, out, err = run(*nowhere, *options)
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert said in err
    fresh = tmp_path / "fresh.sarif"
    assert "nothing listens there" in run(*nowhere, "--write", f"sarif={fresh}", "--repair", kept)[2]
    assert (kept.read_text(), fresh.exists()) == ("what was there", False)


FAILURES = [
    ("nobody there", ["--database-url", "postgresql://a:s3cret@127.0.0.1:1/db"], "nothing listens there"),
    ("web address", ["--database-url", "https://a:s3cret@host/db"], "not a Postgres URL"),
    ("empty URL", ["--database-url", ""], "--database-url: is set, but empty"),
    ("empty URL, environment alone", ["--database-url", " ", "--family", "environment"], "is set, but empty"),
    ("empty URL beside a target", ["--target", "moon", "--database-url", ""], "Give one of them"),
    ("unknown target", ["--target", "moon"], "Choose one of embedded"),
    ("two databases", ["--target", "moon", "--database-url", "postgresql://a@b/c"], "Give one of them"),
    ("no such form", ["--write", "docx=x"], "write FORMAT=FILE"),
    ("no file", ["--write", "json="], "write FORMAT=FILE"),
    ("no acceptances", ["--acceptances", "/nowhere/a.toml"], "cannot be read"),
    ("no environment", ["--family", "environment", "--env-file", "/nowhere/.env"], "Check the path"),
    ("no such layer", ["--layer", "tarot"], "invalid choice"),
    ("no such family", ["--family", "luck"], "invalid choice"),
]


@pytest.mark.parametrize(("options", "said"), [case[1:] for case in FAILURES], ids=[case[0] for case in FAILURES])
def test_what_cannot_be_done(run: Run, options: list[str], said: str) -> None:
    code, out, err = run("check", *options)
    assert (code, out) == (2, "")
    assert said in err
    assert "s3cret" not in err
    assert "Traceback" not in err


@pytest.mark.parametrize("command", ["check", "chapters", "migrate"])
def test_a_secret_that_is_not_set_does_not_lead_elsewhere(
    command: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CI hands an unset secret over as an empty text; the embedded database would say that it is ready."""
    monkeypatch.setenv("DATABASE_URL", "")
    code, out, err = run(command)
    assert (code, out) == (2, "")
    assert "DATABASE_URL: is set, but empty. Set the secret" in err


HISTORY_FAILURES = [
    (["--target", "moon"], "no check of this target is kept. Kept are: none yet"),
    (["--against", "moon"], "name it with --target"),
    (["--since", "yesterday"], "write it as 2027-01-31"),
]


@pytest.mark.parametrize(("options", "said"), HISTORY_FAILURES)
def test_history_that_cannot_be_shown(run: Run, options: list[str], said: str) -> None:
    code, _, err = run("history", *options)
    assert code == 2
    assert said in err
