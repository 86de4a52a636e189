"""The demo's deliveries: a mailbox on this machine, and what its worker works with."""

import contextlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lab.database.connect import connect
from lab.services.acting import acting_as_server
from lab.services.delivery.site import DeliverySite
from lab.services.documents import Renderer
from lab.services.files import FolderStore
from lab.services.mail import open_provider
from lab.services.mailbox import Mailbox, serve_mailbox

ENVIRONMENT, SENDER = "demo", "Demo shop <oracle@shop.example>"


@dataclass(frozen=True, kw_only=True)
class Posting:
    """Where messages and files go.

    Args:
        mailbox: The mailbox.
        site: What the deliveries work with.
    """

    mailbox: Mailbox
    site: DeliverySite


@contextlib.contextmanager
def open_posting(database_url: str, address: str, worker: str, files: Path) -> Iterator[Posting]:
    """Serve a mailbox and a renderer until the block ends, and allow deliveries from this database.

    Args:
        database_url: A login that may act as the site's server.
        address: The shop's address, with which every link begins.
        worker: The worker's name.
        files: The folder of the files.
    """
    with connect(database_url) as connection, acting_as_server(connection):
        connection.execute("select public.open_environment(%s)", [ENVIRONMENT])
    with serve_mailbox() as mailbox, Renderer() as renderer:
        site = DeliverySite(
            url=database_url,
            worker=worker,
            environment=ENVIRONMENT,
            provider=open_provider(mailbox.url),
            renderer=renderer,
            store=FolderStore(files),
            sender=SENDER,
            address=address,
            secret=secrets.token_bytes(32),
        )
        yield Posting(mailbox=mailbox, site=site)
