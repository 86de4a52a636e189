"""What can be written without asking anybody: a database with rows in it follows the rules."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from fixtures.servers import Database
from lab.database.embedded.server import EmbeddedPostgres
from lab.migrations.files import MIGRATION_FOLDER
from tests.forward.copies import (
    ROWS,
    check,
    copy_project,
    diff,
    edit,
    fill,
    lab,
    left_behind,
    read_row,
    read_written,
    written,
)

Databases = Callable[..., Database]


@pytest.fixture
def old(each_server: EmbeddedPostgres, database: Databases) -> Database:
    """A database of the migrations as they are committed, with rows in it."""
    place = database(each_server)
    fill(place)
    return place


@pytest.mark.sample(between=0)
def test_a_database_with_rows_follows_the_rules(
    grown: tuple[Path, subprocess.CompletedProcess[str]], old: Database
) -> None:
    folder, told = grown
    assert told.returncode == 0, told.stdout + told.stderr
    before = read_row(old.url, ROWS)
    assert all(before)
    applied = lab(folder, "-m", "lab", "migrate", "--apply", "--database-url", old.url)
    assert applied.returncode == 0, applied.stdout + applied.stderr
    assert applied.stdout.count("just now") == 2
    assert read_row(old.url, ROWS) == before
    assert read_row(old.url, "select count(*), min(shelf) from public.products") == (before[0], "main")
    assert read_row(old.url, "select max(version) from public.consent_notices where purpose = 'email_delivery'") == (2,)
    assert check(folder, old) == []


def test_a_check_comes_along_with_its_function(tmp_path: Path, server: EmbeddedPostgres, database: Databases) -> None:
    """Postgres drops no function that a check stands on: both are made anew, and the rows are proven afterwards."""
    folder, place = copy_project(tmp_path), database(server)
    edit(
        folder,
        {
            "lab/rules/functions/internal.py": [('argument("details"', 'argument("told"')],
            "sql/functions/is_operational.sql": [("details", "told")] * 4,
        },
    )
    told = diff(folder, "tell")
    assert told.returncode == 0, told.stdout + told.stderr
    assert "python -m lab expected" in told.stdout
    change, proof = written(folder)[-2:]
    assert "drop function if exists wall.is_operational(jsonb);" in read_written(folder, change)
    assert "validate constraint admin_audit_events_details" in read_written(folder, proof)
    applied = lab(folder, "-m", "lab", "migrate", "--apply", "--database-url", place.url)
    assert applied.returncode == 0, applied.stdout + applied.stderr
    assert check(folder, place) == []


def test_the_migration_says_what_changes(grown: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    folder, told = grown
    change, proof = written(folder)[-2:]
    assert re.fullmatch(r"\d{14}_add_tarot\.sql", change)
    assert re.fullmatch(r"\d{14}_add_tarot_proof\.sql", proof)
    assert [Path(line).name for line in told.stdout.splitlines()[:3]] == [change, proof, "migrations.lock"]
    text = read_written(folder, change)
    for line in (
        "-- New table public.tarot_spreads",
        "-- New column public.products.shelf",
        "-- New index public.products_shelf",
        "-- Changed definition of constraint public.email_suppressions.email_suppressions_reason_allowed",
        "-- Changed using of policy public.echo_entries.owner_reads_echo_entries",
        "-- Changed body of function public.reap_delivery_leases(",
        "-- Changed comment of table public.products",
        "-- Removed privilege public.purchase_links: service_role may update",
        "-- Removed constraint public.purchase_links.purchase_links_amount_not_negative",
        "-- New wording email_delivery 2 (en)",
    ):
        assert line in text
    assert "drop table" not in text
    assert "drop column" not in text
    proven = read_written(folder, proof)
    statements = [line for line in proven.splitlines() if line and not line.startswith("--")]
    assert statements
    assert all(" validate constraint " in line for line in statements)


def test_what_was_locked_stays_as_it_was(grown: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    folder, _ = grown
    lock = (folder / "sql/migrations/migrations.lock").read_text()
    assert lock.startswith((MIGRATION_FOLDER / "migrations.lock").read_text())
    assert [line.split()[1] for line in lock.splitlines()] == written(folder)
    for path in MIGRATION_FOLDER.glob("*.sql"):
        assert (folder / "sql/migrations" / path.name).read_bytes() == path.read_bytes()


def test_the_baseline_is_not_written_any_more(
    grown: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    folder, _ = grown
    before = written(folder)
    for place in ("sql/migrations", str(tmp_path / "elsewhere")):
        told = lab(folder, "-m", "lab", "sql", "--out", place)
        assert told.returncode == 2
        assert "python -m lab sql --diff NAME" in told.stderr
    assert written(folder) == before
    assert not (tmp_path / "elsewhere").exists()


def test_nothing_to_change(grown: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    folder, _ = grown
    before = written(folder)
    told = diff(folder, "again")
    assert (told.returncode, told.stdout.strip()) == (0, "The rules change nothing.")
    assert written(folder) == before
    assert left_behind(folder) == []
    assert not (folder / "home").exists()


NO_NAMES = ("Add Shelf", "../up", "9_lives", "")
NAMES = dict.fromkeys(NO_NAMES, "is not a name") | {"views": "taken"}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_cannot_be(grown: tuple[Path, subprocess.CompletedProcess[str]], name: str) -> None:
    before = written(grown[0])
    told = diff(grown[0], name)
    assert told.returncode == 2
    assert {"taken": "has that name already"}.get(NAMES[name], NAMES[name]) in told.stderr
    assert written(grown[0]) == before
