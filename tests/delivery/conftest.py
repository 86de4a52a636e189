"""Fixtures of the deliveries' tests: a shop on a database of its own, with a mailbox and a renderer."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fixtures.servers import Database
from lab.database.embedded.server import EmbeddedPostgres
from lab.rules.schedule import recover_deliveries
from lab.services.documents import Renderer
from lab.services.mailbox import Mailbox, serve_mailbox
from lab.text.product_files import PROJECT
from tests.delivery.people import ADDRESS, SENDER, Shop, open_shop

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture(scope="session")
def renderer() -> Iterator[Renderer]:
    """A warm renderer."""
    with Renderer() as made:
        yield made


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """A mailbox of its own."""
    with serve_mailbox() as made:
        yield made


@pytest.fixture
def shop(
    server: EmbeddedPostgres, database: Callable[..., Database], mailbox: Mailbox, renderer: Renderer, tmp_path: Path
) -> Shop:
    """A shop with one person who allows e-mail."""
    return open_shop(database(server), mailbox, renderer, tmp_path / "files")


@pytest.fixture
def start(shop: Shop, tmp_path: Path) -> Iterator[Start]:
    """Start `lab worker` with deliveries; what still runs at the end is killed."""
    names = ("DATABASE", "STRIPE", "LAB_", "EMAIL", "SUPABASE", "NEXT_")
    known = {name: value for name, value in os.environ.items() if not name.startswith(names)} | {
        "DATABASE_URL": shop.database.api_url,
        "PERSISTENCE_LAB_HOME": str(tmp_path),
        "EMAIL_FROM": SENDER,
        "EMAIL_PROVIDER_URL": shop.mailbox.url,
        "NEXT_PUBLIC_SITE_URL": ADDRESS,
        "SUPABASE_SERVICE_ROLE_KEY": "sb_secret_made_up_for_tests_000",
    }
    started: list[subprocess.Popen[str]] = []

    def begin(*arguments: str, without: str = "", **others: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "lab", "worker", "--json", "--only", recover_deliveries.id, *arguments]
        variables = {name: value for name, value in (known | others).items() if name != without}
        started.append(
            subprocess.Popen(
                command, cwd=PROJECT, env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            )
        )
        return started[-1]

    yield begin
    for process in started:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        process.communicate()
