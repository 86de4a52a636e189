"""What the environment says about deliveries."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field

from lab.rules.env import email_from, email_provider_url, site_url, supabase_service_key
from lab.services.delivery.site import DeliverySite
from lab.services.documents import Renderer
from lab.services.files import Store
from lab.services.mail import open_provider

NEEDED = (email_from, email_provider_url, site_url, supabase_service_key)


@dataclass(frozen=True, kw_only=True)
class DeliverySettings:
    """The variables that deliveries need.

    Args:
        sender: EMAIL_FROM.
        provider_url: EMAIL_PROVIDER_URL.
        address: NEXT_PUBLIC_SITE_URL.
        secret: The key of the tokens in links, derived from SUPABASE_SERVICE_ROLE_KEY. Links that were sent stay valid
            after a new key, because their hashes are stored.
    """

    sender: str
    provider_url: str = field(repr=False)
    address: str
    secret: bytes = field(repr=False)

    def open_site(self, url: str, *, worker: str, environment: str, store: Store, renderer: Renderer) -> DeliverySite:
        """Return what deliveries work with; nothing is connected yet.

        Args:
            url: The database's URL.
            worker: The worker's name.
            environment: Name of the environment.
            store: Where the files are kept.
            renderer: Renders documents.

        Raises:
            ProviderUnknown: EMAIL_PROVIDER_URL has another form.
        """
        return DeliverySite(
            url=url,
            worker=worker,
            environment=environment,
            provider=open_provider(self.provider_url),
            renderer=renderer,
            store=store,
            sender=self.sender,
            address=self.address,
            secret=self.secret,
        )


def find_missing(variables: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names of the variables that deliveries need and that are not set."""
    return tuple(needed.id for needed in NEEDED if not variables.get(needed.id, "").strip())


def read_settings(variables: Mapping[str, str]) -> DeliverySettings:
    """Read the variables; each is set."""
    sender, provider_url, address, key = (variables[needed.id].strip() for needed in NEEDED)
    return DeliverySettings(sender=sender, provider_url=provider_url, address=address, secret=derive_secret(key))


def derive_secret(key: str) -> bytes:
    """Return the key of the tokens in links."""
    return hmac.new(key.encode(), b"tokens of delivery links", hashlib.sha256).digest()
