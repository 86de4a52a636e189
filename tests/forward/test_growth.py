"""Forward migrations: rules are changed in a copy of the project, and a database with rows in it follows them."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import psutil
import psycopg
import pytest

from lab.committed import MIGRATION_FOLDER, forward_names, next_version, read_migrations
from lab.database import connect
from lab.demo import DEMO_FILE
from lab.embedded import PROJECT, EmbeddedPostgres
from lab.forward import find_differences, find_scope, read_side
from lab.migrate import apply_migrations
from lab.sql import make_migrations
from tests.servers import Database, clone_database, drop_database
from tests.test_contributing import TABLE

Databases = Callable[..., Database]
Edits = dict[str, list[tuple[str, str]]]

TABLES = "lab/rules/tables"
COMMERCE, READINGS, PREMIUM = f"{TABLES}/commerce.py", f"{TABLES}/readings.py", f"{TABLES}/premium.py"
FUNCTIONS, BODY = "lab/rules/functions/triggers.py", "sql/functions/refuse_spread.sql"
REFUSE = "begin\n  raise exception 'a spread is drawn once' using errcode = '42501';\nend\n"
SPREADS = TABLE.replace(
    '    source="test"',
    '    triggers=(before("spreads_stay", "update", refuse_spread, "Drawn once."),),\n    source="test"',
)
PROMISE = 'ref("promised_link_id", purchase_links, "Promised.", erase=KEEP, nullable=True),\n        '
PROMISE_INDEX = 'index("purchases_promised", "promised_link_id", serves="From a link to its promises."),\n        '
UNLOCKED_INDEX = 'index(\n            "purchases_not_unlocked"'
REFUSE_RULE = 'refuse_spread = trigger_function("refuse_spread", "Drawn once.")\n\nTRIGGERS = (\n    refuse_spread,'
KEPT = "tables=(keeps(oracle_scrolls,"
KEPT_MORE = 'tables=(keeps(tarot_spreads, "What was drawn."), keeps(oracle_scrolls,'
SHELF = """operational("shelf", "text", "Where it stands.", erase=KEEP, default="'main'", allowed=("main", "window")),
        """
TITLE = 'public("title", "text", "Name in the shop.", erase=KEEP),'
SHELF_INDEX = 'index("products_shelf", "shelf", serves="What stands on a shelf."), '
STRIPE_INDEX = 'unique("products_stripe_product"'
CURRENCY_CHECK = """        _currency_is_iso,
        check(
            "unlock_route_is_local","""

# Everything that can be written without asking anybody.
GROWTH: Edits = {
    COMMERCE: [
        (TITLE, SHELF + TITLE),
        ("^prod_[A-Za-z0-9]+$", "^prod_[A-Za-z0-9]{1,200}$"),
        (STRIPE_INDEX, SHELF_INDEX + STRIPE_INDEX),
        ("What the shop offers, each with", "What the shop offers, with"),
        (
            'server(SELECT, INSERT, UPDATE, why="The site\'s server opens the checkout',
            'server(SELECT, INSERT, why="The site\'s server opens the checkout',
        ),
        (CURRENCY_CHECK, CURRENCY_CHECK.replace("        _currency_is_iso,\n", "")),
        ('stamp("unlocked_at",', PROMISE + 'stamp("unlocked_at",'),
        (UNLOCKED_INDEX, PROMISE_INDEX + UNLOCKED_INDEX),
    ],
    PREMIUM: [('owner_reads("echo_entries")', 'owner_reads("echo_entries", also=" and status <> \'cancelled\'")')],
    f"{TABLES}/delivery.py": [('"unsubscribed", "manual")', '"unsubscribed", "manual", "bounced_twice")')],
    FUNCTIONS: [
        ("TRIGGERS = (", REFUSE_RULE),
    ],
    READINGS: [("import refuse_change,", "import refuse_spread, refuse_change,")],
    f"{TABLES}/__init__.py": [
        ("import gift_recipients,", "import tarot_spreads, gift_recipients,"),
        ("    oracle_scrolls,\n", "    oracle_scrolls,\n    tarot_spreads,\n"),
    ],
    "lab/rules/layers.py": [
        (KEPT, KEPT_MORE),
        ("import oracle_artifacts, oracle_scrolls", "import oracle_artifacts, oracle_scrolls, tarot_spreads"),
    ],
    "lab/rules/consents.py": [
        ("when something of yours is ready?", "once something of yours is ready?"),
        (
            "recovery links wait in your account.\",\n    scope=\"account\",\n    version=1",
            "recovery links wait in your account.\",\n    scope=\"account\",\n    version=2",
        ),
    ],
    "sql/functions/reap_delivery_leases.sql": [("order by j.lease_until", "order by j.lease_until, j.id")],
}  # fmt: skip

# What takes things back, and what invents values: a person decides.
DECLINE: Edits = {
    COMMERCE: [
        (SHELF, 'operational("maker", "text", "Who made it.", erase=KEEP),\n        '),
        (SHELF_INDEX, ""),
        (PROMISE, ""),
        (PROMISE_INDEX, ""),
        (TITLE, TITLE.replace('"text"', '"varchar(200)"')),
    ],
    READINGS: [(SPREADS, ""), ("import refuse_spread, ", "import ")],
    **{
        path: [(new, old) for old, new in edits]
        for path, edits in GROWTH.items()
        if path in (FUNCTIONS, f"{TABLES}/__init__.py", "lab/rules/layers.py")
    },
}

BY_HAND = """
update public.products set maker = 'the house';
alter table public.products alter column maker set not null;
alter table public.products alter column title type varchar(200);
alter table public.products drop column shelf;
alter table public.purchases drop column promised_link_id;
drop table public.tarot_spreads;
drop function wall.refuse_spread();
"""


def copy_project(folder: Path) -> Path:
    for name in ("lab", "sql", "fixtures"):
        shutil.copytree(PROJECT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
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
    environ = {**os.environ, **places}
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


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """A copy whose rules have grown, and what the command said of it."""
    folder = copy_project(tmp_path_factory.mktemp("grown"))
    (folder / READINGS).write_text((folder / READINGS).read_text() + SPREADS)
    (folder / BODY).write_text(REFUSE)
    edit(folder, GROWTH)
    return folder, diff(folder, "add_tarot")


@pytest.fixture(scope="module")
def declined(
    grown: tuple[Path, subprocess.CompletedProcess[str]], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """The grown copy, whose rules have taken things back."""
    folder = tmp_path_factory.mktemp("declined") / "copy"
    shutil.copytree(grown[0], folder, ignore=shutil.ignore_patterns("__pycache__"))
    edit(folder, DECLINE)
    return folder, diff(folder, "drop_tarot")


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


@pytest.fixture
def old(each_server: EmbeddedPostgres, database: Databases) -> Database:
    """A database of the migrations as they are committed, with rows in it."""
    place = database(each_server)
    fill(place)
    return place


SNAPSHOT = """
import sys
from lab.migrate import apply_migrations
from lab.snapshot import write_snapshots
from lab.sql import make_migrations
apply_migrations(sys.argv[1], make_migrations())
write_snapshots([sys.argv[1]])
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


def test_the_migration_says_what_changes(grown: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    folder, told = grown
    change, proof = written(folder)[-2:]
    assert re.fullmatch(r"\d{14}_add_tarot\.sql", change)
    assert re.fullmatch(r"\d{14}_add_tarot_proof\.sql", proof)
    assert [Path(line).name for line in told.stdout.splitlines()[:3]] == [change, proof, "migrations.lock"]
    text = (folder / "sql/migrations" / change).read_text()
    for line in (
        "-- New table public.tarot_spreads",
        "-- New column public.products.shelf",
        "-- New index public.products_shelf",
        "-- Changed definition of constraint public.email_suppressions.email_suppressions_reason_allowed",
        "-- Changed using of policy public.echo_entries.owner_reads_echo_entries",
        "-- Changed body of function public.reap_delivery_leases(",
        "-- Changed comment of table public.products",
        "-- Removed privilege public.purchase_links: service_role may update",
        "-- Removed constraint public.purchase_links.purchase_links_currency_is_iso",
        "-- New wording email_delivery 2 (en)",
    ):
        assert line in text
    assert "drop table" not in text
    assert "drop column" not in text
    proven = (folder / "sql/migrations" / proof).read_text()
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


NAMES = {"Add Shelf": "is no name", "../up": "is no name", "9_lives": "is no name", "": "is no name", "views": "taken"}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_cannot_be(grown: tuple[Path, subprocess.CompletedProcess[str]], name: str) -> None:
    before = written(grown[0])
    told = diff(grown[0], name)
    assert told.returncode == 2
    assert {"taken": "has that name already"}.get(NAMES[name], NAMES[name]) in told.stderr
    assert written(grown[0]) == before


def test_a_person_decides_what_becomes_of_data(
    declined: tuple[Path, subprocess.CompletedProcess[str]], server: EmbeddedPostgres, database: Databases
) -> None:
    folder, told = declined
    assert told.returncode == 1, told.stdout + told.stderr
    (name,) = (name for name in written(folder) if "drop_tarot" in name)
    text = (folder / "sql/migrations" / name).read_text()
    for decision in (
        "Removed table public.tarot_spreads",
        "Removed column public.products.shelf",
        "Removed column public.purchases.promised_link_id",
        "Removed function wall.refuse_spread()",
        "Changed type of column public.products.title",
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
        "column:public.products.title:type",
        "function:wall.refuse_spread():extra",
        "column:public.products.maker:not_null",
    }

    asked_again = diff(folder, "once_more")
    assert asked_again.returncode == 1
    assert "Nothing was written" in asked_again.stdout

    version = next_version(datetime.now(UTC), read_migrations(folder / "sql/migrations"))
    (folder / "sql/migrations" / f"{version}_decided.sql").write_text(BY_HAND)
    locked = lab(folder, "-m", "lab", "sql", "--lock")
    assert (locked.returncode, locked.stdout.strip()) == (0, f"locked {version}_decided.sql")
    settled = diff(folder, "once_more")
    assert (settled.returncode, settled.stdout.strip()) == (0, "The rules change nothing."), settled.stderr
    assert lab(folder, "-m", "lab", "migrate", "--apply", "--database-url", place.url).returncode == 0
    assert check(folder, place) == []
    assert read_row(place.url, ROWS) == before


def test_a_lock_takes_no_edit_and_no_earlier_name(
    grown: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(grown[0], folder, ignore=shutil.ignore_patterns("__pycache__"))
    migrations = folder / "sql/migrations"
    (migrations / "20200101000000_early.sql").write_text("select 1;")
    next(migrations.glob("*_views.sql")).write_text("-- edited")
    told = lab(folder, "-m", "lab", "sql", "--lock")
    assert told.returncode == 2
    assert "views.sql: was edited" in told.stderr
    assert "20200101000000_early.sql: does not come after" in told.stderr
    assert (migrations / "migrations.lock").read_text() == (grown[0] / "sql/migrations/migrations.lock").read_text()


# Roles belong to a whole server, so nothing of this is applied to one that other tests use.
RIGHTS: Edits = {
    "lab/rules/functions/queue.py": [
        (
            'argument("most", "integer", "',
            'argument("patience", "integer", "Seconds.", "0"), argument("most", "integer", "',
        )
    ],
    "lab/rules/roles.py": [
        (
            "ROLES = (",
            'auditor = Role(id="auditor", title="Auditor", description="Looks at the trail.", owned=True,'
            " via_data_api=True)\n\nROLES = (auditor, ",
        )
    ],
    "lab/rules/views.py": [
        ("import ai_worker", "import ai_worker, auditor"),
        (
            "VIEWS = (briefs,)",
            'trail = View(name="trail", db_schema="operations", role=auditor,'
            ' body="select id, action from public.admin_audit_events", why="What was done.")\nVIEWS = (briefs, trail)',
        ),
    ],
    "lab/sql/access.py": [('"operations": ("oracle_operator",)', '"operations": ("oracle_operator", "auditor")')],
    PREMIUM: [
        ('"What the visitor left to come back to, if they added words.",', '"Words to come back to.", internal=True,'),
        ("""default="'scheduled'\"""", """default="'returned'\""""),
    ],
}


def test_rights_and_signatures_there_and_back(tmp_path: Path) -> None:
    folder = copy_project(tmp_path)
    edit(folder, RIGHTS)
    there = diff(folder, "add_auditor")
    assert there.returncode == 0, there.stdout + there.stderr
    text = (folder / "sql/migrations" / written(folder)[-1]).read_text()
    for statement in (
        "create role auditor nologin noinherit;",
        "grant usage on schema operations to auditor;",
        "create or replace view operations.trail",
        "revoke select on table public.echo_entries from authenticated cascade;",
        "grant select (reply) on table public.echo_entries to authenticated;",
        "alter table public.echo_entries alter column status set default 'returned'::text;",
        "drop function if exists public.claim_delivery_jobs(text, integer, integer, text[]);",
    ):
        assert statement in text
    edit(folder, {path: [(new, old) for old, new in edits] for path, edits in RIGHTS.items()})
    back = diff(folder, "drop_auditor")
    assert back.returncode == 1, back.stdout + back.stderr
    assert [line.split(":")[0].strip() for line in back.stdout.splitlines()[3:]] == ["Removed role auditor"]
    text = (folder / "sql/migrations" / written(folder)[-1]).read_text()
    for statement in (
        "revoke auditor from authenticator cascade;",
        "drop view if exists operations.trail;",
        "grant select on table public.echo_entries to authenticated;",
    ):
        assert statement in text


# what can't be done -> the exit code and what is said
FAILURES: dict[str, tuple[Edits, int, str]] = {
    "a body that Postgres refuses": (
        {"sql/functions/reap_delivery_leases.sql": [("declare", "declrae")]},
        2,
        "the database refused",
    ),
    "a function that a check stands on": (
        {
            "lab/rules/functions/questions.py": [('argument("details"', 'argument("told"')],
            "sql/functions/is_operational.sql": [("(details)", "(told)")] * 2,
        },
        1,
        "Postgres refuses it",
    ),
}


@pytest.mark.parametrize("name", FAILURES)
def test_nothing_is_left_behind_by_a_failure(tmp_path: Path, name: str) -> None:
    edits, code, said = FAILURES[name]
    folder = copy_project(tmp_path)
    edit(folder, edits)
    before = written(folder)
    told = diff(folder, "broken")
    assert told.returncode == code, told.stdout + told.stderr
    assert said in told.stdout + told.stderr
    assert "Traceback" not in told.stderr
    assert written(folder) == before
    assert left_behind(folder) == []


@pytest.fixture
def sides(each_server: EmbeddedPostgres, database: Databases) -> tuple[str, str]:
    """A database of the committed migrations, and one of the rules."""
    ours, new = database(each_server), database(each_server, "bare")
    apply_migrations(new.url, make_migrations())
    return ours.url, new.url


def test_the_committed_migrations_give_what_the_rules_give(sides: tuple[str, str]) -> None:
    ours, new = sides
    scope = find_scope(ours, new)
    assert [finding.key for finding in find_differences(ours, read_side(new, scope), scope)] == []


def test_the_smallest_difference_counts(sides: tuple[str, str]) -> None:
    """The test above can fail: a comment alone is a difference between two sides that are both ours."""
    ours, new = sides
    with psycopg.connect(ours) as connection:
        connection.execute("comment on column public.products.title is 'other'")
    scope = find_scope(ours, new)
    keys = [finding.key for finding in find_differences(ours, read_side(new, scope), scope)]
    assert keys == ["column:public.products.title:comment"]


def test_names_of_the_baseline_are_no_forward_ones() -> None:
    baseline = {migration.file_name for migration in make_migrations()}
    assert not baseline & set(forward_names())


@pytest.mark.parametrize(
    ("now", "version"),
    [("2030-01-02T03:04:05+00:00", "20300102030405"), ("2020-01-01T00:00:00+00:00", "20261122000108")],
    ids=["later", "a clock that is behind"],
)
def test_a_new_version_comes_last(now: str, version: str) -> None:
    assert next_version(datetime.fromisoformat(now), make_migrations()) == version
