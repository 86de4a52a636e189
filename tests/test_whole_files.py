"""Files are written whole or not at all, and what a command prints fits what it has written."""

import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from fixtures.servers import Database
from lab.database.embedded.server import EmbeddedPostgres
from lab.migrations.files import MIGRATION_FOLDER
from lab.services.anchor import draw_key, write_key
from lab.text.errors import LabError
from lab.text.product_files import PROJECT
from lab.text.whole_files import write_whole

Databases = Callable[..., Database]
BIG = "x" * 200_000


def limit_files(bytes_: int) -> Callable[[], None]:
    """No file may become longer than this: what a full disk does in the middle of a file."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_, bytes_))


def run_limited(folder: Path, size: int, *command: str | Path) -> subprocess.CompletedProcess[str]:
    environ = os.environ | {"PYTHONPATH": str(PROJECT), "PYTHONDONTWRITEBYTECODE": "1"}
    told = [sys.executable, *map(str, command)]
    return subprocess.run(
        told, cwd=folder, env=environ, capture_output=True, text=True, check=False, preexec_fn=limit_files(size)
    )


def listing(folder: Path) -> dict[str, str]:
    return {str(p.relative_to(folder)): p.read_text() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.mark.parametrize("there", [True, False], ids=["over another", "new"])
def test_a_file_that_cannot_be_finished_is_as_it_was(tmp_path: Path, there: bool) -> None:
    if there:
        (tmp_path / "big").write_text("before")
    before = listing(tmp_path)
    program = (
        "from pathlib import Path\nfrom lab.text.whole_files import write_whole\n"
        "write_whole({Path('small'): 'new', Path('big'): 'x' * 200_000})"
    )
    told = run_limited(tmp_path, 50_000, "-c", program)
    assert "File too large: 'big'" in told.stderr
    assert listing(tmp_path) == before


def test_what_is_written_has_the_rights_of_what_was_there(tmp_path: Path) -> None:
    kept, new, link = tmp_path / "kept", tmp_path / "new", tmp_path / "link"
    kept.write_text("a")
    kept.chmod(0o640)
    link.symlink_to(kept)
    write_whole({link: BIG, new: "b"})
    assert link.is_symlink()
    assert (kept.read_text(), kept.stat().st_mode & 0o777) == (BIG, 0o640)
    mask = os.umask(0)
    os.umask(mask)
    assert new.stat().st_mode & 0o777 == 0o666 & ~mask


def test_a_folder_in_the_way_leaves_the_other_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="folder"):
        write_whole({tmp_path / "one": "1", tmp_path / "folder": "2"})
    assert listing(tmp_path) == {}


@pytest.mark.parametrize("size", [0, 20_000])
def test_a_check_that_cannot_write_prints_nothing(
    server: EmbeddedPostgres, shared_database: Databases, tmp_path: Path, size: int
) -> None:
    (tmp_path / "r.sql").write_text("before")
    url = shared_database(server, "bare").url
    written = ("--write", "junit=small.xml", "--write", "json=report.json", "--repair", "r.sql")
    told = run_limited(tmp_path, size, "-m", "lab", "check", "--database-url", url, "--no-history", *written)
    assert (told.returncode, told.stdout) == (2, "")
    assert "cannot be written (File too large). Make room, or choose another place." in told.stderr
    assert listing(tmp_path) == {"r.sql": "before"}


def test_a_full_device_leaves_standard_output_empty(
    run: Callable[..., tuple[int, str, str]], server: EmbeddedPostgres, shared_database: Databases, tmp_path: Path
) -> None:
    url = shared_database(server).url
    code, out, err = run("check", "--database-url", url, "--no-history", "--write", "json=/dev/full", "--json")
    assert (code, out) == (2, "")
    assert "/dev/full: cannot be written (No space left on device). Make room" in err
    twice = ("--write", f"json={tmp_path / 'x'}", "--repair", tmp_path / "x")
    code, out, err = run("check", "--database-url", url, *twice)
    assert (code, out, "two outputs have this file" in err) == (2, "", True)


def test_migrations_are_all_written_or_none(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    told = run_limited(tmp_path, 120_000, "-m", "lab", "sql", "--out", "out")
    assert (told.returncode, told.stdout) == (2, "")
    assert "cannot be written (File too large)" in told.stderr
    assert listing(tmp_path) == {}
    told = run_limited(tmp_path, 10_000_000, "-m", "lab", "sql", "--out", "out")
    assert told.returncode == 0
    assert {*listing(tmp_path / "out")} == {path.name for path in MIGRATION_FOLDER.iterdir()}


def test_half_a_key_is_not_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = (
        "import lab.services.anchor as anchor, pathlib\nanchor.write_key(pathlib.Path('key'), anchor.draw_key('shop'))"
    )
    told = run_limited(tmp_path, 10, "-c", program)
    assert "the key file cannot be made (File too large)" in told.stderr
    assert listing(tmp_path) == {}
    write_key(tmp_path / "key", draw_key("shop"))
    with pytest.raises(LabError, match="File exists"):
        write_key(tmp_path / "key", draw_key("shop"))
    assert len(listing(tmp_path)) == 1
