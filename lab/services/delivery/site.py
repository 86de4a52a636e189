"""What deliveries work with: the database, the provider, the files, and the secret of the links."""

import hashlib
from dataclasses import dataclass, field
from functools import cache

from lab.rules import RULES
from lab.services.documents import Renderer
from lab.services.files import Store
from lab.services.mail import Provider


@dataclass(frozen=True, kw_only=True)
class DeliverySite:
    """What the jobs of a worker work with.

    Args:
        url: The database's URL; its login may act as the site's server. A pooler in transaction mode works.
        worker: The worker's name, such as host:4711.
        environment: Name of the environment, which an operator has opened for this database.
        provider: Who takes the messages.
        renderer: Renders documents, each in a child process with limits.
        store: Keeps the files.
        sender: EMAIL_FROM.
        address: NEXT_PUBLIC_SITE_URL; every link begins with it.
        secret: The key of the tokens in links; the same on every worker.
    """

    url: str = field(repr=False)
    worker: str
    environment: str
    provider: Provider
    renderer: Renderer
    store: Store
    sender: str
    address: str
    secret: bytes = field(repr=False)

    @property
    def rules_version(self) -> str:
        """Return the version of the rules, which each message keeps."""
        return read_rules_version()


@cache
def read_rules_version() -> str:
    """Return the first 12 digits of the SHA-256 of the rules."""
    return hashlib.sha256(RULES.model_dump_json().encode()).hexdigest()[:12]
