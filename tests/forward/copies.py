"""A copy of the project, whose rules a test may edit; its commands, and a database that follows it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import psutil

from fixtures.servers import Database, clone_database, drop_database
from lab.database.connect import connect
from lab.text.product_files import DEMO_FILE, PROJECT

# What a command of a copy compiles is not kept: an edit within the same second could be overlooked.
UNCOMPILED = {"PYTHONDONTWRITEBYTECODE": "1"}
Edits = dict[str, list[tuple[str, str]]]


def copy_project(folder: Path) -> Path:
    """Copy the project, with what is compiled of it."""
    for name in ("lab", "sql", "fixtures"):
        shutil.copytree(PROJECT / name, folder / name)
    return folder


def edit(folder: Path, edits: Edits) -> None:
    for path, pairs in edits.items():
        text = (folder / path).read_text()
        for old, new in pairs:
            assert old in text, f"{path}: {old}"
            text = text.replace(old, new, 1)
        (folder / path).write_text(text)


def lab(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command in the copy, with places of its own for the embedded server and for temporary files."""
    (folder / "tmp").mkdir(exist_ok=True)
    places = {"PERSISTENCE_LAB_HOME": str(folder / "home"), "TMPDIR": str(folder / "tmp")}
    command = [sys.executable, *arguments]
    environ = {**os.environ, **places, **UNCOMPILED}
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)


def diff(folder: Path, name: str) -> subprocess.CompletedProcess[str]:
    return lab(folder, "-m", "lab", "sql", "--diff", name)


def left_behind(folder: Path) -> list[str]:
    """Return the files and processes that a command left."""
    inside = f"{folder / 'tmp'}/"
    running = [process.info["cwd"] or "" for process in psutil.process_iter(["cwd"])]
    return [*map(str, (folder / "tmp").iterdir()), *(place for place in running if place.startswith(inside))]


def written(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "sql/migrations").glob("*.sql"))


def read_written(folder: Path, name: str) -> str:
    return (folder / "sql/migrations" / name).read_text()


ROWS = """
select (select count(*) from public.products), (select count(*) from public.purchases),
       (select count(*) from public.oracle_scrolls), (select count(*) from public.delivery_jobs),
       (select md5(string_agg(p.id::text || p.title, '' order by p.id)) from public.products p)
"""


def read_row(url: str, query: str) -> tuple[object, ...]:
    with connect(url, read_only=True) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return tuple(row)


def fill(place: Database) -> None:
    """Bring an old database's rows in."""
    with connect(place.url) as connection:
        connection.execute(DEMO_FILE.read_bytes())


SNAPSHOT = """
import sys
from lab.migrations.apply import apply_migrations
from lab.checks.schema.expected import write_expected
from lab.sql import make_migrations
apply_migrations(sys.argv[1], make_migrations())
write_expected([sys.argv[1]])
"""


def check(folder: Path, place: Database) -> list[str]:
    """Check a database against the copy's rules, with expected catalogues made anew; return what weighs."""
    fresh = clone_database(place.server, "bare")
    try:
        told = lab(folder, "-c", SNAPSHOT, fresh.url)
        assert told.returncode == 0, told.stderr
    finally:
        drop_database(fresh)
    arguments = (
        "--family",
        "schema",
        "--family",
        "access",
        "--family",
        "strangers",
        "--no-history",
        "--json",
        "--database-url",
        place.url,
    )
    report = json.loads(lab(folder, "-m", "lab", "check", *arguments).stdout)
    return [finding["key"] for finding in report["findings"]]
