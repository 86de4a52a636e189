"""Every command in a block of the documents is run, or a reason says why not.

The tour of the README is run by `test_documents.py`. The others run one by one on a shop with a sale, a review,
parked and uncertain deliveries and an anchored ledger, in a folder of their own; a name in capitals is replaced with a
real one.
"""

import dataclasses
import re
import shlex
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from fixtures.servers import Database, keep_clones
from lab.database.embedded.server import EmbeddedPostgres
from lab.rules.env import stripe_secret_key
from lab.rules.functions.queue import retry_delivery_job
from lab.rules.functions.sending import decide_send
from lab.sql.reference.examples.support import SUPPORT
from lab.sql.reference.sample import fill, list_statements
from lab.text.product_files import PROJECT
from tests.billing.shops import Shop, open_shop
from tests.billing.test_operators import review_of_a_locked_purchase

Run = Callable[..., tuple[int, str, str]]
PAGES = (PROJECT / "README.md", PROJECT / "CONTRIBUTING.md", *sorted((PROJECT / "docs").glob("*.md")))
TOUR = (PROJECT / "README.md").read_text().split("## A tour of five minutes")[1].split("\n## ")[0]

# Each command with the exit code that it has on the shop below.
RUN = {
    "python -m lab anchor --file ledgers.anchors --key anchor.key --new-key --name shop.example/ledgers": 0,
    "python -m lab anchor verify ledgers.anchors --vkey KEY": 0,
    "python -m lab check --anchor ledgers.anchors --vkey KEY": 0,
    "python -m lab chapters --anchor ledgers.anchors --vkey KEY": 1,  # no restore drill is recorded
    "python -m lab check --database-url-file ~/.staging-url": 0,
    "python -m lab deliveries": 1,
    "python -m lab deliveries --metrics": 1,
    "python -m lab deliveries retry JOB --reason cause_solved --apply": 0,
    "python -m lab deliveries arrived JOB --apply": 0,
    "python -m lab deliveries stop gift --apply": 0,
    "python -m lab deliveries open production --apply": 0,
    "python -m lab deliveries bounces FILE --apply": 0,
    "python -m lab verify message.eml --anchors ledgers.anchors": 1,  # this one has not left
    "python -m lab worker --once": 0,
    "python -m lab worker --once --only seal_ledgers": 0,
    "python -m lab stripe process": 0,
    "python -m lab stripe reconcile": 0,
    "python -m lab stripe reconcile --days 7 --apply": 0,
    "python -m lab payments": 1,
    "python -m lab payments purchases": 0,
    "python -m lab payments unlock REVIEW --apply": 0,
    "python -m lab payments replay evt_1 --apply": 0,
    "python -m lab payments settle cs_1 --apply": 0,
    "python -m lab migrate --apply": 0,
    "pass show shop/staging-url | python -m lab migrate --database-url-file -": 0,
}

INSTALLS = "it installs the requirements, which takes minutes; .ci/run does it"
REFUSED = {
    "python3 -m venv .venv && .venv/bin/pip install -r requirements.txt && .venv/bin/streamlit run app.py": INSTALLS,
    "python3 -m venv .venv && .venv/bin/pip install -r requirements-dev.txt && .venv/bin/python -m pytest": INSTALLS,
    "uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url"
    " pyproject.toml -o requirements.txt": "it asks a package index; tests/test_requirements.py compares its result",
    "uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --group dev"
    " -c requirements.txt pyproject.toml -o requirements-dev.txt": "it asks a package index; tests/test_requirements.py"
    " compares its result",
    "python -m lab anchor --file ledgers.anchors --key anchor.key --every 60": "it runs until a signal;"
    " tests/anchors/test_commands.py runs the service",
    "python -m lab worker": "it runs until a signal; tests/billing/test_worker.py runs the service",
    "python -m lab demo --shop": "it runs until a signal; tests/billing/test_demo_shop.py starts and ends it",
    "streamlit run app.py": "it runs until a signal; tests/ui/test_browser.py opens its pages",
    "uvicorn --factory lab.services.delivery.health:make_app": "it runs until a signal;"
    " tests/delivery/test_health.py asks it",
    "uvicorn --factory lab.services.billing.asgi:make_app --port 8000": "it runs until a signal;"
    " tests/billing/test_receiver.py sends to it",
    'python -m lab rehearse --play "blind mail_lost@send/receipt.email/1/after"': "it takes six seconds;"
    " tests/test_documents.py runs it in the tour",
    "python -m lab rehearse --order 4711": "the order is made up; tests/rehearsal/test_orders.py runs it on a real one",
    'python -m lab rehearse --outage "mail provider gone for 40 minutes" --orders-an-hour 60': "it takes ten seconds;"
    " tests/rehearsal/test_outage_forecasts.py runs a shorter one",
    'python -m lab rehearse --play "race delivered_twice blind 0011"': "it starts a server of its own;"
    " tests/rehearsal/test_races.py plays races",
    "python -m lab rehearse": "it takes minutes; tests/rehearsal/test_command.py runs a part of it",
    "python -m lab rehearse --whole": "it takes minutes; tests/rehearsal/test_command.py runs a part of it",
    "python -m lab rehearse --whole --races --bugs": "the same; tests/rehearsal/test_races.py runs a part of it",
    'cp sql/migrations/*.sql supabase/migrations/ && supabase db push --remote="$DATABASE_URL"': "it needs the Supabase"
    " command line; tests/test_supabase_cli.py pushes the same files with it",
    'supabase db push --db-url "$DATABASE_URL"': "version 2 is not installed beside version 3;"
    " tests/test_supabase_cli.py pushes with version 3",
}


def list_commands() -> Iterator[tuple[str, str]]:
    """Yield the page and each command of its shell blocks, without comments; the tour's are left out."""
    for path in PAGES:
        text = path.read_text().replace(TOUR, "")
        for block in re.findall(r"```sh\n(.*?)```", text, flags=re.DOTALL):
            for line in block.replace("\\\n", " ").splitlines():
                if command := re.sub(r"(?:^|\s+)#.*$", "", line).strip():
                    yield path.relative_to(PROJECT).as_posix(), command


COMMANDS = [*list_commands()]


@dataclasses.dataclass
class Ground:
    """A shop, what its documents name in capitals, and a folder with its anchors and their key."""

    shop: Shop
    folder: Path
    names: dict[str, str] = dataclasses.field(default_factory=dict)
    vkey: str = ""


@pytest.fixture(scope="module")
def ground(server: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with keep_clones() as give, open_shop(give(server)) as shop:
        made = Ground(shop, tmp_path_factory.mktemp("ground"))
        add_deliveries(made)
        order = review_of_a_locked_purchase(shop)
        _, session = shop.buy()
        shop.receive()
        shop.process()
        made.names["cs_1"] = session
        made.names["evt_1"] = str(ask(shop.database, "select min(id) from public.stripe_events"))
        find_review = f"select id from public.payment_reviews where purchase_id = '{order}' and status = 'open'"
        made.names["REVIEW"] = str(ask(shop.database, find_review))
        yield made


def ask(database: Database, statement: str) -> object:
    """Return the first value that the database's owner reads."""
    with psycopg.connect(database.admin_url) as connection:
        row = connection.execute(statement.encode()).fetchone()
    assert row
    return row[0]


def add_deliveries(made: Ground) -> None:
    """Add the people of the reference with a parked delivery and one without an answer."""
    before = {one.function.id: one.before for one in SUPPORT.examples}
    statements = [*list_statements(), *map(fill, before[decide_send.id]), *map(fill, before[retry_delivery_job.id])]
    with psycopg.connect(made.shop.database.admin_url) as connection:
        for statement in statements:
            connection.execute(statement.encode())
    find = "select id from public.delivery_jobs where channel = '{}' and status = '{}'"
    made.names["retry JOB"] = f"retry {ask(made.shop.database, find.format('pdf', 'parked'))}"
    made.names["arrived JOB"] = f"arrived {ask(made.shop.database, find.format('email', 'dead'))}"


@pytest.fixture
def folder(ground: Ground, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the files that the commands name, in which they run."""
    if not ground.vkey:
        names = [ground.folder / name for name in ("ledgers.anchors", "anchor.key")]
        files = ("--file", names[0], "--key", names[1], "--new-key")
        _, _, said = run("anchor", *files, "--database-url", ground.shop.database.url)
        ground.vkey = said.partition("verifier key: ")[2].split("\n")[0]
    place = tmp_path / "place"
    shutil.copytree(ground.folder, place)
    (place / "message.eml").write_bytes(b"From: a@shop.example\r\n\r\nA message.\r\n")
    (place / "FILE").write_bytes(b"From: b@shop.example\r\nSubject: no report\r\n\r\nText.\r\n")
    (place / ".staging-url").write_text(ground.shop.database.url)
    (place / ".staging-url").chmod(0o600)
    monkeypatch.chdir(place)
    monkeypatch.setenv("HOME", str(place))
    monkeypatch.setenv("LAB_ANCHOR_VKEY", ground.vkey)
    monkeypatch.setenv(stripe_secret_key.id, ground.shop.local.key)
    return place


def test_every_command_is_run_or_refused_with_a_reason() -> None:
    found = {command for _, command in COMMANDS}
    assert sorted(found - set(RUN) - set(REFUSED)) == []
    assert sorted((set(RUN) | set(REFUSED)) - found) == []
    assert set(RUN) & set(REFUSED) == set()


@pytest.mark.parametrize(("command", "expected"), RUN.items(), ids=[*RUN])
def test_a_documented_command_runs(
    ground: Ground, folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch, command: str, expected: int
) -> None:
    piped, _, words = fill_in(command, ground, folder).rpartition("python -m lab ")
    arguments = shlex.split(words)
    if piped:
        monkeypatch.setattr("sys.stdin", (folder / ".staging-url").open())
    else:
        monkeypatch.setenv("DATABASE_URL", ground.shop.database.url)
    if "--new-key" in arguments:
        for path in folder.glob("*anchor*"):
            path.unlink()
    if arguments[0] in ("stripe", "worker") or "settle" in arguments:
        arguments += ["--api-base", ground.shop.local.url]
    code, out, error = run(*arguments)
    assert code == expected, out + error
    assert "Traceback" not in error


def fill_in(command: str, ground: Ground, folder: Path) -> str:
    """Return a command with the names of the ground in the place of those in capitals."""
    command = command.replace("~/", f"{folder}/")
    for name, real in {**ground.names, "KEY": ground.vkey}.items():
        command = re.sub(rf"(?<!\w){name}(?!\w)", real, command)
    return command


@pytest.mark.parametrize("command", REFUSED)
def test_a_command_that_is_not_run_has_a_reason(command: str) -> None:
    """The reason is printed; a test that it names exists."""
    reason = REFUSED[command]
    named = re.findall(r"(?:tests/|\.ci/)[\w/]+(?:\.py)?", reason)
    assert named
    assert all((PROJECT / name).exists() for name in named)
    print(f"not run: {command}: {reason}")


NAMED = re.compile(r"`python -m ((?:tests|benchmarks|fixtures)[\w.]*)")
INLINE = sorted({name for path in PAGES for name in NAMED.findall(path.read_text())})


@pytest.mark.parametrize("module", INLINE)
def test_every_module_that_is_named_can_be_run(module: str) -> None:
    path = PROJECT / module.replace(".", "/")
    assert path.with_suffix(".py").exists() or (path / "__main__.py").exists()
