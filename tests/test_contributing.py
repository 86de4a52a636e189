"""The recipes of CONTRIBUTING.md, each followed in a copy of the project."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fixtures.servers import Database
from lab.database.connect import connect
from lab.database.embedded.server import EmbeddedPostgres
from lab.migrations.files import forward_names
from lab.text.product_files import PROJECT
from tests.forward.copies import UNCOMPILED
from tests.recipes import (
    CHANNEL,
    COUNTING,
    CRITERION,
    INVARIANT,
    JOB,
    LAYER,
    OFFER,
    OPEN,
    PAGE,
    PROMISE,
    SCHEDULED,
    STATEMENTS,
    TABLE,
    TRIALS,
    TRY,
)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of what the recipes touch, with what is compiled of it."""
    for name in ("lab", "sql", "pages"):
        shutil.copytree(PROJECT / name, tmp_path / name)
    return tmp_path


def append(path: Path, declaration: str, registry: str, name: str) -> None:
    """Write a declaration before a file's registry, and its name at the end of the registry."""
    text = path.read_text()
    head, tail = text.split(f"{registry} = (", 1)
    listed, rest = tail.split(")", 1)
    path.write_text(f"{head}{declaration}\n{registry} = ({listed.rstrip().rstrip(',')}, {name}){rest}")


def lab(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "lab", *arguments]
    environ = {**os.environ, **UNCOMPILED}
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)


def write_migration(folder: Path) -> None:
    """Write the change as CONTRIBUTING says: into the baseline, or once that is fixed, as a forward migration."""
    arguments = ["--diff", "follow_recipe"] if forward_names(folder / "sql/migrations") else ["--out", "sql/migrations"]
    told = lab(folder, "sql", *arguments)
    assert told.returncode == 0, told.stdout + told.stderr


def plan(folder: Path, *arguments: str) -> dict[str, Any]:
    told = lab(folder, "plan", "--json", *arguments)
    assert told.returncode in (0, 1), told.stderr
    made: dict[str, Any] = json.loads(told.stdout)
    return made


def test_add_a_layer(copy: Path) -> None:
    append(copy / "lab/rules/layers.py", LAYER, "LAYERS", "tarot")
    made = plan(copy, "--layer", "tarot", "--channel", "pdf")
    assert made["verdict"] == "ready"
    assert next(line["name"] for line in made["tables"]) == "public.oracle_scrolls"


def test_a_slip_names_the_law_it_breaks(copy: Path) -> None:
    slip = LAYER.replace("channels=(channels.pdf,)", "channels=()").replace('id="tarot"', 'id="scroll"')
    append(copy / "lab/rules/layers.py", slip, "LAYERS", "tarot")
    told = lab(copy, "plan", "--layer", "scroll")
    assert (told.returncode, told.stdout) == (2, "")
    assert told.stderr == (
        "error: layers: the id scroll is used more than once; rename one of them."
        " That breaks the law ids_are_unique: Ids are unique within each kind of rule. Correct it in lab/rules/.\n"
    )


def test_slips_are_told_together(copy: Path) -> None:
    append(copy / "lab/rules/layers.py", LAYER.replace('id="tarot"', 'id="scroll"'), "LAYERS", "tarot")
    append(copy / "lab/rules/jobs.py", JOB.replace('id="postcard"', 'id="pdf"'), "JOBS", "postcard")
    told = lab(copy, "check")
    assert told.returncode == 2
    slips = [line.split(";")[0] for line in told.stderr.splitlines() if line.startswith("error: ")]
    assert slips[:2] == [
        f"error: {what} is used more than once" for what in ("layers: the id scroll", "jobs: the id pdf")
    ]
    assert len(slips) == len(told.stderr.splitlines())


def test_a_slip_of_the_pen_is_no_finding(copy: Path) -> None:
    """What is no rule at all breaks no law: Python's own words say where it stands."""
    append(copy / "lab/rules/layers.py", LAYER.replace("oracle_scrolls", "no_such_table"), "LAYERS", "tarot")
    told = lab(copy, "plan", "--layer", "tarot")
    assert (told.returncode, told.stdout) == (2, "")
    assert "NameError: name 'no_such_table' is not defined" in told.stderr


def test_add_a_table(copy: Path, server: EmbeddedPostgres, database: Callable[..., Database]) -> None:
    readings = copy / "lab/rules/tables/readings.py"
    readings.write_text(readings.read_text() + TABLE)
    registry = copy / "lab/rules/tables/__init__.py"
    registry.write_text(
        registry.read_text()
        .replace("readings import ", "readings import tarot_spreads, ", 1)
        .replace("    oracle_scrolls,\n", "    oracle_scrolls,\n    tarot_spreads,\n", 1)
    )
    layers = copy / "lab/rules/layers.py"
    layers.write_text(
        layers.read_text().replace(
            "tables=(needs_table(oracle_scrolls,",
            'tables=(needs_table(tarot_spreads, "What was drawn."), needs_table(oracle_scrolls,',
            1,
        )
        .replace("readings import oracle_scrolls", "readings import oracle_scrolls, tarot_spreads")
    )  # fmt: skip
    privacy = copy / "lab/rules/tables/privacy.py"
    privacy.write_text(privacy.read_text().replace("HELD_TABLES = (\n", 'HELD_TABLES = (\n    "tarot_spreads",\n', 1))
    assert "public.tarot_spreads" in [line["name"] for line in plan(copy, "--layer", "scroll")["tables"]]
    write_migration(copy)
    made = database(server, "bare")
    told = lab(copy, "migrate", "--apply", "--database-url", made.url)
    assert told.returncode == 0, told.stderr
    with connect(made.url, read_only=True) as connection:
        row = connection.execute(
            "select relrowsecurity and relforcerowsecurity, has_table_privilege('anon', oid, 'select'),"
            " has_table_privilege('service_role', oid, 'insert') from pg_class where relname = 'tarot_spreads'"
        ).fetchone()
    assert row == (True, False, True)


def test_add_a_channel(copy: Path, server: EmbeddedPostgres, database: Callable[..., Database]) -> None:
    append(copy / "lab/rules/jobs.py", JOB, "JOBS", "postcard")
    append(copy / "lab/rules/channels.py", CHANNEL, "CHANNELS", "postcard")
    layers = copy / "lab/rules/layers.py"
    layers.write_text(layers.read_text().replace("channels.print_view,", "channels.print_view, channels.postcard,", 1))
    made = plan(copy, "--layer", "scroll", "--channel", "postcard")
    assert [line["name"] for line in made["jobs"]] == ["postcard"]
    assert plan(copy, "--layer", "shop", "--channel", "postcard")["verdict"] == "not offered"
    write_migration(copy)
    fresh = database(server, "bare")
    assert lab(copy, "migrate", "--apply", "--database-url", fresh.url).returncode == 0
    with connect(fresh.url, read_only=True) as connection:
        row = connection.execute("select wall.job_purposes('postcard', 'account')").fetchone()
    assert row == ([],)


ENTRY = """SPREADS = PageEntry(title="Spreads", icon=":material/cards:", help="What is drawn?")

SECTIONS = """


def test_add_a_page(copy: Path) -> None:
    shutil.copy(PROJECT / "app.py", copy)
    (copy / "pages/spreads.py").write_text(PAGE)
    navigation = copy / "lab/ui/navigation.py"
    text = navigation.read_text().replace("SECTIONS = ", ENTRY, 1)
    navigation.write_text(text.replace("(LAB, ", "(LAB, SPREADS, ", 1))
    nowhere = {**os.environ, "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}
    command = [sys.executable, "-c", OPEN]
    told = subprocess.run(command, cwd=copy, env=nowhere, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    assert told.stdout.strip() == "['Spreads'] ['Lab', 'Spreads', 'Tour', 'Schema']"


QUESTION = """-- Counts products without any link to a price.
select count(*)
  from public.products p
 where not exists (select from public.purchase_links l where l.product_id = p.id)
"""

PRODUCT = """insert into public.products (id, layer, stripe_product_id, title, livemode)
values (gen_random_uuid(), 'artifacts', 'prod_1', 'Artifacts', true)"""


def test_add_an_invariant(copy: Path, server: EmbeddedPostgres, database: Callable[..., Database]) -> None:
    money = copy / "lab/rules/invariants/money.py"
    money.write_text(
        money.read_text().replace("import purchase_links", "import products, purchase_links", 1) + INVARIANT
    )
    listed = copy / "lab/rules/invariants/__init__.py"
    listed.write_text(
        listed.read_text()
        .replace("    paid_not_unlocked,\n", "    paid_not_unlocked,\n    products_without_price,\n", 1)
        .replace("    *ORPHANS,\n", "    products_without_price,\n    *ORPHANS,\n", 1)
    )
    (copy / "sql/questions/products_without_price.sql").write_text(QUESTION)
    made = database(server)
    assert "products_without_price" in list_checked(copy, "data", "--database-url", made.url)
    with connect(made.admin_url) as connection:
        connection.execute(PRODUCT)
        connection.commit()
    told = check(copy, "data", "--database-url", made.url)
    assert [finding["key"] for finding in told["findings"]] == ["products_without_price:public.products"]


def check(folder: Path, family: str, *arguments: str) -> dict[str, Any]:
    told = lab(folder, "check", "--family", family, "--no-history", "--json", *arguments)
    assert told.returncode in (0, 1), told.stderr
    report: dict[str, Any] = json.loads(told.stdout)
    return report


def list_checked(folder: Path, family: str, *arguments: str) -> list[str]:
    report = check(folder, family, *arguments)
    assert report["findings"] == []
    return [rule for part in report["families"] if part["id"] == family for rule in part["checked"]]


LOOK = """    if values.get("DEBUG"):
        parts.append(make_finding(debug_left, "DEBUG", "set"))
    return gather(parts)
"""


def test_add_a_criterion(copy: Path) -> None:
    append(copy / "lab/rules/criteria/environment.py", CRITERION, "CRITERIA", "debug_left")
    looking = copy / "lab/checks/environment/check.py"
    text = looking.read_text().replace("    return gather(parts)\n", LOOK, 1)
    looking.write_text(text.replace("    example_left,\n", "    debug_left,\n    example_left,\n", 1))
    for line, found in (("DEBUG=1", True), ("DEBUG=", False)):
        (copy / "site.env").write_text(f"{line}\n")
        told = check(copy, "environment", "--env-file", "site.env")
        assert ("env_debug:DEBUG" in [finding["key"] for finding in told["findings"]]) is found


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("select", "held 2 tries, all refused"),
        ("grant insert on public.products to anon; alter table public.products disable row level security",
         "broken Visitor, insert on products: was let through"),
    ],
    ids=["sound", "open"],
)  # fmt: skip
def test_add_a_promise(
    change: str, told: str, copy: Path, server: EmbeddedPostgres, database: Callable[..., Database]
) -> None:
    append(copy / "lab/rules/promises.py", PROMISE, "PROMISES", "products_are_the_shops")
    (copy / "sql/probes/promises/products_are_the_shops.sql").write_text(STATEMENTS)
    trials = copy / "lab/checks/probes/promise_trials.py"
    trials.write_text(trials.read_text().replace("\n)\n# fmt: on", TRIALS, 1))
    made = database(server)
    with connect(made.admin_url) as connection:
        connection.execute(change.encode())
        connection.commit()
    seen = subprocess.run([sys.executable, "-c", TRY, made.url], cwd=copy, capture_output=True, text=True, check=False)
    assert seen.stdout.strip() == told, seen.stderr


@pytest.mark.parametrize(
    ("slip", "said"),
    [("", ""), ('"Gift"', "offer gift: products.title does not allow Prophecy. That breaks the law offers_fit_their")],
    ids=["right", "slip"],
)
def test_add_an_offer(copy: Path, slip: str, said: str) -> None:
    append(copy / "lab/rules/offers.py", OFFER.replace(slip, '"Prophecy"') if slip else OFFER, "OFFERS", "gift")
    told = lab(copy, "rules", "--json")
    assert (told.returncode == 0, said in told.stderr) == (not slip, True)
    assert slip or [offer["id"] for offer in json.loads(told.stdout)["offers"]][-1] == "gift"


def test_add_a_scheduled_task(copy: Path, server: EmbeddedPostgres, database: Callable[..., Database]) -> None:
    append(copy / "lab/rules/schedule.py", SCHEDULED, "SCHEDULE", "count_scrolls")
    tasks = copy / "lab/services/worker/tasks.py"
    tasks.write_text(tasks.read_text().replace("TASKS: dict[str, Callable[[Work], str]] = {\n", COUNTING, 1))
    write_migration(copy)
    fresh = database(server, "bare")
    assert lab(copy, "migrate", "--apply", "--database-url", fresh.url).returncode == 0
    work = ("worker", "--once", "--only", "count_scrolls", "--database-url", fresh.url)
    assert lab(copy, *work).stdout == "count_scrolls: done, 0 scrolls\n"
    assert lab(copy, *work).stdout == "Nothing was due.\n"


def test_recipes_have_four_lines() -> None:
    text = (PROJECT / "CONTRIBUTING.md").read_text()
    kinds = (
        "a layer",
        "a table",
        "a channel",
        "a what-if",
        "a scheduled task",
        "an offer",
        "a page",
        "a family of checks",
        "an invariant",
        "a criterion",
        "a promise",
    )
    for kind in kinds:
        recipe = text.split(f"## Add {kind}\n")[1].split("##")[0]
        assert [line[0] for line in recipe.strip().splitlines() if line[0] != " "] == ["1", "2", "3", "4"]
