"""What takes things back or invents values: a person decides, and what is locked stays."""

import re
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fixtures.servers import Database
from lab.database.connect import connect
from lab.database.embedded.server import EmbeddedPostgres
from lab.migrations.files import next_version, read_migrations
from tests.forward.copies import ROWS, check, diff, edit, fill, lab, read_row, read_written, written
from tests.forward.edits import DECLINE

Databases = Callable[..., Database]

BY_HAND = """
update public.products set maker = 'house';
alter table public.products alter column maker set not null;
alter table public.consent_notices alter column body type varchar(2000);
alter table public.products drop column shelf;
alter table public.purchases drop column promised_link_id;
drop table public.tarot_spreads;
drop function wall.refuse_spread();
drop function wall.check_tarot_spreads();
"""


@pytest.fixture(scope="module")
def declined(
    grown: tuple[Path, subprocess.CompletedProcess[str]], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """The grown copy, whose rules have taken things back."""
    folder = tmp_path_factory.mktemp("declined") / "copy"
    shutil.copytree(grown[0], folder)
    edit(folder, DECLINE)
    return folder, diff(folder, "drop_tarot")


def test_a_person_decides_what_becomes_of_data(
    declined: tuple[Path, subprocess.CompletedProcess[str]], server: EmbeddedPostgres, database: Databases
) -> None:
    folder, told = declined
    assert told.returncode == 1, told.stdout + told.stderr
    name, proof = (name for name in written(folder) if "drop_tarot" in name)
    text = read_written(folder, name)
    assert proof.endswith("_drop_tarot_proof.sql")
    assert "validate constraint legal_holds_table_name_allowed" in read_written(folder, proof)
    for decision in (
        "Removed table public.tarot_spreads",
        "Removed column public.products.shelf",
        "Removed column public.purchases.promised_link_id",
        "Removed function wall.refuse_spread()",
        "Removed function wall.check_tarot_spreads()",
        "Changed type of column public.consent_notices.body",
        "Changed not null of column public.products.maker",
    ):
        assert decision in told.stdout
        assert f"-- {decision}. " in text
    assert not re.search(
        r"^(drop table|truncate|delete|alter .*(drop column|set not null| type |drop constraint purchases_promised))",
        text,
        re.MULTILINE,
    )

    place = database(server)
    fill(place)
    before = read_row(place.url, ROWS)
    applied = lab(folder, "-m", "lab", "migrate", "--apply", "--database-url", place.url)
    assert applied.returncode == 0, applied.stdout + applied.stderr
    assert read_row(place.url, ROWS) == before
    with connect(place.url) as connection:
        closed = "select has_table_privilege('service_role', 'public.tarot_spreads', 'select')"
        assert connection.execute(closed).fetchone() == (False,)
    assert set(check(folder, place)) == {
        "column:public.products.shelf:extra",
        "column:public.purchases.promised_link_id:extra",
        "constraint:public.purchases.purchases_promised_link_id_fkey:extra",
        "column:public.consent_notices.body:type",
        "function:wall.refuse_spread():extra",
        "function:wall.check_tarot_spreads():extra",
        "closed_strangers:exposed schemas:extra",
        "column:public.products.maker:not_null",
    }

    asked_again = diff(folder, "once_more")
    assert asked_again.returncode == 1
    assert "Nothing was written" in asked_again.stdout

    version = next_version(datetime.now(UTC), read_migrations(folder / "sql/migrations"))
    (folder / "sql/migrations" / f"{version}_decided.sql").write_text(BY_HAND)
    locked = lab(folder, "-m", "lab", "sql", "--lock")
    assert (locked.returncode, locked.stdout.splitlines()[0]) == (0, f"locked {version}_decided.sql")
    assert "python -m lab expected" in locked.stdout
    settled = diff(folder, "once_more")
    assert (settled.returncode, settled.stdout.strip()) == (0, "The rules change nothing."), settled.stderr
    assert lab(folder, "-m", "lab", "migrate", "--apply", "--database-url", place.url).returncode == 0
    assert check(folder, place) == []
    assert read_row(place.url, ROWS) == before


def test_a_lock_takes_no_edit_and_no_earlier_name(
    grown: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(grown[0], folder)
    migrations = folder / "sql/migrations"
    (migrations / "20200101000000_early.sql").write_text("select 1;")
    next(migrations.glob("*_views.sql")).write_text("-- edited")
    told = lab(folder, "-m", "lab", "sql", "--lock")
    assert told.returncode == 2
    assert "views.sql: was edited" in told.stderr
    assert "20200101000000_early.sql: does not come after" in told.stderr
    assert (migrations / "migrations.lock").read_text() == (grown[0] / "sql/migrations/migrations.lock").read_text()
