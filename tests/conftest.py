"""Fixtures that every test may use: real servers, a database of one's own, people."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import stripe
from hypothesis import HealthCheck, settings

from fixtures import servers
from fixtures.servers import Database, NoServer, People
from lab.cli import main
from lab.database.embedded.programs import MAJORS
from lab.database.embedded.server import EmbeddedPostgres
from tests import sample, schedule
from tests.browser import browser

__all__ = ["browser"]  # a fixture

DEFAULT_MAJOR = 18
_RUN = pytest.StashKey[int]()

# A busy machine fails no test: an example may take its time.
settings.register_profile("lab", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("lab")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(sample.OPTION, action="store_true", help="run every repetition, not a sample of the long ones")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put long units first, and leave out what a sample does without; a test that is named by its id always runs."""
    schedule.put_long_first(items)
    if config.getoption(sample.OPTION) or any("::" in argument for argument in config.args):
        return
    left = sample.leave_out(items, sample.find_start())
    config.hook.pytest_deselected(items=list(left))
    items[:] = [item for item in items if item not in left]


def pytest_xdist_auto_num_workers() -> int | None:
    """Start three workers for two cores: a test often waits for a server, a browser or a time limit."""
    return None if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ else schedule.count_workers(os.cpu_count() or 1)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give each worker a unit at a time."""
    return schedule.make_scheduler(config, log)


@pytest.hookimpl(tryfirst=True)  # before pytest chooses the folder of `tmp_path`
def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "sample(every, oldest, between): run one case in so many; see tests/sample.py")
    # Each test that starts a program would otherwise compile all of it anew, and each worker all tests.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    if not hasattr(config, "workerinput"):
        config.stash[_RUN] = servers.open_run()
        if config.option.basetemp is None and servers.has_room_for_files():
            config.option.basetemp = str(servers.run_folder() / "files")  # removed at the end; --basetemp keeps them


def pytest_unconfigure(config: pytest.Config) -> None:
    if _RUN in config.stash:
        for held in list(_STARTED.values()):
            held.stop()
        servers.close_run(config.stash[_RUN])
        os.environ.pop(servers.RUN_NAME, None)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which majors were not tested, and why, and that a sample ran: a quiet run would not."""
    skipped = terminalreporter.stats.get("skipped", [])
    reasons = {str(report.longrepr[2]) for report in skipped if isinstance(report.longrepr, tuple)}
    for reason in sorted(reasons):
        terminalreporter.write_line(reason)
    if not terminalreporter.config.getoption(sample.OPTION):
        terminalreporter.write_line(sample.make_note())


_STARTED: dict[int, EmbeddedPostgres] = {}


def _server(major: int) -> EmbeddedPostgres:
    try:
        _STARTED[major] = servers.start_server(major)
    except NoServer as reason:
        pytest.skip(str(reason))
    return _STARTED[major]


@pytest.fixture(scope="session")
def server() -> EmbeddedPostgres:
    """A server of the default major."""
    return _server(DEFAULT_MAJOR)


@pytest.fixture(scope="session")
def server_with_ssl() -> EmbeddedPostgres:
    """A server that is built with SSL, which the packaged ones are not."""
    return _server(17)


@pytest.fixture(scope="session", params=MAJORS, ids=lambda major: f"pg{major}")
def each_server(request: pytest.FixtureRequest) -> EmbeddedPostgres:
    """One server after the other, of every major there is."""
    return _server(request.param)


@pytest.fixture
def database() -> Iterator[Callable[..., Database]]:
    """Make databases: `database(server, "bare")`; see `servers.TEMPLATES`. Dropped after the test."""
    made: list[Database] = []

    def make(server: EmbeddedPostgres, template: str = "migrated") -> Database:
        made.append(servers.clone_database(server, template))
        return made[-1]

    yield make
    for one in made:
        servers.drop_database(one)


@pytest.fixture(scope="session")
def shared_database() -> Iterator[Callable[..., Database]]:
    """Give databases like `database`, but one for all tests of a worker that roll back what they do."""
    with servers.keep_clones() as give:
        yield give


@pytest.fixture(scope="session", autouse=True)
def brief_retries() -> Iterator[None]:
    """Let Stripe's client wait 0.02 s before it tries again; otherwise it waits 0.5 s and longer."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stripe.HTTPClient, "INITIAL_DELAY", 0.02)
        patch.setattr(stripe.HTTPClient, "MAX_DELAY", 0.05)
        yield


@pytest.fixture
def people() -> Callable[[Database], People]:
    """Add people to a database: `people(database)`."""
    return lambda database: servers.make_people(database.url)


@pytest.fixture
def run(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., tuple[int, str, str]]:
    """Run a command in this process with a history of its own; return its exit code, output and errors."""
    monkeypatch.setenv("PERSISTENCE_LAB_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("DATABASE_URL", raising=False)

    def run_command(*arguments: str | Path) -> tuple[int, str, str]:
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as left:
            code = int(left.code or 0)
        told = capsys.readouterr()
        return code, told.out, told.err

    return run_command
