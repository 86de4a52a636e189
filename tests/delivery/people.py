"""A person who has bought a reading, and what is queued for them, each step committed."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from fixtures.servers import Database
from lab.services.delivery.claims import ClaimedJob, claim_jobs
from lab.services.delivery.drain import CHANNELS
from lab.services.delivery.handle import Handled, handle_job
from lab.services.delivery.site import DeliverySite
from lab.services.documents import Renderer
from lab.services.files import FolderStore
from lab.services.mail import Provider, open_provider
from lab.services.mailbox import Mailbox
from tests.wall.actors import SERVICE
from tests.wall.scenes import Scene
from tests.wall.seeds import World, begin_world, enqueue, give

HERE, ADDRESS, SENDER = "tests", "https://oracle.example.test", "Oracle <notices@oracle.example.test>"
SECRET = b"a key of the tests alone, 32 bytes"


@dataclass(frozen=True, kw_only=True)
class Shop:
    """A database of its own with one person who allows e-mail, and what a worker needs."""

    database: Database
    world: World
    site: DeliverySite
    mailbox: Mailbox
    folder: Path

    @contextlib.contextmanager
    def committing(self) -> Iterator[Scene]:
        """Act, and commit it."""
        with psycopg.connect(self.database.admin_url, prepare_threshold=None) as connection:
            yield Scene(connection)

    def queue(self, channel: str) -> list[int]:
        """Queue a delivery; the numbers of its jobs."""
        with self.committing() as scene:
            return enqueue(scene, self.world, channel)

    def run(self, *, site: DeliverySite | None = None, most: int = 10) -> list[Handled]:
        """Claim what is due, and handle it."""
        with self.connect() as connection:
            jobs = self.claim(connection, most)
            return [handle_job(site or self.site, connection, job, print) for job in jobs]

    def connect(self) -> psycopg.Connection[Any]:
        """Connect as a worker does."""
        return psycopg.connect(self.database.url, autocommit=True, prepare_threshold=None)

    def claim(self, connection: psycopg.Connection[Any], most: int = 10) -> list[ClaimedJob]:
        """Claim what is due."""
        return claim_jobs(connection, "tests:1", most, 30, CHANNELS)

    def read(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Return rows as the superuser sees them."""
        with self.committing() as scene:
            return scene.connection.execute(query.encode(), values).fetchall()

    def change(self, statement: str, *values: object) -> int:
        """Change rows as the superuser; how many."""
        with self.committing() as scene:
            return scene.connection.execute(statement.encode(), values).rowcount

    def states(self) -> list[tuple[str, str, str]]:
        """Return channel, leg and state of every job, in order."""
        return self.read("select channel, leg, status from public.delivery_jobs order by id")

    def be_due(self) -> None:
        """Let what is planned be due now."""
        due = "update public.delivery_jobs set next_run_at = now() - interval '1 second' where status = 'pending'"
        self.change(due)


def open_shop(database: Database, mailbox: Mailbox, renderer: Renderer, folder: Path) -> Shop:
    """Make the person, open the environment, and give a worker what it needs."""
    with psycopg.connect(database.admin_url, prepare_threshold=None) as connection:
        scene = Scene(connection)
        world = begin_world(scene)
        give(scene, world.subject, "email_delivery")
        scene.value(SERVICE, "select public.open_environment(%s)", HERE)
    site = make_site(database, open_provider(mailbox.url), renderer, folder)
    return Shop(database=database, world=world, site=site, mailbox=mailbox, folder=folder)


def make_site(database: Database, provider: Provider, renderer: Renderer, folder: Path) -> DeliverySite:
    """Return what deliveries of the tests work with."""
    return DeliverySite(
        url=database.url,
        worker="tests:1",
        environment=HERE,
        provider=provider,
        renderer=renderer,
        store=FolderStore(folder),
        sender=SENDER,
        address=ADDRESS,
        secret=SECRET,
    )
